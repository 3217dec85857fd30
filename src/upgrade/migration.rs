//! The migrations of this program, as an upgrade sees them, compared with those of a database.

use super::effect::{self, Effect};
use super::statement::Applied;
use crate::database::schema;

/// A migration of this program.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) number: i64,
    pub(super) description: &'static str,
    /// The first sentence of its text.
    pub(super) sentence: String,
    pub(super) effects: Vec<Effect<'static>>,
    pub(super) checksum: Vec<u8>,
}

/// What a database lacks, or why this program cannot migrate it.
#[derive(Debug)]
pub(super) enum Comparison<'a> {
    Pending(&'a [Known]),
    /// The database has migrations of a newer version.
    Newer(&'a [Applied]),
    /// A migration has another text here than in the database.
    Changed(&'a Applied),
    /// A migration that runs outside of a transaction failed.
    Failed(&'a Applied),
}

pub(super) fn known() -> Vec<Known> {
    let files = schema::files().iter().zip(schema::known());
    let known = files.map(|((number, description, sql), (_, checksum))| Known {
        number: *number,
        description,
        sentence: sentence(sql),
        // A line that cannot be read does not build.
        effects: effect::effects(*number, sql).unwrap_or_default(),
        checksum: checksum.clone(),
    });
    known.collect()
}

pub(super) fn compare<'a>(applied: &'a [Applied], known: &'a [Known]) -> Comparison<'a> {
    let differs = applied
        .iter()
        .zip(known)
        .find(|(one, other)| (one.number, &one.checksum) != (other.number, &other.checksum));
    if let Some(failed) = applied.iter().find(|it| !it.is_whole) {
        return Comparison::Failed(failed);
    }
    match differs {
        Some((changed, _)) => Comparison::Changed(changed),
        None if applied.len() > known.len() => Comparison::Newer(&applied[known.len()..]),
        None => Comparison::Pending(&known[applied.len()..]),
    }
}

/// The first sentence of the comment with which a migration begins.
fn sentence(sql: &str) -> String {
    let comment = sql.lines().map_while(|line| line.strip_prefix("--")).map(str::trim);
    let prose = comment.filter(|line| *line != "no-transaction" && !line.starts_with("Upgrade: "));
    let text = prose.take_while(|line| !line.is_empty());
    let text = text.collect::<Vec<_>>().join(" ");
    text.split_once(". ").map_or(text.trim_end_matches('.'), |(first, _)| first).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_migration_says_in_a_sentence_what_it_is() {
        for known in known() {
            let Known { number, sentence, .. } = known;
            assert!((1..250).contains(&sentence.len()), "{number}: {sentence}");
        }
        let sql = "-- no-transaction\n-- An\n-- index. It is fast.\n-- Upgrade: new objects\n--\n";
        assert_eq!(sentence(sql), "An index");
        assert_eq!(sentence("-- Upgrade: new objects\n-- A table.\n\nCREATE"), "A table");
    }
}
