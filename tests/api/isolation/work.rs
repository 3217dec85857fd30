//! Does a request cost more if another tenant has more rows? The test counts the pages that the
//! statements of all routes touch in the database, before and after rows of another tenant are added.
//! Does a create, which sets the tenant of its session, leave it set?

use std::iter;

use runstate::database;
use runstate::message::Method;
use runstate::sql::Statement;
use sqlx::{Connection, Executor, PgConnection};
use uuid::Uuid;

use crate::harness::{operation, query};
use crate::permissions::routes::{Keys, Route, contained_types, new_script, routes, with_device};

/// Inserts rows of another tenant into many pages of each table.
const ROWS_OF_ANOTHER: &str = "
    WITH other AS (SELECT gen_random_uuid() AS tenant_id),
    scripts AS (
        INSERT INTO script (tenant_id, id, family, created, created_offset, last_modified,
            last_modified_offset, run_as_account, role_scope_tag_ids, enforce_signature_check,
            run_as_32_bit, execution_frequency, retry_count, block_execution_notifications,
            custom_attribute_type)
        SELECT tenant_id, gen_random_uuid(),
            (enum_range(NULL::script_family))[1 + number % 3], 0, 0, 0, 0, 'system', '{}',
            false, false, 0, 0, false, 'integer'
        FROM other, generate_series(1, 5000) AS number RETURNING *),
    users AS (
        INSERT INTO user_state (tenant_id, script_id, id, success_device_count, error_device_count)
        SELECT tenant_id, id, 'one-user', 0, 0 FROM scripts RETURNING *),
    assignments AS (
        INSERT INTO assignment (tenant_id, script_id, id, target_group_id)
        SELECT tenant_id, id, id || ':one-group', 'one-group' FROM scripts)
    INSERT INTO device_state (tenant_id, script_id, id, last_state_update,
        last_state_update_offset, run_state, error_code)
    SELECT tenant_id, script_id, 'of-script' || number, 0, 0, 'success', 0
    FROM users, generate_series(1, 10) AS number";

/// The statements that the service would run for a route.
fn statements(route: &Route, path: &str, tenant: Uuid) -> Vec<Statement> {
    let method = match &*route.method {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PATCH" => Method::Patch,
        _ => Method::Delete,
    };
    let body = route.body().map_or_else(String::new, |body| body.to_string());
    let query = query(tenant, &operation(method, path), "", &body);
    let steps = iter::once(query.first).chain(query.others);
    steps.map(|step| step.statement).collect()
}

/// The number of pages that statements touch, including triggers and foreign keys. Rolls back.
async fn pages(session: &mut PgConnection, statements: Vec<Statement>) -> i64 {
    let mut transaction = session.begin().await.unwrap();
    let before = pages_so_far(&mut transaction).await;
    for statement in statements {
        database::bind(statement).fetch_all(&mut *transaction).await.unwrap();
    }
    let after = pages_so_far(&mut transaction).await;
    transaction.rollback().await.unwrap();
    after - before
}

async fn pages_so_far(session: &mut PgConnection) -> i64 {
    let pages = "SELECT sum(pg_stat_get_xact_blocks_fetched(oid))::bigint FROM pg_class \
                 WHERE relnamespace = current_schema()::regnamespace";
    sqlx::query_scalar(pages).fetch_one(session).await.unwrap()
}

#[tokio::test]
async fn rows_of_another_tenant_do_not_make_a_statement_touch_more_pages() {
    for (_, entity_type) in contained_types() {
        let insert = format!("INSERT INTO {} (", entity_type.table);
        assert!(ROWS_OF_ANOTHER.contains(&insert), "add '{insert}…' to ROWS_OF_ANOTHER");
    }
    let (server, client) = with_device().await;
    let mut owner = server.database().await;
    let mut session = server.database().await;
    session.execute("SET ROLE runstate_server").await.unwrap();
    sqlx::query("SELECT set_config('runstate.tenants', $1::uuid[]::text, false)")
        .bind([server.tenant()])
        .execute(&mut session)
        .await
        .unwrap();
    // Creates all rows of the tenant itself before the first count.
    let mut requests = Vec::new();
    for route in routes() {
        let script = new_script(&client, route.family(), true).await;
        requests.push((route.filled(&Keys::of(&script), route.family()), route));
    }
    owner.execute("ANALYZE").await.unwrap();
    let mut counted = Vec::new();
    for (path, route) in &requests {
        counted.push(pages(&mut session, statements(route, path, server.tenant())).await);
    }
    owner.execute(ROWS_OF_ANOTHER).await.unwrap();
    owner.execute("ANALYZE").await.unwrap();
    let rows = "SELECT pg_relation_size('device_state') / current_setting('block_size')::int";
    let pages_of_rows: i64 = sqlx::query_scalar(rows).fetch_one(&mut owner).await.unwrap();
    assert!(pages_of_rows > 300, "{pages_of_rows}");
    for ((path, route), before) in requests.iter().zip(counted) {
        let after = pages(&mut session, statements(route, path, server.tenant())).await;
        // Each lookup in a larger index may touch one more page, if the tree is one level higher.
        let allowed = 2 * before + 10;
        assert!(after <= allowed, "{} {path}: {before} pages, then {after}", route.method);
    }
}

#[tokio::test]
async fn a_create_sets_its_tenant_for_its_own_transaction_only() {
    let (server, client) = with_device().await;
    let mut session = server.database().await;
    session.execute("SET ROLE runstate_server").await.unwrap();
    let is_create = |it: &Route| it.method == "POST" && it.path.ends_with("deviceRunStates");
    for route in routes().into_iter().filter(is_create) {
        let script = new_script(&client, route.family(), true).await;
        let path = route.filled(&Keys::of(&script), route.family());
        let [create] = <[_; 1]>::try_from(statements(&route, &path, server.tenant())).unwrap();
        let create = database::bind(create);
        assert_eq!(create.fetch_all(&mut session).await.unwrap().len(), 1, "{path}");
        let seen = sqlx::query_scalar("SELECT count(*) FROM device_state");
        let seen: i64 = seen.fetch_one(&mut session).await.unwrap();
        assert_eq!(seen, 0, "{path}");
    }
}
