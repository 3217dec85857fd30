//! The helper of `clients/twin/twin.rs`, as a project uses it that has copied it.

use reqwest::{Client, Method};
use serde_json::{Value as Json, json};

use crate::twin_client::{Result, Tenant, Twin};
use crate::world::{SECRET, World};

fn twin(world: &World) -> Twin {
    Twin { url: world.base.clone(), secret: SECRET.into() }
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap()
}

/// A client that creates a script, and tries again if the connection breaks.
async fn create_script(tenant: &Tenant, name: &str) -> reqwest::Result<()> {
    let client = Client::builder().no_proxy().build()?;
    let url = format!("{}/deviceManagement/deviceManagementScripts", text(&tenant.made["graph"]));
    let key = uuid::Uuid::new_v4().to_string();
    let mut attempts = 0;
    loop {
        attempts += 1;
        let request = client.post(&url).bearer_auth(text(&tenant.made["tokens"]["user"]));
        let request = request.header("Idempotency-Key", &key);
        match request.json(&json!({ "displayName": name })).send().await {
            Err(error) if error.is_request() && attempts < 3 => {}
            reply => return reply?.error_for_status().map(drop),
        }
    }
}

#[tokio::test]
async fn a_lost_reply_makes_no_second_script() -> Result<()> {
    let world = World::start().await;
    let tenant = twin(&world).tenant(json!({})).await?;
    let when = json!({ "operation": "create", "first": 1 });
    let rule = json!({ "when": when, "then": { "lostReply": "reset" } });
    tenant.call(Method::POST, "/rules", rule).await?;
    create_script(&tenant, "Disk space").await?;
    let create = json!({ "operation": "create" });
    tenant.verify(json!({ "match": create, "count": { "exactly": 2 } })).await?;
    let contents = tenant.call(Method::GET, "/contents", Json::Null).await?;
    assert_eq!(contents["deviceManagementScripts"].as_array().unwrap().len(), 1);
    let missing = tenant.verify(json!({ "match": create, "count": { "exactly": 3 } })).await;
    assert!(missing.unwrap_err().to_string().contains("\"matched\": 2"));
    Ok(())
}

#[tokio::test]
async fn a_tenant_is_removed_when_it_is_dropped_and_a_refusal_is_an_error_with_its_text()
-> Result<()> {
    let world = World::start().await;
    let twin = twin(&world);
    let tenant = twin.tenant(json!({ "id": "mine" })).await?;
    let copy = twin.tenant(json!({ "from": "mine" })).await?;
    let taken = twin.tenant(json!({ "id": "mine" })).await.err().unwrap().to_string();
    assert!(taken.starts_with("409 Conflict: ") && taken.contains("'mine'"), "{taken}");
    drop(tenant);
    assert_eq!(world.get("/tenants/mine").await.status, 404);
    assert_eq!(copy.call(Method::POST, "/reset", Json::Null).await?["tenant"], copy.made["tenant"]);
    Ok(())
}
