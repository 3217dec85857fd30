//! Which spellings of a path are equal, and how are invalid paths answered?

use reqwest::Method;
use serde_json::json;

use crate::harness::{SCRIPTS, Server, send};

#[tokio::test]
async fn a_path_may_be_written_in_several_ways() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let key = script.rsplit('/').next().unwrap();
    client.post(&format!("{script}/deviceRunStates"), &json!({ "id": "a:b" })).await.created();
    for path in [
        format!("{script}/deviceRunStates/a:b"),
        format!("{script}/deviceRunStates/a%3Ab"),
        format!("{script}/deviceRunStates('a:b')"),
        format!("{script}/deviceRunStates(%27a:b%27)"),
        format!("{script}/deviceRunStates%28%27a%3Ab%27%29/"),
        format!("{SCRIPTS}('{key}')/DEVICERUNSTATES/a:b"),
        format!("/BETA/devicemanagement/DeviceManagementScripts/{key}/deviceRunStates/a:b/"),
    ] {
        assert_eq!(client.get(&path).await.ok()["id"], "a:b", "{path}");
    }
    assert_eq!(client.get(&format!("{SCRIPTS}/")).await.status, 200);
}

#[tokio::test]
async fn a_path_may_cast_an_entity_to_its_own_type() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let key = script.rsplit('/').next().unwrap();
    let (cast, state) =
        ("microsoft.graph.deviceManagementScript", "graph.DeviceManagementScriptDeviceState");
    client.post(&format!("{script}/{cast}/deviceRunStates"), &json!({ "id": "a" })).await.created();
    client.post(&format!("{script}/deviceRunStates"), &json!({ "id": state })).await.created();
    for path in [
        format!("{script}/{cast}"),
        format!("{SCRIPTS}/{cast}/{key}"),
        format!("{SCRIPTS}/{cast}('{key}')"),
        format!("{SCRIPTS}('{key}')/{cast}/"),
    ] {
        assert_eq!(client.get(&path).await.ok()["id"], key, "{path}");
    }
    let states = format!("{script}/deviceRunStates");
    for (path, id) in [
        (format!("{states}/{state}/a/{state}"), "a"),
        // A key in parentheses is never a cast.
        (format!("{states}('{state}')"), state),
    ] {
        assert_eq!(client.get(&path).await.ok()["id"], id, "{path}");
    }
    let plain = client.get(&states).await;
    assert_eq!(client.get(&format!("{states}/{state}")).await.body, plain.body);
    assert_eq!(client.get(&format!("{states}/{state}/$count")).await.body, "2");
    let other = "microsoft.graph.managedDevice";
    for path in [format!("{states}/{other}"), format!("{states}/a/{other}/errorCode")] {
        let message = client.get(&path).await.refused(400, "BadRequest");
        let expected = "The segment 'microsoft.graph.managedDevice' is a type cast, but what is before it \
                        can only be cast to 'microsoft.graph.deviceManagementScriptDeviceState'.";
        assert_eq!(message, expected, "{path}");
    }
}

#[tokio::test]
async fn ids_with_any_characters_work_in_paths() {
    let server = Server::start().await;
    let client = server.client();
    let states = format!("{}/deviceRunStates", client.new_script().await);
    for id in [
        "a:b",
        "a b",
        "a+b",
        "100%",
        "%41",
        "it's",
        "''",
        "a?b#c",
        "é🏃",
        "a&b=c;d",
        "\\\"",
        ".",
        "..",
        "$count",
        "('x')",
        "microsoft.graph.deviceManagementScriptDeviceState",
        "Graph.managedDevice('x')",
        "~",
        "A",
        "a",
        &"é".repeat(255),
    ] {
        let created = client.post(&states, &json!({ "id": id })).await;
        assert_eq!(created.created()["id"], id);
        let location = created.header("location").unwrap();
        assert_eq!(client.get(location).await.ok()["id"], id, "{location}");
        assert_eq!(client.delete(location).await.status, 204, "{location}");
    }
}

#[tokio::test]
async fn ids_are_compared_exactly() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let states = format!("{script}/deviceRunStates");
    client.post(&states, &json!({ "id": "a" })).await.created();
    for path in [
        format!("{states}/A"),
        format!("{states}/%00"),
        format!("{states}/a%00"),
        format!("{states}/{}", "x".repeat(300)),
        format!("{SCRIPTS}/{}", script.rsplit('/').next().unwrap().to_uppercase()),
        format!("{SCRIPTS}/{{{}}}", script.rsplit('/').next().unwrap()),
    ] {
        client.get(&path).await.refused(404, "ResourceNotFound");
    }
}

#[tokio::test]
async fn an_unknown_path_is_400_and_the_message_names_the_segment() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    for (path, message) in [
        ("/beta/nonsense".into(), "Resource not found for the segment 'nonsense'."),
        (
            "/beta/deviceManagement/nonsense".into(),
            "Resource not found for the segment 'nonsense'.",
        ),
        (format!("{script}/nonsense"), "Resource not found for the segment 'nonsense'."),
        (format!("{script}/assign('a')"), "Resource not found for the segment 'assign('a')'."),
        (format!("{script}/deviceRunStates/a/b"), "Resource not found for the segment 'b'."),
        (
            "/v1.0/deviceManagement/deviceManagementScripts".into(),
            "Resource not found for the segment 'deviceManagementScripts'.",
        ),
        ("/v2.0/deviceManagement".into(), "Invalid version: 'v2.0'. It must be 'beta'."),
        (
            format!("{SCRIPTS}(x)"),
            "The key in the segment 'deviceManagementScripts(x)' is not one string in single quotes.",
        ),
        (format!("{SCRIPTS}/delta()"), "Resource not found for the segment 'delta()'."),
        (
            format!("{SCRIPTS}/microsoft.graph.delta()"),
            "Resource not found for the segment 'microsoft.graph.delta()'.",
        ),
        (format!("{script}/%FF"), "The path is not UTF-8 after percent-decoding."),
        ("/".into(), "No method match route template"),
    ] {
        assert_eq!(client.get(&path).await.refused(400, "BadRequest"), message, "{path}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_405_and_the_reply_lists_the_allowed_ones() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let states = format!("{script}/deviceRunStates");
    for (method, path, allow) in [
        (Method::PUT, states.clone(), "GET, HEAD, POST, OPTIONS"),
        (Method::DELETE, states.clone(), "GET, HEAD, POST, OPTIONS"),
        (Method::POST, script, "GET, HEAD, PATCH, DELETE, OPTIONS"),
        (Method::POST, format!("{states}/$count"), "GET, HEAD, OPTIONS"),
        (Method::TRACE, states.clone(), "GET, HEAD, POST, OPTIONS"),
        (Method::from_bytes(b"MERGE").unwrap(), states, "GET, HEAD, POST, OPTIONS"),
    ] {
        let reply = send(client.request(method, &path)).await;
        reply.refused(405, "Request_BadRequest");
        assert_eq!(reply.header("allow"), Some(allow));
    }
}
