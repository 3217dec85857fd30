//! How is each item of a batch read and answered?

use serde_json::{Value as Json, json};

use super::{BATCH, SCRIPTS_URL, answer, answers, get, refused, send, statuses};
use crate::harness::{READ_SCOPE, SCRIPTS, Server, send as send_request};

#[tokio::test]
async fn a_url_is_relative_or_absolute_on_this_host() {
    let server = Server::start().await;
    let client = server.client();
    let base = server.base();
    for url in [
        SCRIPTS_URL.to_owned(),
        format!("/{SCRIPTS_URL}"),
        format!("{SCRIPTS_URL}/?$top=1"),
        SCRIPTS.to_owned(),
        SCRIPTS[1..].to_owned(),
        format!("/BETA/{SCRIPTS_URL}"),
        format!("{base}{SCRIPTS}"),
        format!("{base}{SCRIPTS}?$select=id, displayName"),
        format!("{}{SCRIPTS}", base.to_uppercase()),
        format!("{}{SCRIPTS}", base.replace("http://", "https://")),
    ] {
        let answer = answer(&client, get("1", &url)).await;
        assert_eq!(answer["status"], 200, "{url}: {answer}");
        assert_eq!(answer["body"]["value"], json!([]));
    }
}

#[tokio::test]
async fn an_invalid_url_fails_only_its_own_item() {
    let server = Server::start().await;
    let client = server.client();
    let long = format!("{SCRIPTS_URL}?{}", "x".repeat(65_536));
    for (url, words) in [
        ("http://graph.microsoft.com/beta/x", "requests[0].url: 'graph.microsoft.com' is not the"),
        ("https://127.0.0.1/beta/x", "requests[0].url: '127.0.0.1' is not the host of this batch"),
        ("deviceManagement#x", "requests[0].url: has a fragment."),
        ("$batch", "requests[0].url: a batch cannot contain another batch."),
        ("/v1.0/%24BATCH/", "requests[0].url: a batch cannot contain another batch."),
        (&long, "requests[0].url: is longer than 65534 bytes."),
        ("/v1.0", "No method match route template"),
        ("nonsense", "Resource not found for the segment 'nonsense'."),
        ("../beta", "Resource not found for the segment '..'."),
        ("//evil.example/x", "Resource not found for the segment ''."),
        ("deviceManagement/%zz", "The path has a '%' that does not begin an escape sequence."),
        ("ftp://127.0.0.1/beta", "Resource not found for the segment 'ftp:'."),
    ] {
        let answers = answers(&client, json!([get("1", url), get("2", SCRIPTS_URL)])).await;
        let message = refused(&answers[0], 400, "BadRequest");
        assert!(message.contains(words), "{url}: {message}");
        assert_eq!(answers[1]["status"], 200);
    }
    let absolute = answer(&client, get("1", &format!("{}/elsewhere", server.base()))).await;
    refused(&absolute, 400, "BadRequest");
}

#[tokio::test]
async fn a_next_link_of_an_item_works_in_a_batch_and_outside() {
    let server = Server::start().await;
    let client = server.client();
    client.new_script().await;
    client.new_script().await;
    let url = format!("{SCRIPTS_URL}?$top=1&$select=id, displayName");
    let page = answer(&client, get("1", &url)).await["body"].clone();
    let link = page["@odata.nextLink"].as_str().unwrap();
    let start = format!("{}{SCRIPTS}?$top=1&$select=id,%20displayName&", server.base());
    assert!(link.starts_with(&start), "{link}");
    let next = client.get(link).await.ok();
    assert_eq!(next["value"].as_array().unwrap().len(), 1);
    assert_eq!(answer(&client, get("1", link)).await["body"], next);
}

#[tokio::test]
async fn methods_ignore_case_and_unknown_ones_are_405() {
    let server = Server::start().await;
    let client = server.client();
    let created = answer(&client, send("1", "pOsT", SCRIPTS_URL, json!({}))).await;
    assert_eq!(created["status"], 201);
    for method in ["PUT", "put", "HEAD", "MERGE", ""] {
        let answer = answer(&client, send("1", method, SCRIPTS_URL, json!({}))).await;
        refused(&answer, 405, "Request_BadRequest");
        assert_eq!(answer["headers"]["Allow"], "GET, POST", "{method}");
    }
}

