//! Do replies have exactly the members of replies that were recorded from Intune?

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{Client, SCRIPTS, Server, send};

const SET: &str = "deviceManagement/deviceManagementScripts";
const ALL_DEVICES: &str = "adadadad-808e-44e2-905a-0b7873a8a531";

/// A reply of Intune to a GET of one script with its assignments at the minimal metadata level,
/// from a public repository (2025). `{base}`, `{id}` and `{time}` stand for what differs in each
/// reply.
const RECORDED: &str = r##"{"@odata.context":"{base}/beta/$metadata#deviceManagement/deviceManagementScripts(assignments())/$entity","enforceSignatureCheck":false,"runAs32Bit":false,"id":"{id}","displayName":"test","description":"","scriptContent":"IyBwYXJ0","createdDateTime":"{time}","lastModifiedDateTime":"{time}","runAsAccount":"system","fileName":"Create-LapsUser.ps1","roleScopeTagIds":["0"],"assignments@odata.context":"{base}/beta/$metadata#deviceManagement/deviceManagementScripts('{id}')/assignments","assignments":[{"id":"{id}:adadadad-808e-44e2-905a-0b7873a8a531","target":{"@odata.type":"#microsoft.graph.allDevicesAssignmentTarget","deviceAndAppManagementAssignmentFilterId":null,"deviceAndAppManagementAssignmentFilterType":"none"}}]}"##;

/// The script of the recorded reply, assigned to all devices. Returns its path and its id.
async fn recorded_script(client: &Client) -> (String, String) {
    let target = json!({ "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" });
    let body = json!({
        "displayName": "test",
        "description": "",
        "scriptContent": "IyBwYXJ0",
        "fileName": "Create-LapsUser.ps1",
        "assignments": [{ "target": target }]
    });
    let id = client.post(SCRIPTS, &body).await.created()["id"].as_str().unwrap().to_owned();
    (format!("{SCRIPTS}/{id}"), id)
}

#[tokio::test]
async fn a_script_with_its_assignments_is_the_recorded_one() {
    let server = Server::start().await;
    let client = server.client();
    let (script, id) = recorded_script(&client).await;
    let shown = client.get(&format!("{script}?$expand=assignments")).await.ok();
    let recorded = RECORDED.replace("{base}", server.base()).replace("{id}", &id);
    let recorded = recorded.replace("{time}", shown["createdDateTime"].as_str().unwrap());
    assert_eq!(shown, serde_json::from_str::<Json>(&recorded).unwrap());
}

/// The form is that of recorded replies of Intune at the full level: where links are absolute,
/// which properties have a type beside them, and which annotations stand together.
#[tokio::test]
async fn at_the_full_level_each_annotation_has_its_place() {
    let server = Server::start().await;
    let client = server.client();
    let (script, id) = recorded_script(&client).await;
    let path = format!("{script}?$expand=assignments");
    let accept = "application/json;odata.metadata=full";
    let reply = send(client.request(Method::GET, &path).header("Accept", accept)).await;
    let shown = reply.ok();
    let (base, url) = (server.base(), format!("{SET}('{id}')"));
    let context = format!("{base}/beta/$metadata#");
    let tag = |entity: &Json| entity["@odata.etag"].to_string();
    let created = shown["createdDateTime"].as_str().unwrap();
    let links = |name: &str| {
        let link = format!("{base}/beta/{url}/{name}");
        format!(
            r#""{name}@odata.associationLink":"{link}/$ref","{name}@odata.navigationLink":"{link}","#
        )
    };
    let of_assignment = format!("{url}/assignments('{id}:{ALL_DEVICES}')");
    let assignment = format!(
        concat!(
            r##"{{"@odata.type":"#microsoft.graph.deviceManagementScriptAssignment","##,
            r##""@odata.id":"{url}","@odata.etag":{tag},"@odata.editLink":"{url}","##,
            r##""id":"{id}:{all_devices}","target":{{"##,
            r##""@odata.type":"#microsoft.graph.allDevicesAssignmentTarget","##,
            r##""deviceAndAppManagementAssignmentFilterId":null,"##,
            r##""deviceAndAppManagementAssignmentFilterType@odata.type":"##,
            r##""#microsoft.graph.deviceAndAppManagementAssignmentFilterType","##,
            r##""deviceAndAppManagementAssignmentFilterType":"none"}}}}"##
        ),
        url = of_assignment,
        tag = tag(&shown["assignments"][0]),
        id = id,
        all_devices = ALL_DEVICES,
    );
    let expected: &[&str] = &[
        &format!(r##"{{"@odata.context":"{context}{SET}(assignments())/$entity","##),
        r##""@odata.type":"#microsoft.graph.deviceManagementScript","##,
        &format!(r##""@odata.id":"{url}","@odata.etag":{},"##, tag(&shown)),
        &format!(r##""@odata.editLink":"{url}","id":"{id}","displayName":"test","##),
        r##""description":"","scriptContent@odata.type":"#Binary","scriptContent":"IyBwYXJ0","##,
        r##""createdDateTime@odata.type":"#DateTimeOffset","##,
        &format!(r##""createdDateTime":"{created}","##),
        r##""lastModifiedDateTime@odata.type":"#DateTimeOffset","##,
        &format!(r##""lastModifiedDateTime":"{created}","##),
        r##""runAsAccount@odata.type":"#microsoft.graph.runAsAccountType","##,
        r##""runAsAccount":"system","enforceSignatureCheck":false,"##,
        r##""fileName":"Create-LapsUser.ps1","##,
        r##""roleScopeTagIds@odata.type":"#Collection(String)","roleScopeTagIds":["0"],"##,
        r##""runAs32Bit":false,"##,
        &format!(r##""assignments@odata.context":"{context}{url}/assignments","##),
        &links("assignments"),
        &format!(r##""assignments":[{assignment}],"##),
        &links("deviceRunStates"),
        &links("groupAssignments"),
        &links("runSummary"),
        &links("userRunStates"),
        r##""#microsoft.graph.assign":{"title":"microsoft.graph.assign","##,
        &format!(r##""target":"{base}/beta/{url}/microsoft.graph.assign"}}}}"##),
    ];
    assert_eq!(reply.body, expected.concat());
}
