//! Which text or bytes are the raw value of a property, and its count?

use reqwest::Method;
use serde_json::json;

use super::{CONTENT, script};
use crate::harness::{DEVICES, Server, send};

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
