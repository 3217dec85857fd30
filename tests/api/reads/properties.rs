//! Is one property of an entity read alone, as JSON and as its raw value?

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{Client, DEVICES, READ_SCOPE, SCRIPTS, Server, send};

const CONTENT: &[u8] = b"Write-Host \xff\x00 'ok'\r\n";

async fn script(client: &Client) -> (String, String) {
    use base64::Engine;
    let content = base64::engine::general_purpose::STANDARD.encode(CONTENT);
    let body = json!({
        "displayName": "Näme \"1\"\n", "scriptContent": content, "fileName": "", "runAs32Bit": true,
        "assignments": [{ "target": {
            "@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": "g" } }],
        "deviceRunStates": [{ "id": "a:b'c", "errorCode": -7, "runState": "fail",
            "lastStateUpdateDateTime": "2017-01-01T00:02:58.4418045-08:00" }],
    });
    let id = client.post(SCRIPTS, &body).await.created()["id"].as_str().unwrap().to_owned();
    (format!("{SCRIPTS}/{id}"), id)
}

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
async fn the_items_of_a_collection_are_counted() {
    let server = Server::start().await;
    let client = server.client();
    let (script, _) = script(&client).await;
    let device = json!({ "id": "d", "usersLoggedOn": [{ "userId": "u" }, { "userId": "v" }] });
    client.post(DEVICES, &device).await.created();
    for (path, count) in [
        (format!("{script}/roleScopeTagIds/$count"), "1"),
        (format!("{DEVICES}/d/usersLoggedOn/$COUNT"), "2"),
        (format!("{DEVICES}/d/chromeOSDeviceInfo/$count"), "0"),
    ] {
        let reply = client.get(&path).await;
        assert_eq!((reply.status, &*reply.body), (200, count), "{path}");
        assert_eq!(reply.header("content-type"), Some("text/plain;charset=utf-8"));
    }
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

#[tokio::test]
async fn a_raw_value_is_text_or_bytes() {
    let server = Server::start().await;
    let client = server.client();
    let (script, id) = script(&client).await;
    let state = format!("{script}/deviceRunStates('a:b''c')");
    for (path, value) in [
        (format!("{script}/displayName/$value"), "Näme \"1\"\n"),
        (format!("{script}/displayname/$VALUE"), "Näme \"1\"\n"),
        (format!("{script}/fileName/$value"), ""),
        (format!("{script}/id/$value"), &*id),
        (format!("{script}/runAs32Bit/$value"), "true"),
        (format!("{script}/runAsAccount/$value"), "system"),
        (format!("{state}/errorCode/$value"), "-7"),
        (format!("{state}/lastStateUpdateDateTime/$value"), "2017-01-01T00:02:58.4418045-08:00"),
    ] {
        let reply = client.get(&path).await;
        assert_eq!((reply.status, &*reply.body), (200, value), "{path}");
        assert_eq!(reply.header("content-type"), Some("text/plain;charset=utf-8"), "{path}");
    }
    let path = format!("{script}/scriptContent/$value");
    for accept in ["*/*", "application/octet-stream", "application/json"] {
        let request = client.request(Method::GET, &path).header("Accept", accept);
        let reply = request.send().await.unwrap();
        assert_eq!(reply.status(), 200, "{accept}");
        assert_eq!(reply.headers()["content-type"], "application/octet-stream");
        assert_eq!(&reply.bytes().await.unwrap()[..], CONTENT);
    }
    let refused = send(client.request(Method::GET, &path).header("Accept", "text/html")).await;
    refused.refused(406, "NotAcceptable");
}

#[tokio::test]
async fn null_is_204_and_what_does_not_exist_is_404() {
    let server = Server::start().await;
    let client = server.client();
    let (script, _) = script(&client).await;
    let state = format!("{script}/deviceRunStates('a:b''c')");
    for path in [
        format!("{script}/description"),
        format!("{script}/description/$value"),
        format!("{state}/resultMessage"),
        format!("{state}/resultMessage/$value"),
    ] {
        let reply = client.get(&path).await;
        assert_eq!((reply.status, &*reply.body), (204, ""), "{path}");
        assert!(reply.header("etag").is_some(), "{path}");
    }
    for path in [
        format!("{SCRIPTS}/{}/displayName", uuid::Uuid::now_v7()),
        format!("{SCRIPTS}/displayName/displayName"),
        format!("{SCRIPTS}/displayName"),
        format!("{script}/deviceRunStates/x/errorCode/$value"),
        format!("{state}/managedDevice/deviceName"),
        format!("{state}/managedDevice/deviceName/$value"),
    ] {
        client.get(&path).await.refused(404, "ResourceNotFound");
    }
    let other = server.other_tenant();
    other.get(&format!("{script}/displayName")).await.refused(404, "ResourceNotFound");
    other.get(&format!("{script}/scriptContent/$value")).await.refused(404, "ResourceNotFound");
}

#[tokio::test]
async fn a_property_has_the_tag_of_its_entity_and_no_options() {
    let server = Server::start().await;
    let client = server.client();
    let (script, _) = script(&client).await;
    let tag = client.get(&script).await.header("etag").unwrap().to_owned();
    for path in [
        format!("{script}/displayName"),
        format!("{script}/displayName/$value"),
        format!("{script}/scriptContent/$value"),
        format!("{script}/description"),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let known = client.request(method.clone(), &path).header("If-None-Match", &tag);
            let known = send(known).await;
            assert_eq!((known.status, &*known.body), (304, ""), "{method} {path}");
            assert_eq!(known.header("etag"), Some(&*tag));
            let other = client.request(method, &path).header("If-None-Match", "W/\"x\"");
            assert!([200, 204].contains(&send(other).await.status));
        }
        let unsupported = client.request(Method::GET, &path).header("If-Match", &tag);
        assert!(send(unsupported).await.refused(400, "BadRequest").contains("If-Match"));
        for option in ["$select", "$expand", "$filter", "$orderby", "$top", "$skip", "$count"] {
            let value = match option {
                "$count" => "true",
                "$top" | "$skip" => "1",
                _ => "id",
            };
            let reply = client.get(&format!("{path}?{option}={value}")).await;
            let message = reply.refused(400, "BadRequest");
            assert!(message.contains(&format!("'{option}' is not supported")), "{message}");
        }
    }
    let head = send(client.request(Method::HEAD, &format!("{script}/displayName"))).await;
    assert_eq!((head.status, &*head.body), (200, ""));
}

