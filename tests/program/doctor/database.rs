//! What the examination finds in a database, by the rights of its user.

use std::fs;
use std::process::Command;

use embedded_postgres::EmbeddedPostgres;
use sqlx::{ConnectOptions, Connection, Executor};

use super::{World, assert_has, doctor, lines};
use crate::one_day::in_one_day;
use crate::process::{Directory, run, text};

/// A database with one run state, on which no server works, so that nothing is mended meanwhile.
pub(super) struct Database {
    // Dropped in this order: the directory goes when nothing runs in it.
    postgres: EmbeddedPostgres,
    pub(super) data: Directory,
}

impl Database {
    pub(super) async fn start() -> Self {
        let World { data, mut server } = World::new();
        server.signal("-INT");
        assert!(server.child.wait().unwrap().success());
        let postgres = EmbeddedPostgres::start("runstate", &data.0.join("postgres")).await.unwrap();
        Self { data, postgres }
    }

    pub(super) fn doctor(&self) -> Command {
        doctor(&self.data.0)
    }

    /// Runs statements as the owner, who is a superuser here.
    #[expect(clippy::disallowed_methods, reason = "the test's own SQL")]
    pub(super) async fn sql(&self, statements: &'static str) {
        let mut connection = self.postgres.connect_options().connect().await.unwrap();
        for statement in statements.split_inclusive(';') {
            connection.execute(sqlx::raw_sql(statement)).await.unwrap();
        }
    }

    /// Waits until new connections have a setting that was changed and reloaded.
    #[expect(clippy::disallowed_methods, reason = "the test's own SQL")]
    async fn wait_for_setting(&self, name: &str, value: &str) {
        loop {
            let mut connection = self.postgres.connect_options().connect().await.unwrap();
            let found = sqlx::query_scalar("SELECT current_setting($1)").bind(name);
            let found: String = found.fetch_one(&mut connection).await.unwrap();
            if found == value {
                return;
            }
        }
    }

    /// The URL of the database for another user.
    fn url(&self, user: &str, password: &str) -> String {
        let options = self.postgres.connect_options();
        let socket = options.get_socket().unwrap().display();
        format!("postgres://{user}:{password}@localhost/runstate?host={socket}")
    }

