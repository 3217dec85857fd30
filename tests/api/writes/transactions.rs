//! Is each write executed completely or not at all, and refused if its `If-Match` is outdated?

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{Client, DEVICES, Reply, SCRIPTS, Server, send};

const GROUP: &str = "#microsoft.graph.groupAssignmentTarget";
const EXCLUSION: &str = "#microsoft.graph.exclusionGroupAssignmentTarget";
const ALL_DEVICES: &str = "#microsoft.graph.allDevicesAssignmentTarget";
const ALL_USERS: &str = "#microsoft.graph.allLicensedUsersAssignmentTarget";

async fn with_header(
    client: &Client,
    method: Method,
    path: &str,
    header: (&str, &str),
    body: Option<Json>,
) -> Reply {
    let request = client.request(method, path).header(header.0, header.1);
    match body {
        Some(body) => {
            send(request.header("Content-Type", "application/json").body(body.to_string())).await
        }
        None => send(request).await,
    }
}

fn target(kind: &str, group: &str) -> Json {
    match group {
        "" => json!({ "target": { "@odata.type": kind } }),
        group => json!({ "target": { "@odata.type": kind, "groupId": group } }),
    }
}

#[tokio::test]
async fn a_body_may_create_contained_entities() {
    let server = Server::start().await;
    let client = server.client();
    let body = json!({
        "displayName": "Script",
        "assignments": [target(GROUP, "g")],
        "deviceRunStates": [{ "id": "1", "runState": "fail" }],
        "userRunStates": [{ "id": "u", "deviceRunStates": [{ "id": "2", "runState": "success" }] }],
    });
    let created = client.post(SCRIPTS, &body).await.created();
    let script = format!("{SCRIPTS}/{}", created["id"].as_str().unwrap());
    assert_eq!(client.ids(&format!("{script}/deviceRunStates")).await, ["1", "2"]);
    assert_eq!(client.ids(&format!("{script}/userRunStates/u/deviceRunStates")).await, ["2"]);
    assert_eq!(client.ids(&format!("{script}/assignments")).await.len(), 1);
    let summary = client.get(&format!("{script}/runSummary")).await.ok();
    for (name, count) in [
        ("successDeviceCount", 1),
        ("errorDeviceCount", 1),
        ("successUserCount", 1),
        ("errorUserCount", 0),
    ] {
        assert_eq!(summary[name], count, "{name}");
    }
}

#[tokio::test]
async fn an_invalid_nested_entity_rolls_back_the_whole_create() {
    let server = Server::start().await;
    let client = server.client();
    let absent = format!("{DEVICES}/absent");
    for (states, status) in [
        (json!([{ "id": "1" }, { "runState": "nonsense" }]), 400),
        (json!([{ "id": "1" }, { "nonsense": 1 }]), 400),
        (json!([{ "id": "1" }, { "managedDevice@odata.bind": absent }]), 400),
        (json!([{ "id": "1" }, { "id": "1" }]), 409),
    ] {
        let body = json!({ "userRunStates": [{ "deviceRunStates": states }] });
        let reply = client.post(SCRIPTS, &body).await;
        assert_eq!(reply.status, status, "{reply:?}");
        assert_eq!(client.get(SCRIPTS).await.ok()["value"], json!([]));
    }
}

#[tokio::test]
async fn a_reference_to_nothing_is_refused_with_its_place() {
    let server = Server::start().await;
    let client = server.client();
    let states = json!([{ "id": "1" }, { "managedDevice@odata.bind": "users/1" }]);
    let nothing = "'managedDevice@odata.bind' names no managedDevice of this service: 'users/1'. \
         Send the path deviceManagement/managedDevices('{id}'), or an http or https URL with this path.";
    let user = json!({ "deviceRunStates": states });
    let script = json!({ "userRunStates": [user] });
    let message = client.post(SCRIPTS, &script).await.refused(400, "BadRequest");
    assert_eq!(message, format!("In userRunStates[0]: In deviceRunStates[1]: {nothing}"));
    assert_eq!(client.get(SCRIPTS).await.ok()["value"], json!([]));
    let alone = format!("{}/deviceRunStates", client.new_script().await);
    let message = client.post(&alone, &states[1]).await.refused(400, "BadRequest");
    assert_eq!(message, nothing);
}

