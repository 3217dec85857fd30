//! Ids that are the same in each run, where entities come from clients, from contents and from copies.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::world::{SCRIPTS, Tenant, World};

const START: &str = "2024-02-03T04:05:06Z";

#[tokio::test]
async fn seeded_ids_of_clients_contents_and_copies_do_not_meet() {
    let world = World::start().await;
    let ids = async |tenant: &Tenant<'_>| {
        let page = tenant.get(&format!("{SCRIPTS}?$select=id")).await;
        let ids = page["value"].as_array().unwrap().iter();
        ids.map(|it| it["id"].as_str().unwrap().to_owned()).collect::<BTreeSet<String>>()
    };
    let clock = json!({ "now": START, "rate": 0 });
    let seed = json!({ "deviceManagementScripts": [{ "displayName": "a" }] });
    let base = json!({ "id": "base", "ids": "seeded", "clock": clock, "seed": seed });
    let base = world.tenant(base).await;
    base.new_script("b").await;
    world.post("/tenants/base/reset", Json::Null).await.json(200);
    base.new_script("b").await;
    world.post("/tenants/base/snapshots", json!({ "name": "ready" })).await.json(201);
    let copy = json!({ "from": "ready", "ids": "seeded" });
    let (one, other) = (world.tenant(copy.clone()).await, world.tenant(copy).await);
    for tenant in [&one, &other] {
        tenant.new_script("c").await;
    }
    assert_eq!(ids(&one).await.len(), 3);
    assert_eq!(ids(&one).await, ids(&other).await);
    world.post("/tenants/base/reset", json!({ "to": "ready" })).await.json(200);
    base.new_script("c").await;
    assert_eq!(ids(&base).await, ids(&one).await);
    let fork = json!({ "ids": "seeded" });
    let fork = world.post(&one.path("/fork"), fork).await.json(201);
    let token = fork["tokens"]["user"].as_str().unwrap();
    let body = json!({ "displayName": "d" });
    world.send(reqwest::Method::POST, SCRIPTS, token, body).await.json(201);
}
