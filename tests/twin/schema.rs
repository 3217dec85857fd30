//! What the twin makes of the database: the tables that it copies, and what is there without it.

use std::collections::BTreeSet;

use runstate::model::ENTITY_TYPES;
use runstate::store::Store;
use serde_json::json;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnection;

use crate::world::{Tenant, World};

/// Tables that a copy leaves out: what belongs to one run of a client.
const LEFT_OUT: [&str; 7] = [
    "authorization_code",
    "device_code",
    "former_page_token_key",
    "idempotency_key",
    "refresh_token",
    "sign_in_session",
    "token_family",
];
/// Tables that the model does not know, and that a copy has.
const BESIDE_THE_MODEL: [&str; 6] = [
    "application",
    "application_secret",
    "device_state_history",
    "directory_user",
    "retention",
    "script_retention",
];

async fn connect(world: &World) -> PgConnection {
    world.database.options().connect().await.unwrap()
}

async fn tables(connection: &mut PgConnection, query: &'static str) -> BTreeSet<String> {
    let names: Vec<String> = sqlx::query_scalar(query).fetch_all(connection).await.unwrap();
    names.into_iter().collect()
}

#[tokio::test]
async fn each_table_with_a_tenant_is_copied_or_left_out_by_name() {
    let world = World::start().await;
    let mut connection = connect(&world).await;
    let all = "SELECT table_name::text FROM information_schema.columns
               JOIN information_schema.tables USING (table_schema, table_name)
               WHERE column_name = 'tenant_id' AND table_type = 'BASE TABLE'
                 AND table_name NOT LIKE 'device_state_history_%'";
    let all = tables(&mut connection, all).await;
    let copied =
        tables(&mut connection, "SELECT name::text FROM tenant_table WHERE is_copied").await;
    let left_out: BTreeSet<String> = all.difference(&copied).cloned().collect();
    assert_eq!(left_out, LEFT_OUT.map(str::to_owned).into());
    let views = "SELECT table_name::text FROM information_schema.views";
    let views = tables(&mut connection, views).await;
    let of_model = ENTITY_TYPES.iter().map(|it| it.table.to_owned());
    let of_model: BTreeSet<String> = of_model.filter(|it| !views.contains(it)).collect();
    let expected: BTreeSet<String> =
        of_model.into_iter().chain(BESIDE_THE_MODEL.map(str::to_owned)).collect();
    assert_eq!(copied, expected, "a new table: is it to be copied?");
}

#[tokio::test]
async fn the_servers_role_copies_and_removes_no_tenant_that_the_twin_did_not_make() {
    let world = World::start().await;
    let mut connection = connect(&world).await;
    sqlx::query("SET ROLE runstate_server").execute(&mut connection).await.unwrap();
    let tenant = world.tenant(json!({})).await;
    for statement in [
        "SELECT twin_fork('7e570000-0000-4000-8000-000000000001', id) FROM twin_tenant",
        "SELECT twin_fork(id, '7e570000-0000-4000-8000-000000000001') FROM twin_tenant",
        "INSERT INTO twin_tenant (id, settings) VALUES ('7e570000-0000-4000-8000-000000000001', '')",
    ] {
        assert!(sqlx::query(statement).execute(&mut connection).await.is_err(), "{statement}");
    }
    let wiped = "SELECT twin_wipe('7e570000-0000-4000-8000-000000000001')";
    let wiped: i64 = sqlx::query_scalar(wiped).fetch_one(&mut connection).await.unwrap();
    assert_eq!(wiped, 0);
    assert!(tenant.scripts().await.is_empty());
}

#[tokio::test]
async fn without_a_twin_the_clock_of_the_database_is_put_in_the_place_of_its_calls() {
    let world = World::without_twin().await;
    let mut connection = connect(&world).await;
    let plan = "EXPLAIN (VERBOSE, COSTS OFF)
                SELECT present_time(gen_random_uuid()), stored_history_days(NULL, 7::smallint)";
    let explained: Vec<String> = sqlx::query_scalar(plan).fetch_all(&mut connection).await.unwrap();
    assert!(
        explained.join("\n").contains("Output: clock_timestamp(), '7'::smallint"),
        "{explained:?}"
    );
}

#[tokio::test]
async fn the_twin_is_switched_on_again_and_off_without_a_trace() {
    let world = World::without_twin().await;
    let options = world.database.options();
    let mut connection = connect(&world).await;
    let objects = "SELECT md5(string_agg(pg_get_functiondef(oid) || coalesce(proacl::text, ''), ''
                       ORDER BY oid::regprocedure::text))
                   FROM pg_proc WHERE pronamespace = current_schema()::regnamespace";
    let objects = async |connection: &mut PgConnection| -> String {
        sqlx::query_scalar(objects).fetch_one(connection).await.unwrap()
    };
    let before = objects(&mut connection).await;
    for _ in 0..2 {
        drop(Store::switch_twin_on(options).await.unwrap());
        assert_ne!(objects(&mut connection).await, before);
    }
    // The lock ends with its connection, a moment later.
    while objects(&mut connection).await != before {
        Store::switch_twin_off(options).await.unwrap();
    }
}

async fn copy_is_right(world: &World, original: &Tenant<'_>, script: &str) {
    let states = format!("{script}/userRunStates('ada')?$expand=deviceRunStates");
    let summary = format!("{script}?$expand=runSummary");
    let events = "/beta/deviceManagement/auditEvents".to_owned();
    let copy = world.tenant(json!({ "from": original.id() })).await;
    for path in [&states, &summary, &events] {
        assert_eq!(copy.get(path).await, original.get(path).await);
    }
    let wrong = Store::find_miscounted(world.database.options()).await.unwrap();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test]
async fn an_owner_who_may_not_leave_triggers_out_copies_with_them() {
    let world = World::start().await;
    let mut connection = connect(&world).await;
    let restrict = [
        "ALTER FUNCTION twin_fork(uuid, uuid) RESET session_replication_role",
        "ALTER FUNCTION twin_wipe(uuid) RESET session_replication_role",
    ];
    for statement in restrict {
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }
    let original = world.tenant(json!({ "id": "t1" })).await;
    let script = original.new_script("a").await;
    let users = format!("{script}/userRunStates");
    let post = reqwest::Method::POST;
    original.send(post.clone(), &users, json!({ "id": "ada" })).await.json(201);
    for (id, state) in [("s1", "fail"), ("s2", "success"), ("s3", "pending")] {
        let state = json!({ "id": id, "runState": state });
        original.send(post.clone(), &format!("{users}/ada/deviceRunStates"), state).await.json(201);
    }
    copy_is_right(&world, &original, &script).await;
    world.post("/reset", serde_json::Value::Null).await;
    for left in ["SELECT count(*) FROM device_state_history", "SELECT count(*) FROM audit_event"] {
        let rows: i64 = sqlx::query_scalar(left).fetch_one(&mut connection).await.unwrap();
        assert_eq!(rows, 0, "{left}");
    }
}