    pub(super) async fn stop(self) {
        self.postgres.stop().await;
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_database_is_found_and_the_report_says_what_to_do() {
    let world = Database::start().await;
    world
        .sql(
            "DROP INDEX device_state_pending;
             ALTER TABLE script DISABLE ROW LEVEL SECURITY;
             UPDATE script_counts SET counted_success_devices = counted_success_devices + 1;
             ALTER ROLE runstate_server BYPASSRLS;
             INSERT INTO device_state_history_other SELECT tenant_id, script_id, id, user_state_id,
                 last_state_update, now(), '1999-01-01', run_state, error_code, version,
                 last_state_update_offset, 90, false FROM device_state;
             SELECT add_history_partition(7::smallint, '2001-01-01', '2001-01-02');
             UPDATE _sqlx_migrations SET success = false WHERE version = 1;
             ALTER SYSTEM SET autovacuum = off;
             ALTER SYSTEM SET synchronous_standby_names = 'away';
             SET synchronous_commit = local;
             SELECT pg_reload_conf();",
        )
        .await;
    world.wait_for_setting("autovacuum", "off").await;
    let (code, found) = lines(&mut world.doctor());
    assert_eq!(code, Some(1));
    assert_has(
        &found,
        &[
            "fail rights: the role runstate_server is a superuser or bypasses row-level security -> \
             ALTER ROLE runstate_server NOSUPERUSER NOBYPASSRLS",
            "fail row-level security: tables without row-level security: script -> Run as the owner: SELECT \
             set_rights()",
            "fail replication: synchronous_standby_names is set, and no such standby is connected: \
             writes wait -> Start the standby, or empty synchronous_standby_names and reload.",
            "fail schema: migrations that are missing: 1 -> Run `runstate migrate` as the owner; \
             `runstate serve` does the same.",
            "fail indexes: missing: device_state_pending -> Run its statement of migrations/ again, \
             with CREATE INDEX CONCURRENTLY.",
            "fail counters: the counters of 1 among 1 scripts do not match the rows -> `runstate recount \
             --check` lists them, and `runstate recount` corrects them.",
            "warn dead rows: autovacuum is off, so tables only grow -> Set autovacuum = on in \
             postgresql.conf.",
            "warn partitions: versions are in the default partition, because theirs was not made in \
             time -> Nothing is lost: a running server moves them. See that one runs, and its log.",
        ],
    );
    let overdue = "warn retention: 1 partitions should have been dropped, one ";
    assert!(found.iter().any(|line| line.starts_with(overdue)), "{found:#?}");
    let (_, all) = lines(world.doctor().arg("--all-counters"));
    let wrong = "fail counters: 1 counters do not match the rows -> `runstate recount` corrects them. \
                 Please report it.";
    assert_has(&all, &[wrong]);
    world.stop().await;
}

#[tokio::test]
async fn an_index_that_is_not_valid_and_other_migrations_are_found() {
    let world = Database::start().await;
    world
        .sql(
            "UPDATE pg_index SET indisvalid = false
             WHERE indexrelid = 'device_state_of_user'::regclass;
             INSERT INTO _sqlx_migrations
                 (version, description, success, checksum, execution_time)
             VALUES (9999, 'later', true, '', 0);
             INSERT INTO audit_event
                 (tenant_id, id, activity_date_time, activity_date_time_offset, resources)
             VALUES (gen_random_uuid(), 'x', ticks('2001-01-01'), 0, '[]');",
        )
        .await;
    let (code, found) = lines(&mut world.doctor());
    assert_eq!(code, Some(1));
    let migrations = fs::read_dir("migrations").unwrap();
    let names = migrations.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let own = names.filter(|name| name.ends_with(".sql")).count();
    let newer = format!(
        "warn schema: it has {} migrations, this version {own} -> The database was migrated by a \
         newer version: upgrade this one soon.",
        own + 1
    );
    assert_has(
        &found,
        &[
            &newer,
            "fail indexes: not valid: device_state_of_user -> Run as the owner: REINDEX INDEX \
             CONCURRENTLY …",
            "warn audit events: 1 are older than a year -> Let a server run: its maintenance removes \
             them. Look at its log.",
        ],
    );
    world.sql("UPDATE _sqlx_migrations SET checksum = '' WHERE version = 3").await;
    let other = "fail schema: migration 3 is not that of this version -> Use the program that \
                 migrated the database.";
    assert_has(&lines(&mut world.doctor()).1, &[other]);
    world.stop().await;
}

#[tokio::test]
async fn an_old_transaction_is_found_and_a_young_one_is_no_matter() {
    let world = Database::start().await;
    let options = world.postgres.connect_options().application_name("holder");
    let mut holder = options.connect().await.unwrap();
    let mut transaction = holder.begin().await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "the test's own SQL")]
    let pid: i32 =
        sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *transaction).await.unwrap();
    let (_, found) = lines(&mut world.doctor());
    assert_has(&found, &["ok transactions: none has been open for an hour"]);
    // A test cannot wait for hours, so a view puts the beginning of all transactions back.
    world
        .sql(
            "CREATE VIEW pg_stat_activity AS
                 SELECT datname, pid, application_name, backend_type,
                        xact_start - interval '2 hours' AS xact_start
                 FROM pg_catalog.pg_stat_activity;
             ALTER DATABASE runstate SET search_path = public, pg_catalog;",
        )
        .await;
    let (_, found) = lines(&mut world.doctor());
    let old = format!(
        "warn transactions: the transaction of process {pid} (holder) has been open for 2 hours -> End \
         it: while it is open, no dead rows are removed."
    );
    assert_has(&found, &[&old]);
    transaction.rollback().await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn the_login_of_the_server_sees_less_and_its_password_is_not_printed() {
    in_one_day(async || {
        let world = Database::start().await;
        world
            .sql(
                "CREATE ROLE login LOGIN PASSWORD 'secret-word' IN ROLE runstate_server;
                 CREATE ROLE stranger LOGIN PASSWORD 'secret-word';
                 CREATE ROLE boss LOGIN SUPERUSER PASSWORD 'secret-word';",
            )
            .await;
        let of = |user: &str| {
            let mut command = world.doctor();
            command.env("DATABASE_URL", world.url(user, "secret-word"));
            command
                .env("RUNSTATE_LOCAL_ISSUER", "true")
                .env("RUNSTATE_TWIN_SECRET", "sixteen-secret-16");
            command
        };
        let (code, found) = lines(&mut of("login"));
        assert_eq!(code, Some(0), "{found:#?}");
        assert_has(
            &found,
            &[
                "ok rights: login owns nothing, and serves as runstate_server",
                "skip counters: only the owner sees the rows of all tenants",
                "skip audit events: only the owner sees the events of all tenants",
                "skip retention: the database refuses: permission denied for view history_partition \
                 (SQLSTATE 42501)",
            ],
        );
        let partitions = "ok partitions: made ahead: 2; the default partition is empty";
        assert!(found.iter().any(|line| line.starts_with(partitions)), "{found:#?}");
        let (code, found) = lines(&mut of("stranger"));
        assert_eq!(code, Some(1), "{found:#?}");
        let no_member = "fail rights: stranger is no member of runstate_server, so it cannot serve -> Let \
                         an administrator run: GRANT runstate_server TO \"stranger\"";
        assert_has(&found, &[no_member]);
        let (code, found) = lines(&mut of("boss"));
        assert_eq!(code, Some(0), "{found:#?}");
        let superuser = "warn rights: boss is a superuser, or bypasses row-level security -> Let the \
                         server log in as a user who owns nothing: docs/guides/postgresql.md, Two users.";
        assert_has(&found, &[superuser]);
        for arguments in [&[][..], &["--json"]] {
            let output = run(of("login").args(arguments).env("RUST_LOG", "trace"));
            let everything = text(&output.stdout) + &text(&output.stderr);
            assert!(!everything.contains("secret-word"), "{everything}");
            assert!(!everything.contains("sixteen-secret-16"), "{everything}");
            assert!(everything.contains("***"), "{everything}");
        }
        world.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_database_that_is_not_durable_and_has_no_schema_fails() {
    let postgres = EmbeddedPostgres::start_temporary("runstate").await.unwrap();
    let directory = Directory::new();
    let mut command = doctor(&directory.0);
    command.env("DATABASE_URL", postgres.connect_options().to_url_lossy().to_string());
    command.env("RUNSTATE_LOCAL_ISSUER", "true");
    let (code, found) = lines(&mut command);
    assert_eq!(code, Some(1));
    assert_has(
        &found,
        &[
            "fail rights: there is no role runstate_server -> Run `runstate migrate` as the owner, or \
             have an administrator create the role.",
            "fail durability: fsync is off: a crash of the machine can destroy the database -> Set \
             fsync = on in postgresql.conf.",
            "fail schema: the database has no schema -> Start the server, or run `runstate migrate` \
             as the owner.",
            "skip indexes: the database has no schema",
            "skip dead rows: there are no tables",
        ],
    );
    postgres.stop().await;
}
