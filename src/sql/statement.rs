//! A statement: its text, and the values that are bound to it. Knows no plan.

use uuid::Uuid;

/// SQL text and the values of `$1`, `$2`, …
#[derive(Debug)]
pub struct Statement {
    /// The text. It is the same for all plans of one form, so that it can stay prepared.
    pub text: String,
    /// The binds.
    pub binds: Vec<Bind>,
}

/// The value of `$1`, `$2`, …
#[derive(Debug)]
pub struct Bind {
    /// The values.
    pub cells: Cells,
    /// Whether they are bound as an array. If not, there is one, and it is bound as it is, so that
    /// the planner and whatever routes statements by tenant see a plain parameter.
    pub is_array: bool,
}

/// A column of cells, all of one type.
#[derive(Debug)]
pub enum Cells {
    /// `uuid`
    Guids(Vec<Option<Uuid>>),
    /// `text`
    Texts(Vec<Option<String>>),
    /// `boolean`
    Booleans(Vec<Option<bool>>),
    /// `integer`
    Integers(Vec<Option<i32>>),
    /// `bigint`
    Bigints(Vec<Option<i64>>),
    /// `double precision`
    Doubles(Vec<Option<f64>>),
    /// `smallint`
    Smallints(Vec<Option<i16>>),
    /// `bytea`
    Binaries(Vec<Option<Vec<u8>>>),
}

/// The binds of a statement that is being written, and the number of aliases in it.
#[derive(Debug, Default)]
pub(super) struct Writer {
    binds: Vec<Bind>,
    aliases: usize,
}

impl Writer {
    /// Binds a column of cells: an expression that is an array.
    pub(super) fn bind(&mut self, cells: Cells) -> String {
        let sql_type = cells.sql_type();
        self.binds.push(Bind { cells, is_array: true });
        format!("${}::{sql_type}[]", self.binds.len())
    }

    /// Binds one cell: an expression that is its value.
    pub(super) fn bind_one(&mut self, cell: Cells) -> String {
        let sql_type = cell.sql_type();
        self.binds.push(Bind { cells: cell, is_array: false });
        format!("${}::{sql_type}", self.binds.len())
    }

    /// Binds a text.
    pub(super) fn bind_text(&mut self, text: &str) -> String {
        self.bind_one(Cells::Texts(vec![Some(text.to_owned())]))
    }

    /// An alias that nothing else in the statement has.
    pub(super) fn alias(&mut self, prefix: &str) -> String {
        self.aliases += 1;
        format!("{prefix}_{}", self.aliases)
    }

    /// The finished statement.
    pub(super) fn statement(self, text: String) -> Statement {
        Statement { text, binds: self.binds }
    }
}

impl Cells {
    fn sql_type(&self) -> &'static str {
        match self {
            Self::Guids(_) => "uuid",
            Self::Texts(_) => "text",
            Self::Booleans(_) => "boolean",
            Self::Integers(_) => "integer",
            Self::Bigints(_) => "bigint",
            Self::Doubles(_) => "double precision",
            Self::Smallints(_) => "smallint",
            Self::Binaries(_) => "bytea",
        }
    }
}
