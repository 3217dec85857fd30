//! What a copy of a tenant has: everything that belongs to it, and right counters.

use reqwest::Method;
use runstate::store::Store;
use serde_json::{Value as Json, json};

use crate::world::{SCRIPTS, Tenant, World};

/// Fills a tenant with an entity of each kind, a history and policies of retention.
async fn fill(tenant: &Tenant<'_>) -> String {
    let script = tenant.new_script("a").await;
    let devices = "/beta/deviceManagement/managedDevices";
    tenant.send(Method::POST, devices, json!({ "id": "pc" })).await.json(201);
    let users = format!("{script}/userRunStates");
    tenant.send(Method::POST, &users, json!({ "id": "ada" })).await.json(201);
    let states = format!("{users}/ada/deviceRunStates");
    let state = json!({
        "id": "s1", "runState": "fail", "errorCode": 5,
        "managedDevice@odata.bind": "https://graph.microsoft.com/beta/deviceManagement/managedDevices('pc')",
    });
    tenant.send(Method::POST, &states, state).await.json(201);
    for code in [6, 7] {
        let path = format!("{script}/deviceRunStates/s1");
        tenant.send(Method::PATCH, &path, json!({ "errorCode": code })).await.json(200);
    }
    let assignment = json!({ "deviceManagementScriptGroupAssignments": [
        { "targetGroupId": "5d0a3a1c-0000-4000-8000-000000000001" }] });
    let assigned = tenant.send(Method::POST, &format!("{script}/assign"), assignment).await;
    assert_eq!(assigned.status, 204, "{assigned:?}");
    let id = script.rsplit('/').next().unwrap();
    for (method, path) in [
        (Method::PATCH, "/runstate/v1/retention".to_owned()),
        (Method::PUT, format!("/runstate/v1/retention/scripts/{id}")),
    ] {
        tenant.send(method, &path, json!({ "historyDays": 30 })).await.json(200);
    }
    script
}

/// Everything that a client sees of a script.
async fn contents(tenant: &Tenant<'_>, script: &str) -> Vec<Json> {
    let mut contents = Vec::new();
    for path in [
        format!("{SCRIPTS}?$expand=*"),
        format!("{script}?$expand=runSummary,assignments,groupAssignments"),
        format!("{script}/userRunStates?$expand=deviceRunStates"),
        format!("{script}/deviceRunStates/s1?$expand=history,managedDevice($select=id)"),
        "/beta/deviceManagement/managedDevices".into(),
        "/runstate/v1/retention".into(),
        "/beta/deviceManagement/auditEvents".into(),
    ] {
        contents.push(tenant.get(&path).await);
    }
    contents
}

async fn assert_counters(world: &World) {
    let wrong = Store::find_miscounted(world.database.options()).await.unwrap();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test]
async fn a_copy_has_everything_of_the_original_and_right_counters() {
    let world = World::start().await;
    let original = world.tenant(json!({ "id": "t1" })).await;
    let script = fill(&original).await;
    let expected = contents(&original, &script).await;
    assert_eq!(expected[3]["history"].as_array().unwrap().len(), 3, "{}", expected[3]);
    let copy = world.tenant(json!({ "from": "t1" })).await;
    assert_eq!(contents(&copy, &script).await, expected);
    assert_counters(&world).await;
    let state = format!("{script}/deviceRunStates/s1");
    copy.send(Method::PATCH, &state, json!({ "runState": "success" })).await.json(200);
    assert_eq!(copy.send(Method::DELETE, &script, Json::Null).await.status, 204);
    assert_eq!(contents(&original, &script).await, expected);
    assert_eq!(world.post(&copy.path("/reset"), Json::Null).await.status, 200);
    assert_eq!(contents(&copy, &script).await, expected);
    assert_counters(&world).await;
}

#[tokio::test]
async fn one_signs_in_to_a_new_tenant_as_to_the_default_tenant() {
    let world = World::start().await;
    world.register().await;
    let tenant = world.tenant(json!({})).await;
    let copy = world.post(&tenant.path("/fork"), json!({})).await.json(201);
    for guid in [tenant.guid(), copy["tenant"].as_str().unwrap()] {
        let tokens = world.sign_in_user(guid).await.json(200);
        let token = tokens["access_token"].as_str().unwrap();
        let reply = world.send(Method::GET, SCRIPTS, token, Json::Null).await;
        reply.json(200);
    }
    world.delete(&tenant.path("")).await;
    assert_eq!(world.sign_in_user(tenant.guid()).await.status, 400);
}
