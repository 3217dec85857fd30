//! Which JSON has a property: with its context, as an object, and with the names of its types?

use reqwest::Method;
use serde_json::json;

use super::script;
use crate::harness::{DEVICES, Server, send};

#[tokio::test]
async fn a_property_is_json_with_its_context() {
    let server = Server::start().await;
    let client = server.client();
    let (script, id) = script(&client).await;
    let root = format!("{}/beta/$metadata#deviceManagement", server.base());
    let entity = format!("{root}/deviceManagementScripts('{id}')");
    let state = format!("{entity}/deviceRunStates('a:b''c')");
    let state_path = format!("{script}/deviceRunStates('a:b''c')");
    for (path, context, value) in [
        (format!("{script}/displayName"), format!("{entity}/displayName"), json!("Näme \"1\"\n")),
        (format!("{script}/DISPLAYNAME/"), format!("{entity}/displayName"), json!("Näme \"1\"\n")),
        (format!("{script}/id"), format!("{entity}/id"), json!(id)),
        (format!("{script}/runAs32Bit"), format!("{entity}/runAs32Bit"), json!(true)),
        (format!("{script}/runAsAccount"), format!("{entity}/runAsAccount"), json!("system")),
        (format!("{script}/roleScopeTagIds"), format!("{entity}/roleScopeTagIds"), json!(["0"])),
        (format!("{state_path}/errorCode"), format!("{state}/errorCode"), json!(-7)),
        (
            format!("{state_path}/lastStateUpdateDateTime"),
            format!("{state}/lastStateUpdateDateTime"),
            json!("2017-01-01T00:02:58.4418045-08:00"),
        ),
        (
            format!("{script}/runSummary/errorDeviceCount"),
            format!("{entity}/runSummary/errorDeviceCount"),
            json!(1),
        ),
    ] {
        let reply = client.get(&path).await;
        let expected = format!("{{\"@odata.context\":{},\"value\":{value}}}", json!(context));
        assert_eq!((reply.status, &reply.body), (200, &expected), "{path}");
        let content_type = reply.header("content-type").unwrap();
        assert!(content_type.starts_with("application/json;odata.metadata=minimal;"));
        assert_eq!(reply.header("odata-version"), Some("4.0"));
    }
    let bare = client.request(Method::GET, &format!("{script}/fileName"));
    let bare = send(bare.header("Accept", "application/json;odata.metadata=none")).await;
    assert_eq!(bare.body, r#"{"value":""}"#);
}

#[tokio::test]
async fn a_complex_value_is_the_object_itself() {
    let server = Server::start().await;
    let client = server.client();
    let (script, id) = script(&client).await;
    let root = format!("{}/beta/$metadata#deviceManagement", server.base());
    let target = client.get(&format!("{script}/assignments/{id}:g/target")).await.ok();
    let mut whole = client.get(&format!("{script}/assignments/{id}:g")).await.ok();
    let mut expected = whole["target"].take();
    expected["@odata.context"] =
        json!(format!("{root}/deviceManagementScripts('{id}')/assignments('{id}:g')/target"));
    assert_eq!(target, expected);
    assert_eq!(target.as_object().unwrap().keys().next().unwrap(), "@odata.context");
    let device = json!({ "id": "d", "hardwareInformation": { "serialNumber": "S" },
        "usersLoggedOn": [{ "userId": "u" }] });
    client.post(DEVICES, &device).await.created();
    let device = format!("{DEVICES}/d");
    let hardware = client.get(&format!("{device}/hardwareInformation")).await.ok();
    assert_eq!(hardware["serialNumber"], "S");
    let users = client.get(&format!("{device}/usersLoggedOn")).await.ok();
    assert_eq!(users["value"][0]["userId"], "u");
    assert_eq!(users["@odata.context"], format!("{root}/managedDevices('d')/usersLoggedOn"));
}

#[tokio::test]
async fn the_full_level_names_the_types_that_json_does_not_show() {
    let server = Server::start().await;
    let client = server.client();
    let (script, id) = script(&client).await;
    let entity = client.get(&script).await.ok();
    let full = async |path: String| {
        let request = client.request(Method::GET, &path);
        let reply = send(request.header("Accept", "application/json;odata.metadata=full")).await;
        let mut body = reply.ok();
        assert!(body.as_object_mut().unwrap().remove("@odata.context").is_some());
        body
    };
    let created = json!({ "@odata.type": "#DateTimeOffset", "value": entity["createdDateTime"] });
    assert_eq!(full(format!("{script}/createdDateTime")).await, created);
    let tags = json!({ "@odata.type": "#Collection(String)", "value": ["0"] });
    assert_eq!(full(format!("{script}/roleScopeTagIds")).await, tags);
    assert_eq!(full(format!("{script}/fileName")).await, json!({ "value": "" }));
    let target = full(format!("{script}/assignments/{id}:g/target")).await;
    assert_eq!(target["@odata.type"], "#microsoft.graph.groupAssignmentTarget");
    let of_filter = "#microsoft.graph.deviceAndAppManagementAssignmentFilterType";
    assert_eq!(target["deviceAndAppManagementAssignmentFilterType@odata.type"], of_filter);

    let logged_on = json!([{ "userId": "u" }]);
    let device = json!({ "id": "full", "usersLoggedOn": logged_on });
    client.post(DEVICES, &device).await.created();
    let users = json!({
        "@odata.type": "#Collection(microsoft.graph.loggedOnUser)",
        "value": [{
            "@odata.type": "#microsoft.graph.loggedOnUser",
            "lastLogOnDateTime@odata.type": "#DateTimeOffset",
            "lastLogOnDateTime": "0001-01-01T00:00:00Z",
            "userId": "u"
        }]
    });
    assert_eq!(full(format!("{DEVICES}/full/usersLoggedOn")).await, users);
}
