//! What is answered where a property has no value, or the path or the method is wrong?

use reqwest::Method;

use super::script;
use crate::harness::{SCRIPTS, Server, send};

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