#[tokio::test]
async fn a_run_state_can_be_bound_to_a_device() {
    let server = Server::start().await;
    let client = server.client();
    client.post(DEVICES, &json!({ "id": "d" })).await.created();
    server.other_tenant().post(DEVICES, &json!({ "id": "theirs" })).await.created();
    let states = format!("{}/deviceRunStates", client.new_script().await);
    let bind = |url: &str| json!({ "id": "s", "managedDevice@odata.bind": url });
    let state = format!("{states}/s");
    let device = format!("{state}/managedDevice");
    for url in [
        format!("{}{DEVICES}/d", server.base()),
        format!("https://graph.microsoft.com{DEVICES}('d')"),
        format!("{DEVICES}/d"),
        "deviceManagement/managedDevices/d".into(),
        "/deviceManagement/managedDevices('d')".into(),
    ] {
        client.post(&states, &bind(&url)).await.created();
        assert_eq!(client.get(&device).await.ok()["id"], "d", "{url}");
        let unbound = json!({ "managedDevice@odata.bind": null });
        client.patch(&state, &unbound).await.ok();
        assert_eq!(client.get(&device).await.status, 204);
        client.patch(&state, &bind(&url)).await.ok();
        client.patch(&state, &json!({ "errorCode": 1 })).await.ok();
        assert_eq!(client.get(&device).await.ok()["id"], "d", "{url}");
        for unknown in ["absent", "theirs"] {
            let reply = client.patch(&state, &bind(&format!("{DEVICES}/{unknown}"))).await;
            assert_eq!(reply.status, 400, "{reply:?}");
            assert_eq!(client.get(&device).await.ok()["id"], "d", "{url}");
        }
        assert_eq!(client.delete(&state).await.status, 204);
    }
    for url in
        [&*format!("{DEVICES}/absent"), &*format!("{DEVICES}/theirs"), &*states, "", "x", "d"]
    {
        let reply = client.post(&states, &bind(url)).await;
        assert_eq!(reply.status, 400, "{reply:?}");
        client.get(&state).await.refused(404, "ResourceNotFound");
    }
}

#[tokio::test]
async fn assign_replaces_all_assignments() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let id = script.rsplit('/').next().unwrap();
    let (assign, assignments) = (format!("{script}/assign"), format!("{script}/assignments"));
    let call = |assignments: Json| json!({ "deviceManagementScriptAssignments": assignments });
    let all = [
        target(GROUP, "g"),
        target(EXCLUSION, "x"),
        target(ALL_DEVICES, ""),
        target(ALL_USERS, ""),
    ];
    let reply = client.post(&assign, &call(json!(all))).await;
    assert_eq!((reply.status, &*reply.body), (204, ""));
    let mut expected: Vec<String> =
        ["g", "x", "adadadad-808e-44e2-905a-0b7873a8a531", "acacacac-9df4-4c7d-9d50-4ef0226f57a9"]
            .map(|group| format!("{id}:{group}"))
            .into();
    expected.sort();
    assert_eq!(client.ids(&assignments).await, expected);
    let of_group = client.get(&format!("{assignments}/{id}:g")).await.ok();
    assert_eq!(of_group["target"]["@odata.type"], GROUP);
    assert_eq!(of_group["target"]["groupId"], "g");
    let groups = format!("{script}/groupAssignments");
    assert_eq!(client.ids(&groups).await, [format!("{id}:g")]);

    let both = json!({
        "deviceManagementScriptAssignments": [target(GROUP, "h")],
        "deviceManagementScriptGroupAssignments": [{ "targetGroupId": "h" }, { "targetGroupId": "i" }],
    });
    assert_eq!(client.post(&assign, &both).await.status, 204);
    let expected = [format!("{id}:h"), format!("{id}:i")];
    assert_eq!(client.ids(&assignments).await, expected);
    assert_eq!(client.ids(&groups).await, expected);

    let bad = "#microsoft.graph.deviceAndAppManagementAssignmentTarget";
    for bad in [
        call(json!([target(GROUP, "j"), target(bad, "")])),
        call(json!([target(GROUP, "j"), { "target": { "groupId": "k" } }])),
        call(json!([target("#microsoft.graph.user", "")])),
        call(json!({})),
        json!({}),
        json!({ "nonsense": [] }),
    ] {
        client.post(&assign, &bad).await.refused(400, "ModelValidationFailure");
        assert_eq!(client.ids(&assignments).await, expected);
    }
    let theirs = server.other_tenant().post(&assign, &call(json!([]))).await;
    theirs.refused(404, "ResourceNotFound");
    assert_eq!(client.ids(&assignments).await, expected);
    assert_eq!(client.post(&assign, &call(json!([]))).await.status, 204);
    assert_eq!(client.ids(&assignments).await, [""; 0]);
}

