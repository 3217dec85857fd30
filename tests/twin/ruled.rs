//! Tenants with rules, and the requests that the rules meet.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::world::{Reply, SCRIPTS, Tenant, World};

/// The path of the scripts inside a batch.
pub(crate) const SCRIPTS_IN_BATCH: &str = "/deviceManagement/deviceManagementScripts";

/// A tenant with one rule.
pub(crate) async fn ruled<'a>(world: &'a World, when: Json, then: Json) -> Tenant<'a> {
    let tenant = world.tenant(json!({})).await;
    add_rule(world, &tenant, when, then).await;
    tenant
}

/// Adds a rule to a tenant.
pub(crate) async fn add_rule(world: &World, tenant: &Tenant<'_>, when: Json, then: Json) {
    let rule = json!({ "when": when, "then": then });
    world.post(&tenant.path("/rules"), rule).await.json(201);
}

/// Creates a script.
pub(crate) async fn create(tenant: &Tenant<'_>, name: &str) -> Reply {
    tenant.send(Method::POST, SCRIPTS, json!({ "displayName": name })).await
}

/// The replies to a batch of these requests, in their order.
pub(crate) async fn batch(tenant: &Tenant<'_>, requests: &[(&str, &str, Json)]) -> Vec<Json> {
    let requests = requests.iter().enumerate().map(|(index, (method, url, body))| {
        let mut request = json!({ "id": index.to_string(), "method": method, "url": url });
        if !body.is_null() {
            request["headers"] = json!({ "Content-Type": "application/json" });
            request["body"] = body.clone();
        }
        request
    });
    let body = json!({ "requests": requests.collect::<Vec<_>>() });
    let reply = tenant.send(Method::POST, "/beta/$batch", body).await.json(200);
    reply["responses"].as_array().unwrap().clone()
}

/// Removes the rules; returns the number of scripts.
pub(crate) async fn scripts(world: &World, tenant: &Tenant<'_>) -> usize {
    world.delete(&tenant.path("/rules")).await.json(204);
    tenant.scripts().await.len()
}
