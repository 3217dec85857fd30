//! What stands for and against an upgrade of a database. Runs no statement.

use std::collections::BTreeMap;
use std::iter;

use super::effect::{Effect, Work};
use super::forecast::{self, Cost};
use super::migration::{Comparison, Known, compare};
use super::statement::{Applied, Size, State};
use crate::findings::{Finding, size};

/// The oldest PostgreSQL on which the migrations work.
const OLDEST_POSTGRESQL: u32 = 15;
/// The release before this version. Its servers may run beside this version.
pub const PREVIOUS: Release = Release { version: "0.1.0", last_migration: 17 };
/// How old a transaction may be that a migration waits for, in seconds.
const LONG_TRANSACTION: u64 = 60;

/// A version that was released.
#[derive(Clone, Copy, Debug)]
pub struct Release {
    pub version: &'static str,
    /// The number of its newest migration.
    pub last_migration: i64,
}

/// A database that is to be upgraded.
#[derive(Clone, Debug, Default)]
pub(super) struct Database {
    pub(super) state: State,
    pub(super) applied: Vec<Applied>,
    pub(super) sizes: BTreeMap<String, Size>,
    /// The free space beside it, in bytes, if it is on this machine.
    pub(super) free: Option<u64>,
}

/// All findings, in the order in which they are shown.
pub(super) fn findings(database: &Database, known: &[Known]) -> Vec<Finding> {
    let mut findings = vec![postgresql(&database.state)];
    if database.state.is_read_only {
        findings.push(Finding::fail(
            "The database is read-only, as a standby is.",
            "Name the primary in DATABASE_URL.",
        ));
    }
    match compare(&database.applied, known) {
        Comparison::Pending([]) => findings.push(Finding::ok(format!(
            "The schema is up to date, with {} migrations. Nothing is to be done.",
            known.len()
        ))),
        Comparison::Pending(pending) => findings.extend(migrations(database, pending)),
        Comparison::Newer(newer) => findings.push(Finding::fail(
            format!(
                "The database has {}, which this version does not know: a newer version migrated it.",
                newer.iter().map(named).collect::<Vec<_>>().join(", ")
            ),
            "Use that version, or restore a backup.",
        )),
        Comparison::Changed(changed) => findings.push(Finding::fail(
            format!(
                "The database has another {} than this version: its checksum differs.",
                named(changed)
            ),
            "Use the program that made the database: a released migration never changes.",
        )),
        Comparison::Failed(failed) => findings.push(Finding::fail(
            format!("The {} failed half-way.", named(failed)),
            "Remove what it left, such as an index that is invalid, and its row in \
             _sqlx_migrations; then migrate again.",
        )),
    }
    findings
}

fn postgresql(state: &State) -> Finding {
    let version = &state.version;
    match state.major >= OLDEST_POSTGRESQL {
        true => Finding::ok(format!(
            "PostgreSQL {version}: this version needs {OLDEST_POSTGRESQL} or newer."
        )),
        false => Finding::fail(
            format!(
                "PostgreSQL {version} is too old: this version needs {OLDEST_POSTGRESQL} or newer."
            ),
            "Move the database to a newer major version first: docs/guides/postgresql.md.",
        ),
    }
}

/// What is to be said of pending migrations.
fn migrations(database: &Database, pending: &[Known]) -> Vec<Finding> {
    let Database { state, applied, .. } = database;
    let mut findings = Vec::new();
    if !state.is_owner {
        findings.push(Finding::fail(
            format!("The user {} does not own the schema.", state.user),
            "Run `runstate migrate` as the owner.",
        ));
    }
    let Some(last) = applied.last() else {
        let count = pending.len();
        findings.push(Finding::ok(format!("The database is empty: {count} migrations fill it.")));
        return findings;
    };
    findings.push(Finding::ok(format!(
        "The schema is at migration {}. This version has {}: {} pending.",
        last.number,
        last.number + i64::try_from(pending.len()).unwrap_or_default(),
        if pending.len() == 1 { "1 is".into() } else { format!("{} are", pending.len()) }
    )));
    findings.extend(pending.iter().flat_map(|known| one(database, known)));
    findings.push(total(database, pending));
    findings.push(previous_servers(last.number));
    let has_lock = |known: &Known| {
        known.effects.iter().any(|it| matches!(it.work, Work::Lock | Work::Rewrite | Work::Index))
    };
    if state.oldest_transaction > LONG_TRANSACTION && pending.iter().any(has_lock) {
        findings.push(Finding::warn(
            format!(
                "A transaction of another program has been open for {} s. A migration that needs a \
                 lock waits for its end, and requests wait behind the migration.",
                state.oldest_transaction
            ),
            "Let it end before you migrate.",
        ));
    }
    findings.push(Finding::warn(
        "Only a backup leads back: no migration undoes another.",
        "Make one now, by `runstate backup`.",
    ));
    findings
}

/// What a migration is, and then each kind of its work.
fn one(database: &Database, known: &Known) -> impl Iterator<Item = Finding> {
    let Known { number, description, sentence, effects, .. } = known;
    let is = Finding::ok(format!("Migration {number}, {description}: {sentence}."));
    let work = effects.chunk_by(|one, other| one.work == other.work).map(move |same| {
        let mut tables: Vec<_> = same.iter().map(|effect| effect.table).collect();
        tables.dedup();
        let sentence = forecast::sentence(same[0].work, &tables.join(", "));
        let time = forecast::time(cost(database, same).seconds);
        Finding::ok(format!("Migration {number} {sentence}; {time}."))
    });
    iter::once(is).chain(work)
}

fn cost<'a>(database: &Database, effects: impl IntoIterator<Item = &'a Effect<'a>>) -> Cost {
    let costs = effects.into_iter().map(|effect| forecast::cost(*effect, &database.sizes));
    costs.fold(Cost::default(), Cost::plus)
}

fn total(database: &Database, pending: &[Known]) -> Finding {
    let Cost { seconds, space } = cost(database, pending.iter().flat_map(|known| &known.effects));
    let text = format!(
        "In all {} for this database of {}, on two slow cores without other load, and at most {} more \
         on its disk",
        forecast::time(seconds),
        size(database.state.size),
        size(space)
    );
    match database.free {
        Some(free) if free < space => Finding::fail(
            format!("{text}, which has {} free.", size(free)),
            "Make space on the disk first.",
        ),
        Some(free) => Finding::ok(format!("{text}, which has {} free.", size(free))),
        None if space == 0 => Finding::ok(format!("{text}.")),
        None => Finding::warn(format!("{text}."), "Look there whether it has so much free."),
    }
}

fn previous_servers(number: i64) -> Finding {
    let Release { version, last_migration } = PREVIOUS;
    match number >= last_migration {
        true => Finding::ok(format!(
            "Servers of version {version} may run meanwhile, and beside this version."
        )),
        false => Finding::warn(
            format!("Servers of versions before {version} cannot work on the new schema."),
            "Stop all servers first.",
        ),
    }
}

fn named(applied: &Applied) -> String {
    format!("migration {} ({})", applied.number, applied.description)
}

#[cfg(test)]
mod tests;
