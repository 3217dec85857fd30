//! Does the database itself isolate tenants, even if a statement of the server is wrong? The statements
//! run as the server's role, on every table with a tenant column in the catalog.

use reqwest::Method;
#[expect(clippy::disallowed_types, reason = "names of tables come from the catalog")]
use sqlx::AssertSqlSafe;
use sqlx::{Executor, PgConnection};
use uuid::Uuid;

use crate::harness::{DEVICES, Server, WRITE_SCOPE, error_code, send, user};
use crate::permissions::routes::{FAMILIES, contained_types, new_script};

/// All tables with a tenant column, and all views with one to which the server has any right.
async fn relations(database: &mut PgConnection) -> Vec<String> {
    let relations: Vec<String> = sqlx::query_scalar(
        "SELECT attrelid::regclass::text FROM pg_attribute \
         JOIN pg_class ON pg_class.oid = attrelid WHERE attname = 'tenant_id' \
         AND relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT relispartition \
         AND relnamespace = current_schema()::regnamespace \
         AND (relkind IN ('r', 'p') \
              OR has_table_privilege('runstate_server', attrelid, 'SELECT, INSERT, UPDATE, DELETE'))",
    )
    .fetch_all(database)
    .await
    .unwrap();
    assert!(relations.len() >= 7, "{relations:?}");
    relations
}

/// A row of each table of the directory, for the tenant `$1`.
const DIRECTORY_ROWS: &[&str] = &[
    "INSERT INTO tenant (id) VALUES ($1)",
    "INSERT INTO application \
     VALUES ($1, $1, $1, 'App', true, '{}', '{}', '{}', '{}', '{}', '{}')",
    "INSERT INTO application_secret VALUES ($1, $1, $1, 'hash')",
    "INSERT INTO directory_user VALUES ($1, $1, 'ada@example.org', 'Ada', 'hash')",
    "INSERT INTO authorization_code VALUES \
     ($1, 'a', $1, $1, $1, 'http://localhost', 'openid', null, null, now(), false, $1, null, now())",
    "INSERT INTO device_code (tenant_id, id, tid, user_code, application_id, scope, expires_at) \
     VALUES ($1, 'a', $1, 'ABCDEFGH', $1, 'openid', now())",
    "INSERT INTO token_family VALUES ($1, $1, $1, $1, $1, 'openid', null, now())",
    "INSERT INTO refresh_token VALUES ($1, 'a', $1, null, now())",
    "INSERT INTO sign_in_session VALUES ($1, 'a', $1, now(), now())",
    "INSERT INTO former_page_token_key VALUES ($1, 'key')",
];