#[tokio::test]
async fn assignments_and_group_assignments_share_their_rows() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let (groups, assignments) =
        (format!("{script}/groupAssignments"), format!("{script}/assignments"));
    let group = client.post(&groups, &json!({ "targetGroupId": "g" })).await.created();
    let id = group["id"].as_str().unwrap();
    let assignment = client.get(&format!("{assignments}/{id}")).await.ok();
    assert_eq!(assignment["target"]["@odata.type"], GROUP);
    assert_eq!(assignment["target"]["groupId"], "g");
    client.post(&assignments, &target(GROUP, "g")).await.refused(409, "Conflict");
    client.patch(&format!("{assignments}/{id}"), &target(GROUP, "h")).await.ok();
    assert_eq!(client.get(&format!("{groups}/{id}")).await.ok()["targetGroupId"], "h");
    client.patch(&format!("{assignments}/{id}"), &target(ALL_USERS, "")).await.ok();
    client.get(&format!("{groups}/{id}")).await.refused(404, "ResourceNotFound");
    let ids = ["payload", script.rsplit('/').next().unwrap()];
    let links =
        client.post(&format!("{SCRIPTS}/hasPayloadLinks"), &json!({ "payloadIds": ids })).await;
    let found: Vec<(Json, Json)> = links.ok()["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["payloadId"].clone(), it["hasLink"].clone()))
        .collect();
    assert_eq!(found, [(json!(ids[0]), json!(false)), (json!(ids[1]), json!(true))]);
}

#[tokio::test]
async fn a_run_summary_counts_on_from_the_values_that_a_client_set() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let (summary, user) =
        (format!("{script}/runSummary"), client.new_user_state(&script, "u").await);
    let counts = async || {
        let summary = client.get(&summary).await.ok();
        ["successDeviceCount", "errorDeviceCount", "successUserCount", "errorUserCount"]
            .map(|name| summary[name].as_i64().unwrap())
    };
    let states = format!("{user}/deviceRunStates");
    client.post(&states, &json!({ "id": "1", "runState": "success" })).await.created();
    assert_eq!(counts().await, [1, 0, 1, 0]);
    client.patch(&summary, &json!({ "successDeviceCount": 10, "errorUserCount": 5 })).await.ok();
    assert_eq!(counts().await, [10, 0, 1, 5]);
    client.patch(&format!("{states}/1"), &json!({ "runState": "scriptError" })).await.ok();
    assert_eq!(counts().await, [9, 1, 0, 6]);
    client.post(&states, &json!({ "id": "2", "runState": "pending" })).await.created();
    assert_eq!(counts().await, [9, 1, 0, 6]);
    assert_eq!(client.delete(&user).await.status, 204);
    assert_eq!(counts().await, [9, 0, 0, 5]);
}

#[tokio::test]
async fn return_minimal_omits_the_body() {
    let server = Server::start().await;
    let client = server.client();
    let states = format!("{}/deviceRunStates", client.new_script().await);
    let minimal = ("Prefer", "return=minimal");
    let body = Some(json!({ "id": "1" }));
    let created = with_header(&client, Method::POST, &states, minimal, body).await;
    assert_eq!((created.status, &*created.body), (204, ""));
    assert_eq!(created.header("preference-applied"), Some("return=minimal"));
    assert_eq!(created.header("location"), created.header("odata-entityid"));
    assert_eq!(client.get(created.header("location").unwrap()).await.ok()["id"], "1");
    let path = format!("{states}/1");
    let body = Some(json!({ "errorCode": 1 }));
    let changed = with_header(&client, Method::PATCH, &path, minimal, body).await;
    assert_eq!((changed.status, &*changed.body), (204, ""));
    assert_eq!(client.get(&path).await.ok()["errorCode"], 1);
}

#[tokio::test]
async fn a_write_with_an_outdated_etag_is_refused() {
    let server = Server::start().await;
    let client = server.client();
    let path = format!("{}/deviceRunStates", client.new_script().await);
    client.post(&path, &json!({ "id": "1" })).await.created();
    let path = format!("{path}/1");
    let old = client.get(&path).await.header("etag").unwrap().to_owned();
    let ask = async |method: Method, name: &str, tag: &str, body: Option<Json>| {
        with_header(&client, method, &path, (name, tag), body).await.status
    };
    assert_eq!(ask(Method::GET, "If-None-Match", &old, None).await, 304);
    assert_eq!(ask(Method::GET, "If-None-Match", "*", None).await, 304);
    let body = || Some(json!({ "errorCode": 1 }));
    assert_eq!(ask(Method::PATCH, "If-Match", &old, body()).await, 200);
    assert_eq!(ask(Method::GET, "If-None-Match", &old, None).await, 200);
    assert_eq!(ask(Method::PATCH, "If-Match", &old, Some(json!({ "errorCode": 2 }))).await, 412);
    assert_eq!(client.get(&path).await.ok()["errorCode"], 1);
    assert_eq!(ask(Method::DELETE, "If-Match", &old, None).await, 412);
    assert_eq!(ask(Method::PATCH, "If-Match", "*", body()).await, 200);
    let new = client.get(&path).await.header("etag").unwrap().to_owned();
    assert_eq!(ask(Method::DELETE, "If-Match", &format!("{old}, {new}"), None).await, 204);
    assert_eq!(ask(Method::DELETE, "If-Match", "*", None).await, 404);
}
