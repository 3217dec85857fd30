//! Contents as JSON: written all or nothing, and read as they were written.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::world::{SCRIPTS, World};

const SCRIPT: &str = "5d0a3a1c-0000-4000-8000-000000000001";
const GROUP: &str = "5d0a3a1c-0000-4000-8000-000000000002";

/// An entity of each kind.
fn contents() -> Json {
    json!({
        "deviceManagementScripts": [{
            "id": SCRIPT,
            "displayName": "Disk space",
            "scriptContent": "ZWNobyAx",
            "assignments": [{ "target": {
                "@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": GROUP } }],
            "deviceRunStates": [{ "id": "own", "runState": "success" }],
            "userRunStates": [{ "id": "ada", "userPrincipalName": "ada@contoso.example",
                "deviceRunStates": [{
                    "id": "ada's pc", "runState": "fail", "errorCode": 5,
                    "lastStateUpdateDateTime": "2024-02-03T04:05:06.1234567-08:00",
                    "managedDevice@odata.bind": "deviceManagement/managedDevices('pc%201')",
                }],
            }],
        }],
        "deviceShellScripts": [{ "displayName": "shell" }],
        "managedDevices": [{ "id": "pc 1", "deviceName": "PC 1" }],
    })
}

#[tokio::test]
async fn contents_are_read_as_they_were_written_and_written_as_they_were_read() {
    let world = World::start().await;
    let one = world.tenant(json!({ "seed": contents() })).await;
    let script = one.get(&format!("{SCRIPTS}/{SCRIPT}?$expand=runSummary,userRunStates")).await;
    assert_eq!((&script["id"], &script["scriptContent"]), (&json!(SCRIPT), &json!("ZWNobyAx")));
    assert_eq!(script["runSummary"]["errorDeviceCount"], 1, "{script}");
    assert_eq!(script["userRunStates"][0]["errorDeviceCount"], 1, "{script}");
    let read = world.get(&one.path("/contents")).await.json(200);
    let states = &read["deviceManagementScripts"][0]["userRunStates"][0]["deviceRunStates"];
    assert_eq!(states[0]["id"], "ada's pc", "{read}");
    assert_eq!(states[0]["lastStateUpdateDateTime"], "2024-02-03T04:05:06.1234567-08:00");
    assert_eq!(states[0]["managedDevice@odata.bind"], "deviceManagement/managedDevices('pc%201')");
    let other = world.tenant(json!({})).await;
    let written = world.control(Method::PUT, &other.path("/contents"), read.clone()).await;
    assert_eq!(written.status, 204, "{written:?}");
    let mut again = world.get(&other.path("/contents")).await.json(200);
    let mut read = read;
    for contents in [&mut again, &mut read] {
        for set in ["deviceManagementScripts", "deviceShellScripts"] {
            for time in ["createdDateTime", "lastModifiedDateTime"] {
                contents[set][0].as_object_mut().unwrap().remove(time);
            }
        }
    }
    assert_eq!(again, read);
    other.new_script("more").await;
    world.post(&other.path("/reset"), Json::Null).await.json(200);
    assert_eq!(other.scripts().await, ["Disk space"]);
}

#[tokio::test]
async fn contents_that_do_not_fit_change_nothing_and_the_place_is_named() {
    let world = World::start().await;
    let tenant = world.tenant(json!({ "id": "t1" })).await;
    tenant.new_script("a").await;
    let mut wrong = contents();
    wrong["deviceShellScripts"][0]["displayNaem"] = json!("shell");
    for (body, code, message) in [
        (wrong, "ModelValidationFailure", "In deviceShellScripts[0]: The property 'displayNaem'"),
        (json!({ "scripts": [] }), "BadRequest", "The member 'scripts' does not exist here."),
        (json!({ "managedDevices": {} }), "BadRequest", "The contents must be an object with an"),
        (json!([]), "BadRequest", "The contents must be an object with an array"),
        (
            json!({ "managedDevices": [{ "id": "pc" }, { "id": "pc" }] }),
            "Conflict",
            "A managedDevice with the id 'pc' exists already",
        ),
        (
            json!({ "deviceManagementScripts": [{ "deviceRunStates": [{ "id": "s",
                "managedDevice@odata.bind": "deviceManagement/managedDevices('none')" }] }] }),
            "BadRequest",
            "In deviceRunStates[0]: 'managedDevice@odata.bind' names a managedDevice that does not",
        ),
    ] {
        let reply = world.control(Method::PUT, "/tenants/t1/contents", body).await;
        let status = if code == "Conflict" { 409 } else { 400 };
        assert!(reply.error(status, code).starts_with(message), "{reply:?}");
        assert_eq!(tenant.scripts().await, ["a"]);
    }
    let seeded = json!({ "id": "t2", "seed": { "scripts": [] } });
    world.post("/tenants", seeded).await.error(400, "BadRequest");
    let both = json!({ "from": "t1", "seed": {} });
    assert_eq!(
        world.post("/tenants", both).await.error(400, "BadRequest"),
        "The member 'seed' is an object, and must be absent beside 'from'."
    );
    assert_eq!(world.get("").await.json(200)["tenants"], 1);
}

