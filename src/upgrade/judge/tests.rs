//! What is found in databases of all kinds.

use super::super::effect::Effect;
use super::super::finding::Status;
use super::*;

const MIB: u64 = 1 << 20;

/// A migration of the program; its checksum is its number.
fn known(number: i64, effects: &[Effect<'static>]) -> Known {
    Known {
        number,
        description: "tenant states",
        sentence: "States of tenants".into(),
        effects: effects.to_vec(),
        checksum: vec![u8::try_from(number).unwrap()],
    }
}

fn applied(number: i64) -> Applied {
    let checksum = vec![u8::try_from(number).unwrap()];
    Applied { number, description: "tenant states".into(), checksum, is_whole: true }
}

/// A database of the previous release with a table of 1,000 MiB and indexes of the same size.
fn database() -> Database {
    Database {
        state: State {
            user: "owner".into(),
            version: "15.14".into(),
            major: 15,
            is_owner: true,
            size: 3_000 * MIB,
            ..State::default()
        },
        applied: (1..=17).map(applied).collect(),
        sizes: [("script".into(), Size { rows: 1_000 * MIB, indexes: 1_000 * MIB })].into(),
        free: Some(1_999 * MIB),
    }
}

/// The migrations of this version: one more than the previous release, with these effects.
fn program(effects: &[Effect<'static>]) -> Vec<Known> {
    (1..=18).map(|number| known(number, if number == 18 { effects } else { &[] })).collect()
}

fn lines(database: &Database, known: &[Known]) -> Vec<String> {
    let found = findings(database, known);
    found
        .iter()
        .map(ToString::to_string)
        .flat_map(|it| it.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

#[track_caller]
fn assert_fails(database: &Database, known: &[Known], text: &str) {
    let failed: Vec<_> =
        findings(database, known).into_iter().filter(|it| it.status == Status::Fail).collect();
    assert_eq!(failed, [Finding::fail(text)]);
}

#[test]
fn a_pending_migration_is_described_with_its_locks_its_time_and_its_room() {
    let effects = [
        Effect { work: Work::NewObjects, table: "" },
        Effect { work: Work::Lock, table: "script" },
        Effect { work: Work::Lock, table: "user_state" },
        Effect { work: Work::Index, table: "script" },
    ];
    assert_eq!(
        lines(&database(), &program(&effects)),
        [
            "ok    PostgreSQL 15.14: this version needs 15 or newer.",
            "ok    The schema is at migration 17. This version has 18: 1 is pending.",
            "ok    Migration 18, tenant states: States of tenants.",
            "        makes new objects; nothing waits; less than a second",
            "        locks script, user_state for a moment; it waits for open transactions, and later \
             requests wait for it; less than a second",
            "        builds an index on script; writes to it wait; about 13 s",
            "ok    In all about 13 s for this database of 3000 MiB, on two slow cores without other load, \
             and at most 1000 MiB more on its disk, which has 1999 MiB free.",
            "ok    Servers of version 0.1.0 may run meanwhile, and beside this version.",
            "warn  Only a backup leads back: no migration undoes another. Make one now, by `runstate \
             backup`.",
        ]
    );
}

#[test]
fn a_database_that_is_up_to_date_or_empty_needs_no_more_words() {
    let program = program(&[]);
    let current = Database { applied: (1..=18).map(applied).collect(), ..database() };
    assert_eq!(
        lines(&current, &program)[1..],
        ["ok    The schema is up to date, with 18 migrations. Nothing is to be done."]
    );
    let empty = Database { applied: Vec::new(), ..database() };
    assert_eq!(
        lines(&empty, &program)[1..],
        ["ok    The database is empty: 18 migrations fill it."]
    );
}

#[test]
fn what_stands_against_an_upgrade_is_named() {
    let rewrite = program(&[Effect { work: Work::Rewrite, table: "script" }]);
    assert_fails(
        &database(),
        &rewrite,
        "In all about 40 s for this database of 3000 MiB, on two slow cores without other load, and at \
         most 2000 MiB more on its disk, which has 1999 MiB free.",
    );
    let enough = Database { free: Some(2_000 * MIB), ..database() };
    assert!(findings(&enough, &rewrite).iter().all(|it| it.status != Status::Fail));

    let program = program(&[]);
    let with = |change: &dyn Fn(&mut State)| {
        let mut database = database();
        change(&mut database.state);
        database
    };
    let old = with(&|state| (state.major, state.version) = (14, "14.9".into()));
    assert_fails(&old, &program, "PostgreSQL 14.9 is too old: this version needs 15 or newer.");
    let standby = "The database is read-only, as a standby is. Migrations run on the primary.";
    assert_fails(&with(&|state| state.is_read_only = true), &program, standby);
    let stranger = with(&|state| state.is_owner = false);
    let owner = "The user owner does not own the schema. Run `runstate migrate` as the owner.";
    assert_fails(&stranger, &program, owner);
}

#[test]
fn a_schema_of_another_version_is_refused_by_name() {
    let program = program(&[]);
    let newer = Database { applied: (1..=20).map(applied).collect(), ..database() };
    assert_fails(
        &newer,
        &program,
        "The database has migration 19 (tenant states), migration 20 (tenant states), which this \
         version does not know: a newer version migrated it. Use that version, or restore a backup.",
    );
    let mut changed = database();
    changed.applied[4].checksum = vec![0];
    assert_fails(
        &changed,
        &program,
        "The database has another migration 5 (tenant states) than this version: its checksum \
         differs. A released migration never changes, so use the program that made the database.",
    );
    let mut failed = database();
    failed.applied.push(Applied { is_whole: false, ..applied(18) });
    assert_fails(
        &failed,
        &program,
        "The migration 18 (tenant states) failed half-way. Remove what it left, such as an index that \
         is invalid, and its row in _sqlx_migrations; then migrate again.",
    );
}

#[test]
fn warnings_are_given_where_an_operator_has_to_look() {
    let warnings = |database: &Database, effects: &[Effect<'static>]| -> Vec<String> {
        let found = findings(database, &program(effects)).into_iter();
        let warned = found.filter(|it| it.status == Status::Warn).map(|it| it.text);
        warned.filter(|text| !text.starts_with("Only a backup")).collect()
    };
    let lock = [Effect { work: Work::Lock, table: "script" }];
    let mut busy = database();
    busy.state.oldest_transaction = 61;
    let waits = "A transaction of another program has been open for 61 s. A migration that needs a \
                 lock waits for its end, and requests wait behind the migration.";
    assert_eq!(warnings(&busy, &lock), [waits]);
    let new = [Effect { work: Work::NewObjects, table: "" }];
    assert_eq!(warnings(&busy, &new), [""; 0]);
    busy.state.oldest_transaction = 60;
    assert_eq!(warnings(&busy, &lock), [""; 0]);

    let elsewhere = Database { free: None, ..database() };
    let index = [Effect { work: Work::Index, table: "script" }];
    let room = warnings(&elsewhere, &index);
    assert!(
        room[0].ends_with("more on its disk. Look there whether it has so much free."),
        "{room:?}"
    );
    assert_eq!(warnings(&elsewhere, &lock), [""; 0]);

    let older = Database { applied: (1..=16).map(applied).collect(), ..database() };
    let stop =
        "Stop all servers first: those of versions before 0.1.0 cannot work on the new schema.";
    assert_eq!(warnings(&older, &new), [stop]);
}