#[tokio::test]
async fn an_item_may_have_each_method_that_its_resource_allows() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let id = script.rsplit('/').next().unwrap();
    let policy = format!("{}/runstate/v1/retention/scripts/{id}", server.base());
    let put = answer(&client, send("1", "PUT", &policy, json!({ "historyDays": 7 }))).await;
    assert_eq!((&put["status"], &put["body"]["historyDays"]), (&json!(200), &json!(7)));
    let post = answer(&client, send("1", "POST", &policy, json!({}))).await;
    refused(&post, 405, "Request_BadRequest");
    assert_eq!(post["headers"]["Allow"], "GET, PUT, DELETE");
}

#[tokio::test]
async fn an_item_gets_the_same_reply_as_a_single_request() {
    let server = Server::start().await;
    let client = server.client();
    let created =
        answer(&client, send("1", "POST", SCRIPTS_URL, json!({ "displayName": "S" }))).await;
    assert_eq!(created["status"], 201);
    let location = created["headers"]["Location"].as_str().unwrap();
    assert_eq!(client.get(location).await.ok(), created["body"]);
    let relative = location.split_once("/beta").unwrap().1;
    let changed =
        answer(&client, send("1", "PATCH", relative, json!({ "displayName": "T" }))).await;
    assert_eq!((&changed["status"], &changed["body"]["displayName"]), (&json!(200), &json!("T")));
    let absent = answer(&client, get("1", &format!("{SCRIPTS_URL}/x"))).await;
    refused(&absent, 404, "ResourceNotFound");
}

#[tokio::test]
async fn a_204_item_has_no_body() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let request = json!({ "id": "1", "method": "DELETE", "url": script });
    let answer = answer(&client, request).await;
    assert_eq!(answer["status"], 204);
    assert_eq!(answer.get("body"), None);
    client.get(&script).await.refused(404, "ResourceNotFound");
}

#[tokio::test]
async fn a_plain_text_reply_is_a_json_string() {
    let server = Server::start().await;
    let client = server.client();
    client.new_script().await;
    let count = answer(&client, get("1", &format!("{SCRIPTS_URL}/$count"))).await;
    assert_eq!(count["body"], "1");
    assert_eq!(count["headers"]["Content-Type"], "text/plain;charset=utf-8");
}

#[tokio::test]
async fn the_body_of_an_item_is_passed_on_unchanged() {
    let server = Server::start().await;
    let client = server.client();
    let states = format!("{}/deviceRunStates", client.new_script().await);
    let whole = r#"{"requests":[{"id":"1","method":"POST","url":"URL",
        "headers":{"content-type":"application/json"},"body":BODY}]}"#;
    let post = async |body: &str| {
        let text = whole.replace("URL", &states).replace("BODY", body);
        client.post_text(BATCH, &text).await.ok()["responses"][0].clone()
    };
    let text = r#"{ "resultMessage": "\u00e9 \" { } é", "errorCode": 2147483647 }"#;
    let created = post(text).await["body"].clone();
    assert_eq!(created["resultMessage"], "é \" { } é");
    assert_eq!(created["errorCode"], 2_147_483_647);
    for body in [r#"{"errorCode": 1.5}"#, r#"{"errorCode": 123456789012345678901234567890}"#] {
        let message = refused(&post(body).await, 400, "ModelValidationFailure");
        let alone = client.post_text(&states, body).await.refused(400, "ModelValidationFailure");
        assert_eq!(message, alone, "{body}");
    }
    for body in ["[]", "1", "true"] {
        refused(&post(body).await, 400, "ModelValidationFailure");
    }
}

#[tokio::test]
async fn a_body_may_be_base64_in_either_alphabet_with_or_without_padding() {
    let server = Server::start().await;
    let client = server.client();
    for (body, name) in [
        ("eyJkaXNwbGF5TmFtZSI6IsOcPz4ifQ==", "Ü?>"),
        ("eyJkaXNwbGF5TmFtZSI6IsOcPz4ifQ", "Ü?>"),
        ("eyJkaXNwbGF5TmFtZSI6Ij8_Pj4-In0", "??>>>"),
        ("eyJkaXNwbGF5TmFtZSI6Ij8/Pj4+In0=", "??>>>"),
    ] {
        let created = answer(&client, send("1", "POST", SCRIPTS_URL, json!(body))).await;
        assert_eq!(created["status"], 201, "{body}: {created}");
        assert_eq!(created["body"]["displayName"], name, "{body}");
    }
    let plain =
        answer(&client, send("1", "POST", SCRIPTS_URL, json!("{\"displayName\":\"a\"}"))).await;
    let message = refused(&plain, 400, "BadRequest");
    assert!(message.contains("requests[0].body: is a string that is not base64."), "{message}");
    let no_json = answer(&client, send("1", "POST", SCRIPTS_URL, json!("AAAA"))).await;
    assert!(refused(&no_json, 400, "BadRequest").contains("not valid JSON"));
}

