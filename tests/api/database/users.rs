//! Which database user runs the migrations, and with which rights does the server work?

use runstate::database::StartError;
use runstate::retention::HistoryDays;
use runstate::store::Store;
#[expect(clippy::disallowed_types, reason = "the SQL of tests contains no input of clients")]
use sqlx::AssertSqlSafe;
use sqlx::error::DatabaseError;
use sqlx::{ConnectOptions, Executor, PgConnection};
use uuid::Uuid;

use crate::harness::{Database, Login, Server};

/// A database with the schema. Its owner is not a superuser and may not create roles.
async fn migrated() -> (Login, Database) {
    drop(Database::create()); // creates the server's role, as an administrator would
    let (owner, database) = Database::empty();
    Store::migrate(&owner.options(&database)).await.unwrap();
    (owner, database)
}

#[tokio::test]
async fn the_owner_migrates_and_an_unprivileged_user_serves() {
    let (_owner, database) = migrated().await;
    let user = database.login("runstate_server");
    let options = user.options(&database);
    Store::migrate(&options).await.unwrap();
    let server = Server::on(database, options).await;
    let script = server.client().new_script().await;
    server.client().new_user_state(&script, "adele").await;
    server.client().get(&script).await.ok();
}

#[tokio::test]
async fn the_owner_may_serve_if_it_is_a_member_of_the_servers_role() {
    let (owner, database) = migrated().await;
    let options = owner.options(&database);
    let refused = Store::open(options.clone(), HistoryDays::default()).await.unwrap_err();
    assert!(matches!(refused, StartError::Role(..)), "{refused}");
    let advice = format!("GRANT runstate_server TO {}", owner.name());
    assert!(refused.to_string().ends_with(&advice), "{refused}");
    owner.join("runstate_server");
    let server = Server::on(database, options).await;
    server.client().new_script().await;
}

#[tokio::test]
async fn a_user_who_may_not_migrate_is_told_what_to_run() {
    let (_owner, database) = Database::empty();
    let user = database.login("pg_monitor");
    let refused = Store::migrate(&user.options(&database)).await.unwrap_err();
    assert!(matches!(refused, StartError::MayNotMigrate(_)), "{refused}");
    assert!(refused.to_string().contains("`runstate migrate`"), "{refused}");
}

#[tokio::test]
async fn the_servers_role_owns_nothing_and_can_create_nothing() {
    let (_owner, database) = migrated().await;
    let user = database.login("runstate_server");
    let mut connection = user.options(&database).connect().await.unwrap();
    connection.execute("SET ROLE runstate_server").await.unwrap();
    for catalog in
        ["pg_class:relowner", "pg_proc:proowner", "pg_type:typowner", "pg_namespace:nspowner"]
    {
        let (catalog, owner) = catalog.split_once(':').unwrap();
        let count =
            format!("SELECT count(*) FROM {catalog} WHERE {owner} = 'runstate_server'::regrole");
        let owned: i64 =
            sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut connection).await.unwrap();
        assert_eq!(owned, 0, "{catalog}");
    }
    for statement in [
        "CREATE TABLE mine ()",
        "CREATE TEMPORARY TABLE mine ()",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql RETURN 1",
        "CREATE TRIGGER mine AFTER DELETE ON script FOR EACH ROW EXECUTE FUNCTION move_user_counts()",
        "CREATE POLICY mine ON script",
        "DROP POLICY own_tenants ON script",
        "ALTER POLICY own_tenants ON script USING (true)",
        "ALTER TABLE script DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE script DISABLE TRIGGER ALL",
        "ALTER TABLE script ADD COLUMN mine int",
        "ALTER TABLE script OWNER TO runstate_server",
        "ALTER VIEW miscounted SET (security_invoker = false)",
        "ALTER FUNCTION moment(bigint) RENAME TO mine",
        "DROP TABLE device_state",
        "TRUNCATE device_state",
        "UPDATE device_state SET version = 7",
        "INSERT INTO device_state_history SELECT FROM script",
        "DELETE FROM device_state_history",
        "TRUNCATE device_state_history",
        "SELECT FROM device_state_history_other",
        "SELECT FROM history_partition",
        "DELETE FROM stored_version",
        "SELECT FROM expiring_policy",
        "UPDATE expiry_walk SET next_block = NULL",
        "SELECT set_rights()",
        "SET row_security = off; SELECT FROM script",
        "SET ROLE pg_read_all_data",
        "SET session_replication_role = replica",
        "UPDATE page_token_key SET key = ''",
        "DELETE FROM former_page_token_key",
        "DELETE FROM closed_tenant",
        "INSERT INTO closed_tenant VALUES (gen_random_uuid(), 'moved')",
        "DELETE FROM _sqlx_migrations",
        "INSERT INTO script_counts SELECT FROM script",
        "DELETE FROM script_counts",
        "UPDATE user_state SET counted_error = 0",
        "UPDATE script_counts SET counted_device_states = 0",
        "SELECT FROM miscounted",
        "SELECT recount()",
        "SELECT FROM pg_authid",
        "COPY script TO PROGRAM 'cat'",
        "SELECT pg_read_file('PG_VERSION')",
    ] {
        let done = connection.execute(AssertSqlSafe(statement)).await;
        let refused = done.expect_err(statement);
        let code = refused.as_database_error().and_then(DatabaseError::code);
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {refused}");
        connection.execute("RESET row_security").await.unwrap();
    }
}

