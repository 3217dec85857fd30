//! Which batches are executed, and which are refused before any request runs?

use reqwest::Method;
use serde_json::{Value as Json, json};

use super::{BATCH, SCRIPTS_URL, answers, get, post, refuses_whole_batch, send, statuses};
use crate::harness::{SCRIPTS, Server, send as send_request};

/// A request that creates a script, so that tests can see if it was executed.
fn create(id: &str) -> Json {
    send(id, "POST", SCRIPTS_URL, json!({ "displayName": "trace" }))
}

#[tokio::test]
async fn a_batch_reply_is_exact_to_the_byte() {
    let server = Server::start().await;
    let client = server.client();
    let headers = json!({ "client-request-id": "mine", "Accept": "application/json" });
    let mut request = get("1", &format!("/{SCRIPTS_URL}"));
    request["headers"] = headers;
    let reply = post(&client, json!([request])).await;
    let id = reply.ok()["responses"][0]["headers"]["request-id"].as_str().unwrap().to_owned();
    let expected = format!(
        concat!(
            r##"{{"responses":[{{"id":"1","status":200,"headers":{{"##,
            r##""Content-Type":"application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8","##,
            r##""OData-Version":"4.0","client-request-id":"mine","request-id":"{id}"}},"##,
            r##""body":{{"@odata.context":"{base}/beta/$metadata#deviceManagement/deviceManagementScripts","value":[]}}}}]}}"##
        ),
        id = id,
        base = server.base()
    );
    assert_eq!(reply.body, expected);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("odata-version"), Some("4.0"));
    assert_ne!(reply.header("request-id"), Some(&*id));
}

#[tokio::test]
async fn the_path_of_a_batch_may_be_written_in_several_ways() {
    let server = Server::start().await;
    let client = server.client();
    let body = json!({ "requests": [get("1", SCRIPTS_URL)] });
    for path in ["/beta/$batch", "/BETA/$Batch", "/beta/%24batch", "/beta/$batch/"] {
        let reply = client.post(path, &body).await.ok();
        assert_eq!(reply["responses"][0]["status"], 200, "{path}");
    }
    for path in ["/beta/$batch/x", "/v2.0/$batch", "/$batch", "/beta/x/$batch"] {
        client.post(path, &body).await.refused(400, "BadRequest");
    }
}

#[tokio::test]
async fn relative_urls_in_a_v1_0_batch_belong_to_v1_0() {
    let server = Server::start().await;
    let client = server.client();
    let items = json!([get("1", SCRIPTS_URL), get("2", SCRIPTS)]);
    let reply = client.post("/v1.0/$batch", &json!({ "requests": items })).await.ok();
    let message = &reply["responses"][0]["body"]["error"]["message"];
    assert_eq!(message, "Resource not found for the segment 'deviceManagementScripts'.");
    assert_eq!(reply["responses"][1]["status"], 200);
}

#[tokio::test]
async fn a_method_other_than_post_is_405() {
    let server = Server::start().await;
    let client = server.client();
    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        let reply = send_request(client.request(method, BATCH)).await;
        reply.refused(405, "Request_BadRequest");
        assert_eq!(reply.header("allow"), Some("POST, OPTIONS"));
    }
}

#[tokio::test]
async fn a_batch_checks_the_token_before_anything_else() {
    let server = Server::start().await;
    let nobody = server.client_with_token(None);
    nobody.get(BATCH).await.refused(401, "InvalidAuthenticationToken");
    nobody.post_text(BATCH, "not json").await.refused(401, "InvalidAuthenticationToken");
    let mut item = get("1", SCRIPTS_URL);
    let token = server.client_with_token(Some("nonsense".into()));
    post(&token, json!([item])).await.refused(401, "InvalidAuthenticationToken");
    item["headers"] = json!({ "Authorization": "Bearer x" });
    post(&nobody, json!([item])).await.refused(401, "InvalidAuthenticationToken");
}

#[tokio::test]
async fn a_batch_has_no_query_options() {
    let server = Server::start().await;
    let client = server.client();
    for query in ["$top=1", "$format=json", "nonsense=1"] {
        let body = json!({ "requests": [create("1")] });
        let reply = client.post(&format!("{BATCH}?{query}"), &body).await;
        assert!(reply.refused(400, "BadRequest").contains("$batch has no query options"));
    }
    assert_eq!(client.get(SCRIPTS).await.ok()["value"], json!([]));
}

#[tokio::test]
async fn a_batch_accepts_and_returns_only_json() {
    let server = Server::start().await;
    let client = server.client();
    let body = json!({ "requests": [create("1")] }).to_string();
    let multipart = client.request(Method::POST, BATCH).header("Content-Type", "multipart/mixed");
    send_request(multipart.body(body.clone())).await.refused(415, "UnsupportedMediaType");
    let json = client.request(Method::POST, BATCH).header("Content-Type", "application/json");
    let xml = json.header("Accept", "multipart/mixed").body(body);
    send_request(xml).await.refused(406, "NotAcceptable");
    assert_eq!(client.get(SCRIPTS).await.ok()["value"], json!([]));
}