#[tokio::test]
async fn a_body_needs_a_json_content_type() {
    let server = Server::start().await;
    let client = server.client();
    let mut item = send("1", "POST", SCRIPTS_URL, json!({}));
    item["headers"] = json!({ "Accept": "application/json" });
    let message = refused(&answer(&client, item.clone()).await, 400, "BadRequest");
    assert_eq!(message, "requests[0].body: needs a Content-Type in the headers of its request.");
    for (content_type, body) in
        [("text/plain", json!("hello")), ("application/xml", json!("AAAA")), ("", json!({}))]
    {
        item["headers"] = json!({ "CONTENT-TYPE": content_type });
        item["body"] = body;
        refused(&answer(&client, item.clone()).await, 415, "UnsupportedMediaType");
    }
    item.as_object_mut().unwrap().remove("body");
    item["headers"] = json!({ "Content-Type": "application/json" });
    assert!(refused(&answer(&client, item).await, 400, "BadRequest").contains("line 1 column 0"));
    assert_eq!(client.get(SCRIPTS).await.ok()["value"], json!([]));
}

#[tokio::test]
async fn each_item_has_its_own_headers() {
    let server = Server::start().await;
    let client = server.client();
    let mut item = get("1", SCRIPTS_URL);
    item["headers"] = json!({ "aCCept": "application/json;odata.metadata=none" });
    assert_eq!(answer(&client, item.clone()).await["body"], json!({ "value": [] }));
    item["headers"] = json!({ "Accept": "text/html" });
    refused(&answer(&client, item).await, 406, "NotAcceptable");
}

#[tokio::test]
async fn the_token_of_the_batch_is_used_and_that_of_an_item_ignored() {
    let server = Server::start().await;
    let reader = server.client_with_scopes(&[READ_SCOPE]);
    let mut write = send("1", "POST", SCRIPTS_URL, json!({}));
    write["headers"]["Authorization"] = json!("Bearer nonsense");
    let answers = answers(&reader, json!([write, get("2", SCRIPTS_URL)])).await;
    refused(&answers[0], 403, "Forbidden");
    assert_eq!(answers[1]["status"], 200);
}

#[tokio::test]
async fn each_item_has_its_own_request_id_and_may_set_a_plain_client_request_id() {
    let server = Server::start().await;
    let client = server.client();
    let mut named = get("1", "nonsense");
    named["headers"] = json!({ "Client-Request-Id": "mine" });
    let mut broken = get("2", "nonsense");
    broken["headers"] = json!({ "client-request-id": "a\r\nb" });
    let body = json!({ "requests": [named, broken, get("3", "nonsense")] });
    let request = client.request(reqwest::Method::POST, BATCH).header("client-request-id", "all");
    let reply = send_request(request.json(&body)).await.ok();
    let answers = reply["responses"].as_array().unwrap();
    let header = |name: &str| answers.iter().map(|it| it["headers"][name].clone()).collect();
    let client_ids: Vec<Json> = header("client-request-id");
    let second = answers[1]["headers"]["request-id"].as_str().unwrap();
    assert_eq!(client_ids, ["mine", second, "all"]);
    let mut ids: Vec<String> =
        header("request-id").iter().map(|id: &Json| id.as_str().unwrap().into()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    for answer in answers {
        refused(answer, 400, "BadRequest");
    }
}

#[tokio::test]
async fn a_batch_reaches_only_the_tenant_of_its_token() {
    let server = Server::start().await;
    let (owner, other_tenant) = (server.client(), server.other_tenant());
    let script = owner.new_script().await;
    let requests = json!([
        get("1", &script),
        send("2", "PATCH", &script, json!({})),
        json!({ "id": "3", "method": "DELETE", "url": script }),
        send("4", "POST", &format!("{script}/deviceRunStates"), json!({})),
        get("5", SCRIPTS),
    ]);
    let answers = answers(&other_tenant, requests).await;
    assert_eq!(statuses(&answers), [404, 404, 404, 404, 200]);
    assert_eq!(answers[4]["body"]["value"], json!([]));
    assert_eq!(owner.get(&script).await.status, 200);
}