#[tokio::test]
async fn only_triggers_and_procedures_run_as_the_owner() {
    let server = Server::start().await;
    let mut database = server.database().await;
    let functions: Vec<(String, bool, bool, bool, bool, bool)> = sqlx::query_as(
        "SELECT proname::text, prorettype = 'trigger'::regtype, prokind = 'p', prosecdef, \
         coalesce(proconfig::text ~ 'search_path=', false), \
         has_function_privilege('runstate_server', oid, 'EXECUTE') \
         FROM pg_proc WHERE pronamespace = current_schema()::regnamespace",
    )
    .fetch_all(&mut database)
    .await
    .unwrap();
    assert!(functions.iter().any(|(_, is_trigger, ..)| *is_trigger));
    for (name, is_trigger, is_procedure, is_owners, has_search_path, may_be_called) in functions {
        assert_eq!(is_owners, is_trigger || is_procedure, "{name}");
        assert!(!is_owners || (has_search_path && may_be_called == is_procedure), "{name}");
    }
}

/// The rights to each function, table and view.
async fn rights(owner: &mut PgConnection) -> Vec<String> {
    let rights = "
        SELECT concat_ws(' ', oid::regprocedure, prosecdef, proconfig, proacl) FROM pg_proc
        WHERE pronamespace = current_schema()::regnamespace
        UNION ALL
        SELECT concat_ws(' ', oid::regclass, relrowsecurity, relacl, ARRAY(
            SELECT pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polrelid = class.oid))
        FROM pg_class AS class
        WHERE relkind IN ('r', 'p', 'v') AND relnamespace = current_schema()::regnamespace
        ORDER BY 1";
    sqlx::query_scalar(rights).fetch_all(owner).await.unwrap()
}

#[tokio::test]
async fn the_migrations_set_all_rights() {
    let server = Server::start().await;
    let mut owner = server.database().await;
    let before = rights(&mut owner).await;
    owner.execute("SELECT set_rights()").await.unwrap();
    assert_eq!(rights(&mut owner).await, before, "a migration should end with set_rights()");
}

#[tokio::test]
async fn set_rights_gives_new_objects_their_rights() {
    let server = Server::start().await;
    let mut owner = server.database().await;
    for statement in [
        "CREATE TABLE later (tenant_id uuid, id int)",
        "CREATE TABLE secret (id int)",
        "CREATE VIEW seen AS SELECT * FROM later",
        "CREATE FUNCTION computes() RETURNS int LANGUAGE sql RETURN 1",
        "CREATE FUNCTION commands() RETURNS void LANGUAGE sql AS 'SELECT set_rights()'",
        "CREATE OR REPLACE FUNCTION refuse_new_key() RETURNS trigger LANGUAGE plpgsql \
         AS 'BEGIN RETURN NULL; END'",
        "SELECT set_rights()",
    ] {
        owner.execute(statement).await.unwrap();
    }
    let is_owners: bool =
        sqlx::query_scalar("SELECT prosecdef FROM pg_proc WHERE proname = 'refuse_new_key'")
            .fetch_one(&mut owner)
            .await
            .unwrap();
    assert!(is_owners, "a replaced trigger function still runs as the owner");

    let tenant = server.tenant();
    owner.execute("SET ROLE runstate_server").await.unwrap();
    sqlx::query("SELECT set_config('runstate.tenants', $1::uuid[]::text, false)")
        .bind([tenant])
        .execute(&mut owner)
        .await
        .unwrap();
    owner.execute("SELECT computes()").await.unwrap();
    let insert = "INSERT INTO later VALUES ($1, 1)";
    sqlx::query(insert).bind(tenant).execute(&mut owner).await.unwrap();
    let others = sqlx::query(insert).bind(Uuid::new_v4()).execute(&mut owner).await;
    assert_eq!(code(&others.unwrap_err()), "42501");
    for refused in ["SELECT FROM secret", "SELECT FROM seen", "SELECT commands()"] {
        assert_eq!(code(&owner.execute(refused).await.unwrap_err()), "42501", "{refused}");
    }
}

fn code(error: &sqlx::Error) -> String {
    error.as_database_error().and_then(DatabaseError::code).unwrap_or_default().into_owned()
}