#[tokio::test]
async fn malformed_json_is_refused_with_its_position() {
    let server = Server::start().await;
    let client = server.client();
    for (body, words) in [
        ("", "line 1 column 0"),
        (r#"{"requests": ["#, "line 1"),
        ("{\n  \"requests\": }", "line 2 column"),
        (r#"{"requests":[],"requests":[]}"#, "the name 'requests' is given twice"),
        (r#"{"requests":[{"id":"1","id":"2"}]}"#, "the name 'id' is given twice"),
        (r#"{"requests":[{"body":{"a":1,"a":2}}]}"#, "the name 'a' is given twice"),
        (r#"{"requests":[{"id":"\ud800"}]}"#, "in the property 'id'"),
    ] {
        let message = client.post_text(BATCH, body).await.refused(400, "BadRequest");
        assert!(message.contains("not valid JSON") && message.contains(words), "{body}: {message}");
    }
    let deep = format!(r#"{{"requests":[{{"body":{}1{}}}]}}"#, "[".repeat(50), "]".repeat(50));
    let message = client.post_text(BATCH, &deep).await.refused(400, "BadRequest");
    assert!(message.contains("nesting is deeper than 32"), "{message}");
}

#[tokio::test]
async fn the_body_must_be_an_object_with_a_list_of_requests() {
    let server = Server::start().await;
    let client = server.client();
    for (body, words) in [
        ("[]", "must be an object with the member 'requests', not an array"),
        ("{}", "requests: must be a list of 1 to 20 requests, but is missing."),
        (r#"{"requests":null}"#, "requests: must be a list of 1 to 20 requests, but is missing."),
        (r#"{"requests":{}}"#, "requests: must be a list of 1 to 20 requests, not an object."),
        (r#"{"requests":[]}"#, "requests: must be a list of 1 to 20 requests, not of 0."),
        (r#"{"requests":[1]}"#, "requests[0]: must be an object, not a number."),
    ] {
        let message = client.post_text(BATCH, body).await.refused(400, "BadRequest");
        assert!(message.contains(words), "{body}: {message}");
    }
}

#[tokio::test]
async fn one_malformed_item_refuses_the_whole_batch() {
    for (member, value, words) in [
        ("id", json!(null), "requests[1].id: is missing."),
        ("id", json!(""), "requests[1].id: must not be empty."),
        ("id", json!(1.5), "requests[1].id: must be a string or an integer, not a number."),
        ("id", json!(["2"]), "requests[1].id: must be a string or an integer, not an array."),
        ("id", json!("A"), "requests[1].id: 'A' is already the id of requests[0]"),
        ("method", json!(null), "requests[1].method: is missing."),
        ("method", json!(1), "requests[1].method: must be a string, not a number."),
        ("url", json!(null), "requests[1].url: is missing."),
        ("url", json!({}), "requests[1].url: must be a string, not an object."),
        ("headers", json!([]), "requests[1].headers: must be an object, not an array."),
        (
            "headers",
            json!({ "Accept": 1 }),
            "requests[1].headers: the value of 'Accept' must be a string, not a number.",
        ),
        ("dependsOn", json!("a"), "requests[1].dependsOn: must be a list of ids, not a string."),
        ("dependsOn", json!([true]), "requests[1].dependsOn: each id must be a string or an int"),
        ("dependsOn", json!(["c"]), "requests[1].dependsOn: no request has the id 'c'."),
        ("dependsOn", json!(["B"]), "requests[1].dependsOn: a request cannot depend on itself."),
        ("atomicityGroup", json!("g"), "requests[1].atomicityGroup: is not supported"),
    ] {
        let mut second = create("b");
        second[member] = value;
        refuses_whole_batch(json!([create("a"), second]), words).await;
    }
}

#[tokio::test]
async fn an_integer_id_equals_the_string_with_the_same_digits() {
    let mut second = create("1");
    second["id"] = json!(1);
    refuses_whole_batch(
        json!([create("1"), second]),
        "requests[1].id: '1' is already the id of requests[0]",
    )
    .await;
}

#[tokio::test]
async fn ids_are_returned_unchanged_and_integers_as_strings() {
    let server = Server::start().await;
    let client = server.client();
    let mut requests: Vec<Json> = ["Ä \"1\"", "x"].map(|id| get(id, SCRIPTS_URL)).into();
    for id in [7, -1] {
        let mut request = get("", SCRIPTS_URL);
        request["id"] = json!(id);
        requests.push(request);
    }
    let answers = answers(&client, requests.into()).await;
    let ids: Vec<&Json> = answers.iter().map(|answer| &answer["id"]).collect();
    assert_eq!(ids, ["Ä \"1\"", "x", "7", "-1"]);
}

#[tokio::test]
async fn twenty_requests_are_answered_in_order() {
    let server = Server::start().await;
    let client = server.client();
    let requests: Vec<Json> = (0..20).map(|number| create(&number.to_string())).collect();
    let answers = answers(&client, requests.into()).await;
    let ids: Vec<String> = answers.iter().map(|it| it["id"].as_str().unwrap().into()).collect();
    assert_eq!(ids, (0..20).map(|number| number.to_string()).collect::<Vec<_>>());
    assert_eq!(statuses(&answers), [201; 20]);
    assert_eq!(client.get(&format!("{SCRIPTS}/$count")).await.body, "20");
}

#[tokio::test]
async fn a_batch_of_twenty_one_requests_executes_none() {
    let requests: Vec<Json> = (0..21).map(|number| create(&number.to_string())).collect();
    refuses_whole_batch(
        requests.into(),
        "requests: must be a list of 1 to 20 requests, not of 21.",
    )
    .await;
}

#[tokio::test]
async fn unknown_members_are_ignored_and_null_means_absent() {
    let server = Server::start().await;
    let client = server.client();
    let mut item = get("1", SCRIPTS_URL);
    for name in ["headers", "body", "dependsOn", "atomicityGroup"] {
        item[name] = json!(null);
    }
    item["comment"] = json!({ "requests": [] });
    let reply = client.post(BATCH, &json!({ "requests": [item], "more": 1 })).await.ok();
    assert_eq!(reply["responses"][0]["status"], 200);
}
