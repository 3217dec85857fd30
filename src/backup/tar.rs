//! The headers of a tar archive in POSIX's format "ustar": regular files of one owner. Knows no content.

/// The unit of an archive: a header is one block, and content is filled up to whole blocks.
pub(super) const BLOCK: usize = 512;
/// The end of an archive: two empty blocks.
pub(super) const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// The place of each field that is not empty, and its bytes where they are the same for every member.
const NAME: std::ops::Range<usize> = 0..100;
const MODE: (usize, &[u8]) = (100, b"0000600\0");
const OWNER: (usize, &[u8]) = (108, b"0000000\0");
const GROUP: (usize, &[u8]) = (116, b"0000000\0");
const SIZE: std::ops::Range<usize> = 124..136;
const TIME: std::ops::Range<usize> = 136..148;
const SUM: std::ops::Range<usize> = 148..156;
const REGULAR_FILE: (usize, &[u8]) = (156, b"0");
const MAGIC: (usize, &[u8]) = (257, b"ustar\x0000");

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) name: String,
    /// In bytes.
    pub(super) size: u64,
    /// In seconds since 1970.
    pub(super) time: u64,
}

impl Member {
    /// The header, unless the name is longer than 100 bytes, or the size more than 8 GiB.
    pub(super) fn header(&self) -> Option<[u8; BLOCK]> {
        let mut block = [0; BLOCK];
        block.get_mut(NAME)?.get_mut(..self.name.len())?.copy_from_slice(self.name.as_bytes());
        for (place, bytes) in [MODE, OWNER, GROUP, REGULAR_FILE, MAGIC] {
            block[place..place + bytes.len()].copy_from_slice(bytes);
        }
        for (place, number) in [(SIZE, self.size), (TIME, self.time)] {
            let octal = format!("{number:011o}\0");
            if octal.len() != place.len() {
                return None;
            }
            block[place].copy_from_slice(octal.as_bytes());
        }
        // The sum counts its own field as spaces.
        block[SUM].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[SUM].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        Some(block)
    }

    /// Reads a header. `None` unless each byte is as [`Member::header`] writes it.
    pub(super) fn parse(block: &[u8; BLOCK]) -> Option<Self> {
        let octal = |place| {
            let text = std::str::from_utf8(block.get::<std::ops::Range<usize>>(place)?).ok()?;
            u64::from_str_radix(text.strip_suffix('\0')?, 8).ok()
        };
        let name = block[NAME].split(|byte| *byte == 0).next()?;
        let name = std::str::from_utf8(name).ok()?.to_owned();
        let member = Self { name, size: octal(SIZE)?, time: octal(TIME)? };
        (member.header().as_ref() == Some(block)).then_some(member)
    }

    /// How many bytes fill the content up to a whole block.
    pub(super) fn padding(&self) -> usize {
        let used = usize::try_from(self.size % BLOCK as u64).unwrap_or_default();
        (BLOCK - used) % BLOCK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_says_what_it_was_made_of_and_a_changed_byte_makes_it_none() {
        let member = Member { name: "tables/script/000000.copy.zst".into(), size: 513, time: 8 };
        let header = member.header().unwrap();
        assert_eq!(Member::parse(&header), Some(member.clone()));
        assert_eq!((member.padding(), Member { size: 512, ..member.clone() }.padding()), (511, 0));
        for place in 0..BLOCK {
            let mut other = header;
            other[place] ^= 1;
            assert_ne!(Member::parse(&other), Some(member.clone()), "{place}");
        }
    }

    #[test]
    fn a_name_or_a_size_without_room_has_no_header() {
        let member = |name: usize, size| Member { name: "a".repeat(name), size, time: 0 };
        assert!(member(100, 0o77_777_777_777).header().is_some());
        assert!(member(101, 0).header().is_none());
        assert!(member(1, 0o100_000_000_000).header().is_none());
    }
}
