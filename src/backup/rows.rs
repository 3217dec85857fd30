//! Rows in PostgreSQL's text format of `COPY`: a line for each. Cuts them into pieces of whole rows, and
//! sums them up. Knows no table.

use aws_lc_rs::digest::{SHA256, digest};

use super::contents::{TableSum, hexadecimal};

/// How many bytes of rows are kept in memory before they are compressed: a piece is a member of the
/// archive. One row that is longer is a piece of its own.
pub(super) const PIECE: usize = 4 * 1024 * 1024;

/// Cuts a stream into pieces of whole rows.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    bytes: Vec<u8>,
}

impl Pieces {
    /// Adds bytes. Returns a piece when there is enough for one.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() < PIECE {
            return None;
        }
        let end = self.bytes.iter().rposition(|byte| *byte == b'\n')? + 1;
        let rest = self.bytes.split_off(end);
        Some(std::mem::replace(&mut self.bytes, rest))
    }

    /// The last piece, unless it is empty.
    pub(super) fn rest(self) -> Option<Vec<u8>> {
        Some(self.bytes).filter(|bytes| !bytes.is_empty())
    }
}

/// The number of rows, and the sum of their hashes. The sum does not depend on the order of the rows,
/// which a database is free to change.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    pub(super) rows: u64,
    hashes: u128,
}

impl Sum {
    /// Adds a piece of whole rows.
    pub(super) fn add(&mut self, piece: &[u8]) {
        for row in piece.split_inclusive(|byte| *byte == b'\n') {
            let mut first = [0; 16];
            first.copy_from_slice(&digest(&SHA256, row).as_ref()[..16]);
            self.rows += 1;
            self.hashes = self.hashes.wrapping_add(u128::from_be_bytes(first));
        }
    }

    pub(super) fn of_table(self, name: &str) -> TableSum {
        let checksum = hexadecimal(&self.hashes.to_be_bytes());
        TableSum { name: name.to_owned(), rows: self.rows, checksum }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(rows: &[u8]) -> TableSum {
        let mut sum = Sum::default();
        sum.add(rows);
        sum.of_table("t")
    }

    #[test]
    fn the_sum_depends_on_the_rows_and_not_on_their_order() {
        assert_eq!(sum(b"1\ta\n2\tb\n"), sum(b"2\tb\n1\ta\n"));
        assert_eq!(sum(b"1\ta\n2\tb\n").rows, 2);
        for other in [&b"1\ta\n"[..], b"1\tb\n2\ta\n", b"1\ta\n2\tb\n2\tb\n", b"1\ta\n2\tB\n", b""]
        {
            assert_ne!(sum(b"1\ta\n2\tb\n").checksum, sum(other).checksum, "{other:?}");
        }
    }

    #[test]
    fn pieces_end_where_a_row_ends() {
        let mut pieces = Pieces::default();
        let row = [vec![b'a'; PIECE / 2], b"\n".to_vec()].concat();
        assert_eq!(pieces.add(&row), None);
        assert_eq!(pieces.add(&row[..100]), None);
        let piece = pieces.add(&row[100..]).unwrap();
        assert_eq!(piece.len(), 2 * row.len());
        assert_eq!(pieces.add(b"b\n"), None);
        assert_eq!(pieces.rest(), Some(b"b\n".to_vec()));
        assert_eq!(Pieces::default().rest(), None);
    }
}
