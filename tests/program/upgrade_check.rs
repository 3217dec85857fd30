//! Does `upgrade-check` say what this version will do to a database, and refuse what it cannot upgrade?

use std::path::Path;

use embedded_postgres::EmbeddedPostgres;
use runstate::upgrade::PREVIOUS;
#[expect(clippy::disallowed_types, reason = "the tests' own SQL")]
use sqlx::AssertSqlSafe;
use sqlx::{ConnectOptions, Connection};

use crate::process::{Directory, Server, run, runstate, text};

/// A database whose table of migrations says something else.
async fn change(data: &Path, statement: &str) {
    let postgres = EmbeddedPostgres::start("runstate", &data.join("postgres")).await.unwrap();
    let mut connection = postgres.connect_options().connect().await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "the tests' own SQL")]
    let changed = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await;
    changed.unwrap();
    connection.close().await.unwrap();
    postgres.stop().await;
}

/// The exit code, and the lines without the version of PostgreSQL, the sizes and the free space.
fn check(data: &Path) -> (i32, Vec<String>) {
    let output = run(runstate(data).arg("upgrade-check"));
    let lines = text(&output.stdout).lines().skip(1).map(str::to_owned).collect();
    (output.status.code().unwrap(), lines)
}

#[tokio::test]
async fn the_check_tells_what_is_pending_and_refuses_a_newer_or_a_changed_schema() {
    let folder = Directory::new();
    let data = folder.0.as_path();
    let none = run(runstate(data).arg("upgrade-check"));
    let expected = format!(
        "there is no database in {}. Set RUNSTATE_DATA_DIR or DATABASE_URL.\n",
        data.display()
    );
    assert!(text(&none.stderr).ends_with(&expected), "{}", text(&none.stderr));
    assert_eq!((none.status.code(), text(&none.stdout)), (Some(1), String::new()));

    let server = Server::start(data);
    let (code, lines) = check(data);
    assert_eq!((code, lines.len()), (0, 1), "beside a running server: {lines:?}");
    assert!(lines[0].starts_with("ok    The schema is up to date, with "), "{lines:?}");
    server.signal("-TERM");
    drop(server);

    change(data, "CREATE TABLE kept AS SELECT * FROM _sqlx_migrations").await;
    change(data, "DELETE FROM _sqlx_migrations WHERE version > 17").await;
    change(data, "DELETE FROM _sqlx_migrations WHERE version = 17").await;
    let (code, lines) = check(data);
    assert_eq!(code, 0, "{lines:?}");
    assert!(
        lines[0].starts_with("ok    The schema is at migration 16. This version has "),
        "{lines:?}"
    );
    let audit = "ok    Migration 17, audit: Audit: who changed which script, assignment, policy, \
                 application or user, and what changed.";
    assert_eq!(lines[1], audit);
    let stop = format!(
        "warn  Servers of versions before {} cannot work on the new schema.",
        PREVIOUS.version
    );
    let end = [
        &stop,
        "      -> Stop all servers first.",
        "warn  Only a backup leads back: no migration undoes another.",
        "      -> Make one now, by `runstate backup`.",
    ];
    assert_eq!(lines[lines.len() - 4..], end);

    change(data, "TRUNCATE _sqlx_migrations").await;
    change(data, "INSERT INTO _sqlx_migrations SELECT * FROM kept").await;
    change(data, "INSERT INTO _sqlx_migrations SELECT 900, 'of the future', now(), true, '', 0")
        .await;
    let newer = [
        "fail  The database has migration 900 (of the future), which this version does not know: a newer \
         version migrated it.",
        "      -> Use that version, or restore a backup.",
    ];
    assert_eq!(check(data), (1, newer.map(str::to_owned).to_vec()));
    change(data, "UPDATE _sqlx_migrations SET checksum = '' WHERE version = 2").await;
    let changed = [
        "fail  The database has another migration 2 (scripts) than this version: its checksum differs.",
        "      -> Use the program that made the database: a released migration never changes.",
    ];
    assert_eq!(check(data), (1, changed.map(str::to_owned).to_vec()));
}
