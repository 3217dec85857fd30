//! Many tenants on one database, and how they end.

use std::collections::BTreeSet;

use futures_util::StreamExt;
use futures_util::stream;
use reqwest::Method;
use serde_json::{Value as Json, json};
use sqlx::{ConnectOptions, Connection};

use crate::world::{Reply, SCRIPTS, Tenant, World};

/// How many tenants are used at the same time.
const TENANTS: usize = 300;
/// How many tests a machine would run at the same time.
const AT_ONCE: usize = 16;

/// Sends a request again for as long as the server is too busy, as a client does.
async fn patiently(tenant: &Tenant<'_>, method: Method, path: &str, body: &Json) -> Reply {
    loop {
        let reply = tenant.send(method.clone(), path, body.clone()).await;
        if reply.status != 503 {
            return reply;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

/// The number of rows that belong to tenants of the twin, or are the twin's own.
pub(crate) async fn rows_left(world: &World) -> i64 {
    let mut connection = world.database.options().connect().await.unwrap();
    let query = "SELECT sum((xpath('/row/count/text()', query_to_xml(format(
                     'SELECT count(*) FROM %s WHERE is_twin_id(tenant_id)', name),
                     false, true, '')))[1]::text::bigint)::bigint
                 + (SELECT count(*) FROM twin_tenant)
                 + (SELECT count(*) FROM tenant WHERE is_twin_id(id)) FROM tenant_table";
    let rows = sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_tenants_at_a_time_do_not_meet_and_leave_nothing() {
    let world = World::start().await;
    let base = world.tenant(json!({ "id": "base" })).await;
    base.new_script("base").await;
    world.post("/tenants/base/snapshots", json!({ "name": "ready" })).await.json(201);
    let tenants = stream::iter(0..TENANTS).map(async |number| {
        let tenant = world.tenant(json!({ "from": "ready", "name": "many" })).await;
        let script = json!({ "displayName": format!("own {number}") });
        patiently(&tenant, Method::POST, SCRIPTS, &script).await.json(201);
        tenant
    });
    let tenants: Vec<_> = tenants.buffer_unordered(AT_ONCE).collect().await;
    assert_eq!(world.get("").await.json(200)["tenants"], TENANTS + 1);
    let seen = stream::iter(&tenants).map(async |tenant| {
        let listed = patiently(tenant, Method::GET, SCRIPTS, &Json::Null).await.json(200);
        let names = listed["value"].as_array().unwrap().iter();
        let names = names.map(|it| it["displayName"].as_str().unwrap().to_owned());
        names.collect::<BTreeSet<String>>()
    });
    let mut seen: Vec<BTreeSet<String>> = seen.buffer_unordered(AT_ONCE).collect().await;
    seen.sort();
    let names = |number| BTreeSet::from(["base".to_owned(), format!("own {number}")]);
    let mut expected: Vec<BTreeSet<String>> = (0..TENANTS).map(names).collect();
    expected.sort();
    assert_eq!(seen, expected);
    assert_eq!(world.delete("/tenants?prefix=many").await.status, 204);
    assert_eq!(world.post("/reset", Json::Null).await.status, 204);
    assert_eq!(rows_left(&world).await, 0);
}

#[tokio::test]
async fn a_tenant_that_has_expired_is_removed_by_itself() {
    let world = World::start().await;
    let tenant = world.tenant(json!({})).await;
    tenant.new_script("a").await;
    world.control(Method::PATCH, &tenant.path(""), json!({ "ttl": "1s" })).await.json(200);
    while world.get("/tenants").await.json(200) != json!({ "value": [] }) {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let reply = tenant.send(Method::GET, SCRIPTS, Json::Null).await;
    reply.error(401, "InvalidAuthenticationToken");
    while rows_left(&world).await > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_wrong_time_to_live_is_refused() {
    let world = World::start().await;
    for (ttl, message) in [
        ("0s", "The member 'ttl' is 0 s, and must be more than 0 s and at most 604800 s."),
        ("8d", "The member 'ttl' is 691200 s, and must be more than 0 s and at most 604800 s."),
        ("soon", "The member 'ttl' is 'soon', and must be a duration such as PT90S or 90s."),
    ] {
        let reply = world.post("/tenants", json!({ "ttl": ttl })).await;
        assert_eq!(reply.error(400, "BadRequest"), message);
    }
    world.post("/tenants", json!({ "ttl": "7d" })).await.json(201);
}
