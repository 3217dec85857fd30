//! Reads that see an older moment of their tenant.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::ruled::{SCRIPTS_IN_BATCH, add_rule, batch, create, ruled, scripts};
use crate::world::{SCRIPTS, World};

#[tokio::test]
async fn stale_reads_see_the_moment_before_the_write() {
    let world = World::start().await;
    let tenant =
        world.tenant(json!({ "clock": { "now": "2026-11-27T01:00:00Z", "rate": 0 } })).await;
    tenant.new_script("a").await;
    add_rule(
        &world,
        &tenant,
        json!({ "operation": "create" }),
        json!({ "stale": { "for": "2s" } }),
    )
    .await;
    let new = create(&tenant, "b").await.json(201);
    let path = format!("{SCRIPTS}/{}", new["id"].as_str().unwrap());
    assert_eq!(tenant.scripts().await, ["a"]);
    tenant.send(Method::GET, &path, Json::Null).await.error(404, "ResourceNotFound");
    let items = batch(&tenant, &[("GET", SCRIPTS_IN_BATCH, Json::Null)]).await;
    assert_eq!(items[0]["body"]["value"].as_array().unwrap().len(), 1);
    world.post(&tenant.path("/clock/advance"), json!({ "by": "PT2S" })).await.json(200);
    assert_eq!(tenant.scripts().await, ["a", "b"]);
}

#[tokio::test]
async fn at_most_four_tenants_have_stale_reads() {
    let world = World::start().await;
    let mut tenants = Vec::new();
    for _ in 0..4 {
        let tenant = ruled(&world, json!({}), json!({ "stale": { "for": "5m" } })).await;
        create(&tenant, "a").await.json(201);
        assert_eq!(tenant.scripts().await, [""; 0]);
        tenants.push(tenant);
    }
    let fifth = ruled(&world, json!({}), json!({ "stale": { "for": "5m" } })).await;
    let message = create(&fifth, "a").await.error(409, "Conflict");
    assert_eq!(
        message,
        "4 tenants have stale reads already, which is the limit. Wait until the stale reads of one \
         of them end, or reset that tenant."
    );
    assert_eq!(scripts(&world, &fifth).await, 0);
    world.post(&tenants[0].path("/reset"), json!({ "keep": ["rules"] })).await.json(200);
    create(&fifth, "a").await.json(201);
}
