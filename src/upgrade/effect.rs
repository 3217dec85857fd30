//! What a migration does to a database in use, as the lines `-- Upgrade: …` at its beginning say.
//! `build.rs` includes this file, so that a migration without these lines does not build. Knows no
//! database.

/// How each line begins.
const MARK: &str = "-- Upgrade: ";
/// The first migration that needs such lines. Those before it were released without.
const FIRST_NUMBER: i64 = 18;

/// One effect of a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Effect<'a> {
    pub(super) work: Work,
    /// The table on which the work is done. Empty for new objects.
    pub(super) table: &'a str,
}

/// What is done, and so which locks are held, for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// Makes tables, functions and other things that nobody uses yet.
    NewObjects,
    /// Changes the definition of a table, without a look at its rows.
    Lock,
    /// Reads all rows, and blocks nobody.
    Scan,
    /// Builds an index, and blocks writes.
    Index,
    /// Builds an index, and blocks nobody.
    ConcurrentIndex,
    /// Changes all rows one by one.
    Update,
    /// Writes the table and its indexes again, and blocks everybody.
    Rewrite,
}

/// The words of each kind of work. Those that end in a space are followed by the name of a table.
const WORDS: [(&str, Work); 7] = [
    ("new objects", Work::NewObjects),
    ("lock of ", Work::Lock),
    ("scan of ", Work::Scan),
    ("index on ", Work::Index),
    ("concurrent index on ", Work::ConcurrentIndex),
    ("update of ", Work::Update),
    ("rewrite of ", Work::Rewrite),
];

/// The effects of a migration, by its text.
///
/// # Errors
/// If a line cannot be read, or if a migration that needs such lines has none.
pub(super) fn effects(number: i64, sql: &str) -> Result<Vec<Effect<'_>>, String> {
    let lines = sql.lines().filter_map(|line| line.strip_prefix(MARK));
    let effects = lines.map(|line| {
        let read = WORDS.iter().find_map(|(words, work)| read(line, words, *work));
        read.ok_or_else(|| format!("cannot read `{MARK}{line}`: see migrations/README.md"))
    });
    let effects: Vec<_> = effects.collect::<Result<_, _>>()?;
    match effects.is_empty() && number >= FIRST_NUMBER {
        true => Err(format!("has no line `{MARK}…`: see migrations/README.md")),
        false => Ok(effects),
    }
}

fn read<'a>(line: &'a str, words: &str, work: Work) -> Option<Effect<'a>> {
    let table = line.strip_prefix(words)?;
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|it| it.is_ascii_lowercase() || b"_".contains(&it))
    };
    let is_right = if words.ends_with(' ') { is_name(table) } else { table.is_empty() };
    is_right.then_some(Effect { work, table })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_a_migration_are_read() {
        let sql =
            "-- no-transaction\n-- States.\n-- Upgrade: new objects\n-- Upgrade: scan of a_b\n";
        let expected = [
            Effect { work: Work::NewObjects, table: "" },
            Effect { work: Work::Scan, table: "a_b" },
        ];
        assert_eq!(effects(18, sql).unwrap(), expected);
        assert_eq!(effects(17, "-- Audit.\n"), Ok(Vec::new()));
    }

    #[test]
    fn a_migration_without_lines_or_with_others_is_refused() {
        let missing = effects(18, "-- States.\n").unwrap_err();
        assert_eq!(missing, "has no line `-- Upgrade: …`: see migrations/README.md");
        for line in ["", "lock", "lock of", "lock of ", "lock of A", "new objects x", "index of a"]
        {
            let error = effects(18, &format!("-- Upgrade: {line}\n")).unwrap_err();
            let expected = format!("cannot read `-- Upgrade: {line}`: see migrations/README.md");
            assert_eq!(error, expected);
        }
    }
}
