//! Recorded changes of a tenant are kept for a year of its own clock.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::world::{Tenant, World};

const EVENTS: &str = "/beta/deviceManagement/auditEvents/$count";

/// How many changes a client sees.
async fn events(world: &World, tenant: &Tenant<'_>) -> String {
    let token = world.post(&tenant.path("/tokens"), Json::Null).await.json(201);
    let token = token["token"].as_str().unwrap();
    world.send(Method::GET, EVENTS, token, Json::Null).await.text
}

#[tokio::test]
async fn changes_are_kept_for_a_year_of_the_tenant_whatever_the_real_year_is() {
    let world = World::start().await;
    for start in ["2020-01-01T00:00:00Z", "2090-01-01T00:00:00Z"] {
        let clock = json!({ "clock": { "now": start, "rate": 0 } });
        let tenant = world.tenant(clock).await;
        tenant.new_script("a").await;
        for (by, expected) in [("PT1S", "1"), ("P364D", "1"), ("P1D", "0")] {
            world.post(&tenant.path("/clock/advance"), json!({ "by": by })).await.json(200);
            world.store.maintain().await.unwrap();
            assert_eq!(events(&world, &tenant).await, expected, "{start}, {by}");
        }
    }
}
