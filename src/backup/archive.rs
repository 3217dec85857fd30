//! The archive of a backup: writes its members one after the other, and reads them back with each byte
//! checked. Knows no database.

use std::io::{self, ErrorKind, Read, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest::{Context, SHA256};

use super::contents::{
    HEADER, Header, MANIFEST, Manifest, TableSum, hexadecimal, sealed, unsealed,
};
use super::tar::{BLOCK, END, Member};

/// Writes an archive.
pub(super) struct Writer<W> {
    out: W,
    digest: Context,
    time: u64,
}

/// Why an archive cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("cannot be read: {0}")]
    Read(#[from] io::Error),
    #[error("is not a backup of Runstate, or its beginning is damaged")]
    Unknown,
    #[error("is damaged: {0}")]
    Damaged(String),
    #[error("is not complete: the backup was interrupted, or the file was cut off")]
    Incomplete,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(out: W) -> Self {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Self { out, digest: Context::new(&SHA256), time }
    }

    /// Appends the first member.
    pub(super) fn header(&mut self, header: &Header) -> io::Result<()> {
        self.member(HEADER, &sealed(header)?)
    }

    /// Appends a member.
    pub(super) fn member(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        let member = Member { name: name.into(), size: content.len() as u64, time: self.time };
        let header = member.header().ok_or(ErrorKind::InvalidFilename)?;
        let padding = &END[..member.padding()];
        for bytes in [&header[..], content, padding] {
            self.digest.update(bytes);
            self.out.write_all(bytes)?;
        }
        Ok(())
    }

    /// Appends the last member and the end of the archive.
    pub(super) fn finish(mut self, tables: Vec<TableSum>) -> io::Result<(W, Manifest)> {
        let sha256 = hexadecimal(self.digest.clone().finish().as_ref());
        let manifest = Manifest { tables, sha256 };
        self.member(MANIFEST, &sealed(&manifest)?)?;
        self.out.write_all(&END)?;
        Ok((self.out, manifest))
    }
}

/// Reads an archive.
pub(super) struct Reader<R> {
    input: R,
    digest: Context,
    manifest: Option<Manifest>,
}

impl<R: Read> Reader<R> {
    /// Reads the first member.
    pub(super) fn open(input: R) -> Result<(Self, Header), ArchiveError> {
        let mut reader = Self { input, digest: Context::new(&SHA256), manifest: None };
        let mut block = [0; BLOCK];
        let member = match reader.input.read_exact(&mut block) {
            Ok(()) => Member::parse(&block).filter(|member| member.name == HEADER),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => None,
            Err(error) => return Err(error.into()),
        };
        let member = member.ok_or(ArchiveError::Unknown)?;
        reader.digest.update(&block);
        let content = reader.content(&member)?;
        let header = unsealed(&content).ok_or_else(|| damaged(&member))?;
        Ok((reader, header))
    }

    /// The next member with its content. `None` after the manifest and the end of the archive, when
    /// every byte has been checked.
    pub(super) fn next(&mut self) -> Result<Option<(String, Vec<u8>)>, ArchiveError> {
        let mut block = [0; BLOCK];
        self.exact(&mut block)?;
        let member = Member::parse(&block);
        let member = member.ok_or_else(|| ArchiveError::Damaged("the name of a member".into()))?;
        if member.name != MANIFEST {
            self.digest.update(&block);
            let content = self.content(&member)?;
            return Ok(Some((member.name, content)));
        }
        let sha256 = hexadecimal(self.digest.clone().finish().as_ref());
        let content = self.content(&member)?;
        let manifest: Manifest = unsealed(&content).ok_or_else(|| damaged(&member))?;
        let mut end = [0; END.len()];
        self.exact(&mut end)?;
        let rest = self.input.read(&mut block)?;
        if end != END || rest > 0 {
            return Err(ArchiveError::Damaged("the end of the archive".into()));
        }
        if manifest.sha256 != sha256 {
            return Err(ArchiveError::Damaged("the checksum of the archive differs".into()));
        }
        self.manifest = Some(manifest);
        Ok(None)
    }

    /// The manifest, once [`Reader::next`] has returned `None`.
    pub(super) fn manifest(self) -> Option<Manifest> {
        self.manifest
    }

    fn content(&mut self, member: &Member) -> Result<Vec<u8>, ArchiveError> {
        let mut content = Vec::new();
        // What is allocated grows with what is there, whatever the size says.
        self.input.by_ref().take(member.size).read_to_end(&mut content)?;
        if (content.len() as u64) < member.size {
            return Err(ArchiveError::Incomplete);
        }
        let mut padding = [0; BLOCK];
        let padding = &mut padding[..member.padding()];
        self.exact(padding)?;
        if padding.iter().any(|byte| *byte != 0) {
            return Err(damaged(member));
        }
        self.digest.update(&content);
        self.digest.update(padding);
        Ok(content)
    }

    fn exact(&mut self, bytes: &mut [u8]) -> Result<(), ArchiveError> {
        self.input.read_exact(bytes).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => ArchiveError::Incomplete,
            _ => error.into(),
        })
    }
}

fn damaged(member: &Member) -> ArchiveError {
    ArchiveError::Damaged(member.name.clone())
}

#[cfg(test)]
mod tests {
    use super::super::contents::{FORMAT, PRODUCT};
    use super::*;

    fn archive() -> Vec<u8> {
        let mut writer = Writer::new(Vec::new());
        let header = Header {
            product: PRODUCT.into(),
            format: FORMAT,
            version: "0.1.0".into(),
            postgresql: "15".into(),
            taken_at: "2026-11-27T00:00:00Z".into(),
            tenant: None,
            migrations: Vec::new(),
            tables: Vec::new(),
            history_partitions: Vec::new(),
            keys: None,
        };
        writer.header(&header).unwrap();
        writer.member("tables/script/000000.copy.zst", b"rows").unwrap();
        writer.finish(Vec::new()).unwrap().0
    }

    fn read(bytes: &[u8]) -> Result<Manifest, ArchiveError> {
        let (mut reader, _) = Reader::open(bytes)?;
        while reader.next()?.is_some() {}
        Ok(reader.manifest().unwrap())
    }

    #[test]
    fn a_damaged_byte_anywhere_is_found() {
        let whole = archive();
        assert!(read(&whole).is_ok());
        for place in 0..whole.len() {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            let error = read(&changed).unwrap_err();
            let is_named = match place < BLOCK {
                true => matches!(error, ArchiveError::Unknown),
                // The size of a member may lead beyond the end.
                false => matches!(error, ArchiveError::Damaged(_) | ArchiveError::Incomplete),
            };
            assert!(is_named, "{place}: {error}");
        }
    }

    #[test]
    fn an_archive_without_its_end_or_with_more_than_that_is_refused() {
        let whole = archive();
        for length in 0..whole.len() {
            let error = read(&whole[..length]).unwrap_err();
            let is_named = match length < BLOCK {
                true => matches!(error, ArchiveError::Unknown),
                false => matches!(error, ArchiveError::Incomplete),
            };
            assert!(is_named, "{length}: {error}");
        }
        let more = read(&[&whole[..], b"\0"].concat()).unwrap_err();
        assert_eq!(more.to_string(), "is damaged: the end of the archive");
    }
}
