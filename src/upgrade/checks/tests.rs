//! What is found in databases of all kinds.

use super::super::effect::Effect;
use super::*;
use crate::findings::Status;

const MIB: u64 = 1 << 20;
/// The last migration of the previous release. This version has one more here.
const LAST: i64 = PREVIOUS.last_migration;
const NEXT: i64 = LAST + 1;

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
        applied: (1..=LAST).map(applied).collect(),
        sizes: [("script".into(), Size { rows: 1_000 * MIB, indexes: 1_000 * MIB })].into(),
        free: Some(1_999 * MIB),
    }
}

/// The migrations of this version: one more than the previous release, with these effects.
fn program(effects: &[Effect<'static>]) -> Vec<Known> {
    (1..=NEXT).map(|number| known(number, if number == NEXT { effects } else { &[] })).collect()
}

fn lines(database: &Database, known: &[Known]) -> Vec<String> {
    let text: String = findings(database, known).iter().map(|finding| finding.lines("")).collect();
    text.lines().map(str::to_owned).collect()
}

#[track_caller]
fn assert_fails(database: &Database, known: &[Known], text: &str, advice: &str) {
    let failed: Vec<_> =
        findings(database, known).into_iter().filter(|it| it.status == Status::Fail).collect();
    assert_eq!(failed, [Finding::fail(text, advice)]);
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
            &format!(
                "ok    The schema is at migration {LAST}. This version has {NEXT}: 1 is pending."
            ),
            &format!("ok    Migration {NEXT}, tenant states: States of tenants."),
            &format!(
                "ok    Migration {NEXT} makes new objects; nothing waits; less than a second."
            ),
            &format!(
                "ok    Migration {NEXT} locks script, user_state for a moment; it waits for open \
                 transactions, and later requests wait for it; less than a second."
            ),
            &format!(
                "ok    Migration {NEXT} builds an index on script; writes to it wait; about 13 s."
            ),
            "ok    In all about 13 s for this database of 2.9 GB, on two slow cores without other load, \
             and at most 1000 MB more on its disk, which has 2.0 GB free.",
            &format!(
                "ok    Servers of version {} may run meanwhile, and beside this version.",
                PREVIOUS.version
            ),
            "warn  Only a backup leads back: no migration undoes another.",
            "      -> Make one now, by `runstate backup`.",
        ]
    );
}

#[test]
fn a_database_that_is_up_to_date_or_empty_needs_no_more_words() {
    let program = program(&[]);
    let current = Database { applied: (1..=NEXT).map(applied).collect(), ..database() };
    assert_eq!(
        lines(&current, &program)[1..],
        [format!("ok    The schema is up to date, with {NEXT} migrations. Nothing is to be done.")]
    );
    let empty = Database { applied: Vec::new(), ..database() };
    assert_eq!(
        lines(&empty, &program)[1..],
        [format!("ok    The database is empty: {NEXT} migrations fill it.")]
    );
}

#[test]
fn what_stands_against_an_upgrade_is_named() {
    let rewrite = program(&[Effect { work: Work::Rewrite, table: "script" }]);
    assert_fails(
        &database(),
        &rewrite,
        "In all about 40 s for this database of 2.9 GB, on two slow cores without other load, and at \
         most 2.0 GB more on its disk, which has 2.0 GB free.",
        "Make space on the disk first.",
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
    assert_fails(
        &old,
        &program,
        "PostgreSQL 14.9 is too old: this version needs 15 or newer.",
        "Move the database to a newer major version first: docs/guides/postgresql.md.",
    );
    assert_fails(
        &with(&|state| state.is_read_only = true),
        &program,
        "The database is read-only, as a standby is.",
        "Name the primary in DATABASE_URL.",
    );
    assert_fails(
        &with(&|state| state.is_owner = false),
        &program,
        "The user owner does not own the schema.",
        "Run `runstate migrate` as the owner.",
    );
}

#[test]
fn a_schema_of_another_version_is_refused_by_name() {
    let program = program(&[]);
    let newer = Database { applied: (1..=NEXT + 2).map(applied).collect(), ..database() };
    assert_fails(
        &newer,
        &program,
        &format!(
            "The database has migration {} (tenant states), migration {} (tenant states), which this \
             version does not know: a newer version migrated it.",
            NEXT + 1,
            NEXT + 2
        ),
        "Use that version, or restore a backup.",
    );
    let mut changed = database();
    changed.applied[4].checksum = vec![0];
    assert_fails(
        &changed,
        &program,
        "The database has another migration 5 (tenant states) than this version: its checksum differs.",
        "Use the program that made the database: a released migration never changes.",
    );
    let mut failed = database();
    failed.applied.push(Applied { is_whole: false, ..applied(NEXT) });
    assert_fails(
        &failed,
        &program,
        &format!("The migration {NEXT} (tenant states) failed half-way."),
        "Remove what it left, such as an index that is invalid, and its row in _sqlx_migrations; then \
         migrate again.",
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
    let space = warnings(&elsewhere, &index);
    assert!(space[0].ends_with("and at most 1000 MB more on its disk."), "{space:?}");
    assert_eq!(warnings(&elsewhere, &lock), [""; 0]);

    let older = Database { applied: (1..LAST).map(applied).collect(), ..database() };
    let stop =
        format!("Servers of versions before {} cannot work on the new schema.", PREVIOUS.version);
    assert_eq!(warnings(&older, &new), [stop]);
}