/// A server with rows of two tenants in every table, and the ids of these tenants.
async fn with_two_tenants() -> (Server, [Uuid; 2]) {
    let server = Server::start().await;
    let tenants = [server.tenant(), Uuid::new_v4()];
    for tenant in tenants {
        let client = server.client_of(&user(tenant, &[WRITE_SCOPE]));
        let device = client.request(Method::POST, DEVICES).header("Idempotency-Key", "one-key");
        let device = device.header("Content-Type", "application/json");
        send(device.body(r#"{ "id": "one-device" }"#)).await.created();
        for family in FAMILIES {
            new_script(&client, family, true).await;
        }
    }
    let mut owner = server.database().await;
    for statement in [
        "INSERT INTO retention (tenant_id) SELECT DISTINCT tenant_id FROM script",
        "INSERT INTO script_retention (tenant_id, script_id) SELECT tenant_id, id FROM script",
        "UPDATE device_state SET error_code = 1",
    ] {
        owner.execute(statement).await.unwrap();
    }
    for tenant in tenants {
        for insert in DIRECTORY_ROWS {
            sqlx::query(*insert).bind(tenant).execute(&mut owner).await.unwrap();
        }
    }
    for relation in relations(&mut owner).await {
        for tenant in tenants {
            let rows = rows_of(&mut owner, &relation, tenant).await;
            assert!(!rows.is_empty(), "with_two_tenants() makes no row of {relation} to hide");
        }
    }
    (server, tenants)
}

/// A session like one of the server, with access to the rows of these tenants.
async fn session(server: &Server, tenants: &[Uuid]) -> PgConnection {
    let mut session = server.database().await;
    session.execute("SET ROLE runstate_server").await.unwrap();
    set_tenants(&mut session, tenants).await;
    session
}

async fn set_tenants(session: &mut PgConnection, tenants: &[Uuid]) {
    let set = sqlx::query("SELECT set_config('runstate.tenants', $1::uuid[]::text, false)");
    set.bind(tenants).execute(session).await.unwrap();
}

async fn count(session: &mut PgConnection, relation: &str) -> i64 {
    let count = format!("SELECT count(*) FROM {relation}");
    sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(session).await.unwrap()
}

/// The rows of a tenant, read as the owner.
async fn rows_of(database: &mut PgConnection, relation: &str, tenant: Uuid) -> Vec<String> {
    let rows = format!("SELECT it::text FROM {relation} AS it WHERE tenant_id = $1 ORDER BY 1");
    sqlx::query_scalar(AssertSqlSafe(rows)).bind(tenant).fetch_all(database).await.unwrap()
}

#[tokio::test]
async fn a_statement_sees_only_the_tenants_of_its_session() {
    let (server, [own, other]) = with_two_tenants().await;
    let mut owner = server.database().await;
    let mut session = session(&server, &[]).await;
    for relation in relations(&mut owner).await {
        let [owns, others] = [own, other].map(|tenant| (tenant, relation.clone()));
        let owns = rows_of(&mut owner, &owns.1, owns.0).await.len() as i64;
        let others = rows_of(&mut owner, &others.1, others.0).await.len() as i64;
        assert!(owns > 0 && others > 0, "{relation} has no rows to hide");
        for (tenants, seen) in
            [(&[][..], 0), (&[own], owns), (&[other], others), (&[own, other], owns + others)]
        {
            set_tenants(&mut session, tenants).await;
            assert_eq!(count(&mut session, &relation).await, seen, "{relation}: {tenants:?}");
        }
        session.execute("RESET runstate.tenants").await.unwrap();
        assert_eq!(count(&mut session, &relation).await, 0, "{relation}");
    }
}

/// The views that the server reads, with its own rights. Nobody can write to them.
const VIEWS: [&str; 3] = ["device_state_at", "device_state_version", "retention_of_script"];

#[tokio::test]
async fn a_statement_writes_no_row_of_another_tenant() {
    let (server, [own, other]) = with_two_tenants().await;
    let mut owner = server.database().await;
    let mut session = session(&server, &[own]).await;
    let is_table = |relation: &String| !VIEWS.contains(&relation.as_str());
    for relation in relations(&mut owner).await.into_iter().filter(is_table) {
        let before = rows_of(&mut owner, &relation, other).await;
        let id = match relation.as_str() {
            "idempotency_key" | "former_page_token_key" => "key",
            "retention" | "script_retention" => "history_days",
            _ => "id",
        };
        for statement in [
            format!("DELETE FROM {relation} WHERE tenant_id = '{other}'"),
            format!("UPDATE {relation} SET {id} = {id} WHERE tenant_id = '{other}'"),
            format!("SELECT FROM {relation} WHERE tenant_id = '{other}' FOR UPDATE"),
        ] {
            match session.execute(AssertSqlSafe(statement.clone())).await {
                Ok(done) => assert_eq!(done.rows_affected(), 0, "{statement}"),
                Err(error) => {
                    let code = error.as_database_error().unwrap().code().unwrap().into_owned();
                    assert_eq!(code, "42501", "{statement}: {error}");
                }
            }
        }
        // A copy of an existing row. Row-level security must refuse it because of its tenant.
        let json = format!("SELECT to_jsonb(it)::text FROM {relation} AS it WHERE tenant_id = $1");
        let json: String = sqlx::query_scalar(AssertSqlSafe(json))
            .bind(other)
            .fetch_one(&mut owner)
            .await
            .unwrap();
        let json = json.replace('\'', "''");
        let insert = format!(
            "INSERT INTO {relation} SELECT * FROM jsonb_populate_record(NULL::{relation}, '{json}')"
        );
        assert_eq!(error_code(&mut session, insert).await.as_deref(), Some("42501"), "{relation}");
        let moved = format!("UPDATE {relation} SET tenant_id = '{other}'");
        assert_eq!(error_code(&mut session, moved).await.as_deref(), Some("42501"), "{relation}");
        assert_eq!(rows_of(&mut owner, &relation, other).await, before, "{relation}");
    }
}

/// Rows of the tenant `$1` in a script `$2` of another tenant, one of each table of what a script
/// contains.
const FOREIGN_ROWS: &[&str] = &[
    "INSERT INTO user_state (tenant_id, script_id, id, success_device_count, error_device_count) \
     VALUES ($1, $2, 'x', 0, 0)",
    "INSERT INTO device_state (tenant_id, script_id, id, last_state_update, \
     last_state_update_offset, run_state, error_code) VALUES ($1, $2, 'x', 0, 0, 'success', 0)",
    "INSERT INTO assignment VALUES ($1, $2, 'x')",
];

#[tokio::test]
async fn a_row_cannot_refer_to_another_tenant_even_in_a_session_of_both() {
    let (server, [own, other]) = with_two_tenants().await;
    let mut owner = server.database().await;
    let script: Uuid = sqlx::query_scalar("SELECT id FROM script WHERE tenant_id = $1 LIMIT 1")
        .bind(other)
        .fetch_one(&mut owner)
        .await
        .unwrap();
    for (_, entity_type) in contained_types() {
        let start = format!("INSERT INTO {} ", entity_type.table);
        let has_insert = FOREIGN_ROWS.iter().any(|insert| insert.starts_with(&start));
        assert!(has_insert, "add '{start}…' to FOREIGN_ROWS");
    }
    for tenants in [&[own][..], &[own, other]] {
        let mut session = session(&server, tenants).await;
        for insert in FOREIGN_ROWS {
            let inserted = sqlx::query(*insert).bind(own).bind(script).execute(&mut session).await;
            let code =
                inserted.unwrap_err().as_database_error().unwrap().code().unwrap().into_owned();
            assert_eq!(code, "23503", "{insert}");
        }
    }
}

#[tokio::test]
async fn every_table_has_a_policy_and_a_view_has_the_rights_of_its_caller() {
    let server = Server::start().await;
    let mut owner = server.database().await;
    for relation in relations(&mut owner).await {
        let holds: bool = sqlx::query_scalar(
            "SELECT CASE relkind WHEN 'v' THEN reloptions = '{security_invoker=true}' \
             ELSE relrowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = it.oid) END \
             FROM pg_class AS it WHERE oid = $1::regclass",
        )
        .bind(&relation)
        .fetch_one(&mut owner)
        .await
        .unwrap();
        assert!(holds, "{relation}: does its migration end with set_rights()?");
    }
}

/// The only indexes without the tenant. They find expired rows of all tenants, because a tenant may never
/// send a request again.
const OF_ALL_TENANTS: [&str; 7] = [
    "audit_event_of_all_tenants_by_time",
    "idempotency_key_kept_until",
    "authorization_code_expires_at",
    "device_code_expires_at",
    "token_family_expires_at",
    "refresh_token_expires_at",
    "sign_in_session_expires_at",
];

#[tokio::test]
async fn every_key_foreign_key_and_index_starts_with_the_tenant() {
    let server = Server::start().await;
    let mut owner = server.database().await;
    for relation in relations(&mut owner).await {
        let others: Vec<String> = sqlx::query_scalar(
            "SELECT conname::text FROM pg_constraint \
             JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1] \
             WHERE conrelid = $1::regclass AND contype IN ('p', 'u', 'f') AND attname <> 'tenant_id' \
             UNION ALL \
             SELECT indexrelid::regclass::text FROM pg_index \
             LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] \
             WHERE indrelid = $1::regclass AND attname IS DISTINCT FROM 'tenant_id'",
        )
        .bind(&relation)
        .fetch_all(&mut owner)
        .await
        .unwrap();
        let of_relation = |index: &&str| index.starts_with(&relation);
        let expected: Vec<&str> = OF_ALL_TENANTS.into_iter().filter(of_relation).collect();
        assert_eq!(others, expected, "{relation}");
    }
}