#[tokio::test]
async fn other_methods_are_405_and_other_paths_400() {
    let server = Server::start().await;
    let client = server.client();
    let (script, id) = script(&client).await;
    for path in [format!("{script}/displayName"), format!("{script}/displayName/$value")] {
        for method in ["POST", "PATCH", "DELETE", "PUT"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let reply = send(client.request(method, &path)).await;
            reply.refused(405, "Request_BadRequest");
            assert_eq!(reply.header("allow"), Some("GET, HEAD, OPTIONS"));
        }
        let allowed = send(client.request(Method::OPTIONS, &path)).await;
        assert_eq!((allowed.status, allowed.header("allow")), (204, Some("GET, HEAD, OPTIONS")));
    }
    let target = format!("{script}/assignments/{id}:g/target");
    for (path, words) in [
        (format!("{target}/$value"), "'target' is not one primitive value"),
        (
            format!("{script}/roleScopeTagIds/$value"),
            "'roleScopeTagIds' is not one primitive value",
        ),
        (format!("{target}/groupId"), "segment 'groupId'"),
        (format!("{script}/nonsense"), "segment 'nonsense'"),
        (format!("{script}/displayName/nonsense"), "segment 'nonsense'"),
        (format!("{script}/displayName/$count"), "segment '$count'"),
        (
            format!("{script}/assignments/a/target/microsoft.graph.groupAssignmentTarget"),
            "can only be cast to 'microsoft.graph.deviceAndAppManagementAssignmentTarget'",
        ),
        (format!("{script}/displayName/$value/x"), "segment '$value'"),
        (format!("{script}/displayName('x')"), "segment 'displayName'"),
        (format!("{script}/$value"), "segment '$value'"),
    ] {
        let message = client.get(&path).await.refused(400, "BadRequest");
        assert!(message.contains(words), "{path}: {message}");
    }
}

#[tokio::test]
async fn a_property_needs_the_permission_of_its_entity_and_works_in_a_batch() {
    let server = Server::start().await;
    let client = server.client();
    let (script, id) = script(&client).await;
    let path = format!("{script}/displayName");
    server.client_with_token(None).get(&path).await.refused(401, "InvalidAuthenticationToken");
    server.client_with_scopes(&["User.Read"]).get(&path).await.refused(403, "Forbidden");
    server.client_with_scopes(&[READ_SCOPE]).get(&path).await.ok();
    let url = format!("deviceManagement/deviceManagementScripts/{id}");
    let requests: Vec<Json> = [
        "displayName",
        "fileName/$value",
        "runAsAccount/$value",
        "scriptContent/$value",
        "description",
    ]
    .iter()
    .map(|path| json!({ "id": path, "method": "GET", "url": format!("{url}/{path}") }))
    .collect();
    let batch = client.post("/beta/$batch", &json!({ "requests": requests })).await.ok();
    let answers = batch["responses"].as_array().unwrap();
    let statuses: Vec<u64> = answers.iter().map(|it| it["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 204]);
    assert_eq!(answers[0]["body"]["value"], "Näme \"1\"\n");
    assert_eq!(answers[1]["body"], "");
    assert_eq!(answers[2]["body"], "system");
    assert_eq!(answers[3]["headers"]["Content-Type"], "application/octet-stream");
    assert_eq!(answers[3]["body"], "V3JpdGUtSG9zdCD_ACAnb2snDQo=");
    assert_eq!(answers[4].get("body"), None);
}
