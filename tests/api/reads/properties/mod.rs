//! Is one property of an entity read alone, as JSON and as its raw value? `json` and `raw` have the values,
//! `refusals` what has none.

mod json;
mod raw;
mod refusals;

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{Client, READ_SCOPE, SCRIPTS, Server, send};

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
