//! Requests that meet: many that change the same tenants, and requests of clients in a tenant that is copied
//! or removed meanwhile.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use runstate::store::Store;
use serde_json::{Value as Json, json};
use sqlx::{ConnectOptions, Connection};

use crate::many::rows_left;
use crate::world::{SCRIPTS, World};

/// How many clients send requests at the same time.
const CLIENTS: usize = 16;
/// How many requests each sends.
const REQUESTS: usize = 30;

/// One of the requests that change a tenant: method, path and body.
fn change(tenant: &str, number: usize) -> (Method, String, Json) {
    let path = |rest: &str| format!("/tenants/{tenant}{rest}");
    let seed = json!({ "deviceManagementScripts": [{ "displayName": "seeded" }] });
    match number % 12 {
        0 | 1 => (Method::POST, "/tenants".into(), json!({ "id": tenant, "from": "base" })),
        2 => (Method::POST, "/tenants".into(), json!({ "id": tenant, "seed": seed })),
        3 => (Method::DELETE, path(""), Json::Null),
        4 => (Method::POST, path("/fork"), json!({ "name": "fork" })),
        5 => (Method::POST, path("/reset"), json!({ "to": "kept" })),
        6 => (Method::POST, path("/reset"), Json::Null),
        7 => (Method::POST, path("/snapshots"), json!({ "name": "kept" })),
        8 => (Method::DELETE, "/snapshots/kept".into(), Json::Null),
        9 => (Method::PUT, path("/contents"), seed),
        10 => (Method::POST, path("/clock/advance"), json!({ "by": "P1D" })),
        _ => (Method::PATCH, path(""), json!({ "name": "fork", "ttl": "1h" })),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_the_same_tenants_fail_by_name_only_and_leave_nothing() {
    let world = World::start().await;
    let base = world.tenant(json!({ "id": "base" })).await;
    base.new_script("base").await;
    let clients = (0..CLIENTS).map(async |client| {
        for request in 0..REQUESTS {
            let tenant = ["a", "b"][(client + request / 3) % 2];
            let (method, path, body) = change(tenant, client * 5 + request * 7);
            let reply = world.control(method, &path, body).await;
            assert!(reply.status < 500, "{path}: {reply:?}");
            let read = world.get(&format!("/tenants/{tenant}/contents")).await;
            assert!([200, 404].contains(&read.status), "{read:?}");
            let token = world.post(&format!("/tenants/{tenant}/tokens"), Json::Null).await;
            if token.status == 201 {
                let token = token.json(201)["token"].as_str().unwrap().to_owned();
                let body = json!({ "displayName": "of a client" });
                let reply = world.send(Method::POST, SCRIPTS, &token, body).await;
                assert!([201, 401].contains(&reply.status), "{reply:?}");
            }
        }
    });
    join_all(clients).await;
    let wrong = Store::find_miscounted(world.database.options()).await.unwrap();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(base.scripts().await, ["base"]);
    assert_eq!(world.post("/reset", Json::Null).await.status, 204);
    assert_eq!(rows_left(&world).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_settings_is_seen_when_the_database_has_it() {
    let world = World::start().await;
    let tenant = world.tenant(json!({ "id": "t1", "name": "old" })).await;
    let mut connection = world.database.options().connect().await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    let row = "SELECT FROM twin_tenant WHERE handle = 't1' FOR UPDATE";
    sqlx::query(row).execute(&mut *transaction).await.unwrap();
    let path = tenant.path("");
    let change = world.control(Method::PATCH, &path, json!({ "name": "new" }));
    let meanwhile = async {
        let waiting = "SELECT count(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let waiting = || sqlx::query_scalar::<_, i64>(waiting);
        while waiting().fetch_one(&mut *transaction).await.unwrap() == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let shown = world.get(&path).await.json(200);
        transaction.rollback().await.unwrap();
        shown
    };
    let (changed, shown) = tokio::join!(change, meanwhile);
    assert_eq!(shown["name"], "old");
    // A slow machine may have had no time for the change.
    let name = if changed.status == 200 { "new" } else { "old" };
    assert_eq!(world.get(&path).await.json(200)["name"], name);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_has_all_of_a_moment_while_clients_write() {
    let world = World::start().await;
    let tenant = world.tenant(json!({ "id": "t1" })).await;
    let states = format!("{}/deviceRunStates", tenant.new_script("a").await);
    let write = async |client: usize| {
        for number in 0..20 {
            let state = json!({ "id": format!("{client}-{number}"), "runState": "fail" });
            tenant.send(Method::POST, &states, state).await.json(201);
        }
    };
    let copy = async {
        for _ in 0..10 {
            world.post("/tenants/t1/fork", json!({})).await.json(201);
        }
    };
    tokio::join!(join_all((0..8).map(write)), copy);
    let wrong = Store::find_miscounted(world.database.options()).await.unwrap();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_late_writes_nothing_in_a_removed_tenant() {
    let world = World::start().await;
    let late = json!({ "then": { "delay": { "ms": 2000 } } });
    let tenant = world.tenant(json!({ "id": "t1", "rules": [late] })).await;
    let write = tenant.send(Method::POST, SCRIPTS, json!({ "displayName": "late" }));
    let remove = async {
        let requests = tenant.path("/requests");
        while world.get(&requests).await.json(200)["value"] == json!([]) {
            tokio::task::yield_now().await;
        }
        assert_eq!(world.delete("/tenants/t1").await.status, 204);
    };
    let (reply, ()) = tokio::join!(write, remove);
    // It is early where the machine needs two seconds for the removal.
    assert!([201, 401].contains(&reply.status), "{reply:?}");
    assert_eq!(rows_left(&world).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_is_free_when_its_tenant_is_removed() {
    let world = World::start().await;
    let clients = (0..CLIENTS).map(async |client| {
        for _ in 0..5 {
            let id = format!("t{client}");
            world.tenant(json!({ "id": id })).await;
            assert_eq!(world.delete(&format!("/tenants/{id}")).await.status, 204);
        }
    });
    join_all(clients).await;
    assert_eq!(rows_left(&world).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_are_changed_at_the_same_time_are_all_changed() {
    let world = World::start().await;
    for _ in 0..10 {
        let tenant = world.tenant(json!({})).await;
        let path = tenant.path("");
        let changes = [
            json!({ "name": "n" }),
            json!({ "permissions": "current" }),
            json!({ "headerFaults": true }),
            json!({ "record": false }),
        ];
        let changes = changes.map(|body| world.control(Method::PATCH, &path, body));
        join_all(changes).await.iter().for_each(|reply| drop(reply.json(200)));
        let changed = world.get(&path).await.json(200);
        let members = ["name", "permissions", "headerFaults", "record"].map(|it| &changed[it]);
        assert_eq!(members, [&json!("n"), &json!("current"), &json!(true), &json!(false)]);
    }
}