#[tokio::test]
async fn the_fixture_has_each_run_state_on_devices_of_users_and_without_one() {
    let world = World::start().await;
    let tenant = world.tenant(json!({ "from": "fixture:intune-small" })).await;
    let count = async |path: &str| {
        let path = format!("/beta/deviceManagement/{path}/$count");
        tenant.send(Method::GET, &path, Json::Null).await.text
    };
    for (set, expected) in [
        ("managedDevices", "6"),
        ("deviceManagementScripts", "3"),
        ("deviceShellScripts", "1"),
        ("deviceCustomAttributeShellScripts", "1"),
    ] {
        assert_eq!(count(set).await, expected, "{set}");
    }
    let script = format!("{SCRIPTS}/5d0a3a1c-0000-4000-8000-000000005001");
    let expand =
        "$expand=runSummary,assignments,userRunStates,deviceRunStates($expand=managedDevice)";
    let shown = tenant.get(&format!("{script}?{expand}")).await;
    let summary = &shown["runSummary"];
    assert_eq!(
        (&summary["successDeviceCount"], &summary["errorDeviceCount"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(shown["assignments"].as_array().unwrap().len(), 2);
    assert_eq!(shown["userRunStates"][0]["successDeviceCount"], 2, "{shown}");
    let states = shown["deviceRunStates"].as_array().unwrap();
    assert!(states.iter().all(|state| state["managedDevice"]["deviceName"].is_string()), "{shown}");
    let other = format!("{SCRIPTS}/5d0a3a1c-0000-4000-8000-000000005002");
    let mut run_states: Vec<Json> = states.iter().map(|it| it["runState"].clone()).collect();
    let page = tenant.get(&format!("{other}/deviceRunStates")).await;
    run_states.extend(page["value"].as_array().unwrap().iter().map(|it| it["runState"].clone()));
    for each in ["unknown", "success", "fail", "scriptError", "pending", "notApplicable"] {
        assert!(run_states.contains(&json!(each)), "{each}: {run_states:?}");
    }
    assert_eq!(tenant.send(Method::DELETE, &script, Json::Null).await.status, 204);
    world.post(&tenant.path("/reset"), Json::Null).await.json(200);
    assert_eq!(count("deviceManagementScripts").await, "3");
}

#[tokio::test]
async fn a_fixture_that_does_not_exist_is_404_and_no_name_looks_like_one() {
    let world = World::start().await;
    let message = world
        .post("/tenants", json!({ "from": "fixture:intune-large" }))
        .await
        .error(404, "ResourceNotFound");
    assert_eq!(message, "There is no fixture 'fixture:intune-large'.");
    let both = json!({ "from": "fixture:intune-small", "seed": {} });
    let message = world.post("/tenants", both).await.error(400, "BadRequest");
    assert!(message.contains("'seed'") && message.contains("absent beside 'from'"), "{message}");
    let message =
        world.post("/tenants", json!({ "id": "fixture:a" })).await.error(400, "BadRequest");
    assert!(message.contains("not begin with 'fixture:'"), "{message}");
    assert_eq!(world.get("/tenants").await.json(200), json!({ "value": [] }));
    let tenant = world.tenant(json!({ "id": "a:fixture" })).await;
    let named = world.post(&tenant.path("/snapshots"), json!({ "name": "fixture:a" })).await;
    named.error(400, "BadRequest");
    assert_eq!(world.get("/snapshots").await.json(200), json!({ "value": [] }));
}
