//! The full level: each type is shown that JSON does not show, and a body can be sent back.

use reqwest::Method;
use serde_json::{Value as Json, json};

use super::{annotations, get, new_script, request};
use crate::harness::{DEVICES, SCRIPTS, Server};

const RUN_STATE: &str = "#microsoft.graph.deviceManagementScriptDeviceState";

/// The places of the annotations that show a type, sorted.
fn types(body: &Json) -> Vec<String> {
    annotations(body).into_iter().filter(|place| place.ends_with("@odata.type")).collect()
}

#[tokio::test]
async fn at_the_full_level_every_entity_shows_its_type_and_a_null_shows_none() {
    let server = Server::start().await;
    let client = server.client();
    let script = new_script(&client).await;
    let of_script = [
        "@odata.type",
        "createdDateTime@odata.type",
        "lastModifiedDateTime@odata.type",
        "roleScopeTagIds@odata.type",
        "runAsAccount@odata.type",
    ];
    let of_state = ["@odata.type", "lastStateUpdateDateTime@odata.type", "runState@odata.type"];
    for (path, expected) in [
        (script.clone(), &of_script[..]),
        (format!("{script}/runSummary"), &["@odata.type"]),
        (format!("{script}/userRunStates/adele"), &["@odata.type"]),
        (format!("{script}/deviceRunStates/a"), &of_state),
        (
            format!("{script}/deviceRunStates/a?$expand=managedDevice($select=deviceName)"),
            &[
                "@odata.type",
                "lastStateUpdateDateTime@odata.type",
                "managedDevice.@odata.type",
                "runState@odata.type",
            ],
        ),
    ] {
        assert_eq!(types(&get(&client, &path, "full").await), expected, "{path}");
    }
    let list = get(&client, &format!("{SCRIPTS}?$select=id,scriptContent"), "full").await;
    assert_eq!(types(&list), ["value.0.@odata.type"]);
    client.patch(&script, &json!({ "scriptContent": "aGk=" })).await.ok();
    let with_content = get(&client, &format!("{script}?$select=scriptContent"), "full").await;
    assert_eq!(with_content["scriptContent@odata.type"], "#Binary");
    let list = get(&client, &format!("{SCRIPTS}?$select=id,scriptContent"), "full").await;
    assert_eq!(types(&list), ["value.0.@odata.type"], "a list shows null");
}

#[tokio::test]
async fn a_complex_value_shows_its_type_inside_itself_and_a_collection_beside_itself() {
    let server = Server::start().await;
    let client = server.client();
    let device = json!({
        "id": "pc",
        "freeStorageSpaceInBytes": 5,
        "configurationManagerClientHealthState": { "errorCode": 7 },
        "deviceActionResults": [{ "actionName": "wipe" }]
    });
    let full = request(&client, Method::POST, DEVICES, "full", &device).await;
    let health = "configurationManagerClientHealthState";
    assert_eq!(
        full[health],
        json!({
            "@odata.type": "#microsoft.graph.configurationManagerClientHealthState",
            "errorCode": 7,
            "lastSyncDateTime@odata.type": "#DateTimeOffset",
            "lastSyncDateTime": "0001-01-01T00:00:00Z",
            "state@odata.type": "#microsoft.graph.configurationManagerClientState",
            "state": "unknown"
        })
    );
    assert_eq!(full.get(format!("{health}@odata.type")), None);
    assert_eq!(
        full["deviceActionResults@odata.type"],
        "#Collection(microsoft.graph.deviceActionResult)"
    );
    let result = &full["deviceActionResults"][0];
    assert_eq!(result["@odata.type"], "#microsoft.graph.deviceActionResult");
    assert_eq!(result["actionState@odata.type"], "#microsoft.graph.actionState");
    assert_eq!(result.get("actionName@odata.type"), None);
    assert_eq!(full["chromeOSDeviceInfo"], json!([]));
    assert_eq!(
        full["chromeOSDeviceInfo@odata.type"],
        "#Collection(microsoft.graph.chromeOSDeviceProperty)"
    );
    assert_eq!(full["freeStorageSpaceInBytes@odata.type"], "#Int64");
    assert_eq!(full["hardwareInformation"], Json::Null);
    assert_eq!(full.get("hardwareInformation@odata.type"), None);
    assert_eq!(get(&client, DEVICES, "full").await["value"][0][health], full[health]);
}

#[tokio::test]
async fn at_the_full_level_an_action_shows_the_types_of_its_items() {
    let server = Server::start().await;
    let client = server.client();
    let path = format!("{SCRIPTS}/hasPayloadLinks");
    let body = json!({ "payloadIds": ["x"] });
    let reply = request(&client, Method::POST, &path, "full", &body).await;
    let item = &reply["value"][0];
    assert_eq!(item["@odata.type"], "#microsoft.graph.hasPayloadLinkResultItem");
    assert_eq!(
        item["sources@odata.type"],
        "#Collection(microsoft.graph.deviceAndAppManagementAssignmentSource)"
    );
    assert_eq!(item["payloadId"], "x");
}

#[tokio::test]
async fn a_body_at_the_full_level_can_be_posted_and_patched_back() {
    let server = Server::start().await;
    let client = server.client();
    let script = new_script(&client).await;
    let full = get(&client, &format!("{script}?$expand=assignments"), "full").await;
    let copy = client.post(SCRIPTS, &full).await.created();
    let copy = format!("{SCRIPTS}/{}", copy["id"].as_str().unwrap());
    let assigned = client.get(&format!("{copy}/assignments")).await.ok();
    assert_eq!(
        assigned["value"][0]["target"],
        client.get(&format!("{script}/assignments")).await.ok()["value"][0]["target"]
    );
    client.patch(&script, &get(&client, &script, "full").await).await.ok();

    let state = format!("{script}/deviceRunStates/a");
    let full = get(&client, &state, "full").await;
    assert_eq!(full["@odata.type"], RUN_STATE);
    client.patch(&state, &full).await.ok();
    let posted = client.post(&format!("{copy}/deviceRunStates"), &full).await.created();
    assert_eq!(posted["id"], "a");

    let hardware = json!({ "hardwareInformation": { "batteryChargeCycles": 3 } });
    client.patch(&format!("{DEVICES}/pc"), &hardware).await.ok();
    let full = get(&client, &format!("{DEVICES}/pc"), "full").await;
    assert_eq!(client.patch(&format!("{DEVICES}/pc"), &full).await.ok()["id"], "pc");
    let mut other = full.clone();
    other["id"] = json!("other");
    let posted = client.post(DEVICES, &other).await.created();
    assert_eq!(posted["hardwareInformation"]["batteryChargeCycles"], 3);
}
