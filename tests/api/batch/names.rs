//! In which spellings may a batch write the names of its members?

use serde_json::{Value as Json, json};

use super::{BATCH, SCRIPTS_URL, refused};
use crate::harness::{SCRIPTS, Server};

#[tokio::test]
async fn a_tool_may_write_url_in_capitals_and_ids_as_numbers() {
    let server = Server::start().await;
    let client = server.client();
    let body = r#"{"requests":[{"method":"GET","URL":"/deviceManagement/deviceManagementScripts","id":7391842}]}"#;
    let reply = client.post_text(BATCH, body).await.ok();
    let answers = reply["responses"].as_array().unwrap();
    assert_eq!(answers.len(), 1);
    assert_eq!((&answers[0]["id"], &answers[0]["status"]), (&json!("7391842"), &json!(200)));
    assert_eq!(answers[0]["body"]["value"], json!([]));
}

#[tokio::test]
async fn names_are_read_in_any_case() {
    let server = Server::start().await;
    let client = server.client();
    let create = json!({
        "ID": 1, "Method": "POST", "Url": SCRIPTS_URL,
        "HEADERS": { "Content-Type": "application/json" },
        "Body": { "displayName": "first" },
    });
    let string = json!({
        "iD": "2", "METHOD": "POST", "uRL": SCRIPTS_URL, "DependsOn": [1],
        "Headers": { "CONTENT-TYPE": "application/json" },
        "BODY": "eyJkaXNwbGF5TmFtZSI6InNlY29uZCJ9",
    });
    let fails = json!({ "Id": "3", "method": "GET", "url": "nonsense" });
    let dependent = json!({ "id": "4", "method": "GET", "url": SCRIPTS_URL, "DEPENDSON": ["3"] });
    let body = json!({ "Requests": [create, string, fails, dependent] });
    let answers = client.post(BATCH, &body).await.ok()["responses"].as_array().unwrap().clone();
    assert_eq!(answers[0]["body"]["displayName"], "first");
    assert_eq!(answers[1]["body"]["displayName"], "second");
    refused(&answers[2], 400, "BadRequest");
    refused(&answers[3], 424, "FailedDependency");
    let ids: Vec<&Json> = answers.iter().map(|answer| &answer["id"]).collect();
    assert_eq!(ids, ["1", "2", "3", "4"]);
}

#[tokio::test]
async fn two_names_that_differ_only_in_case_are_refused() {
    let server = Server::start().await;
    let client = server.client();
    let create = r#""id":"1","method":"POST","headers":{"Content-Type":"application/json"}"#;
    for (body, words) in [
        (
            format!(r#"{{"requests":[{{{create},"url":"{SCRIPTS_URL}","URL":"x"}}]}}"#),
            "requests[0]: the names 'url' and 'URL' differ only in case. Give one of them.",
        ),
        (
            format!(
                r#"{{"requests":[{{"id":"0","method":"GET","url":"{SCRIPTS_URL}"}},{{{create},"url":"{SCRIPTS_URL}","Body":{{}},"body":{{}}}}]}}"#
            ),
            "requests[1]: the names 'Body' and 'body' differ only in case. Give one of them.",
        ),
        (
            format!(r#"{{"requests":[{{{create},"url":"{SCRIPTS_URL}","ID":null}}]}}"#),
            "requests[0]: the names 'id' and 'ID' differ only in case. Give one of them.",
        ),
        (
            format!(r#"{{"Requests":[],"requests":[{{{create},"url":"{SCRIPTS_URL}"}}]}}"#),
            "The names 'Requests' and 'requests' in the body of the batch differ only in case. \
             Give one of them.",
        ),
        (
            format!(r#"{{"requests":[{{{create},"ur1":"{SCRIPTS_URL}"}}]}}"#),
            "requests[0].url: is missing.",
        ),
        (
            format!(r#"{{"requests":[{{{create},"url":"{SCRIPTS_URL}","ATOMICITYGROUP":"g"}}]}}"#),
            "requests[0].atomicityGroup: is not supported: the requests of a batch are independent \
             of each other.",
        ),
    ] {
        assert_eq!(client.post_text(BATCH, &body).await.refused(400, "BadRequest"), words);
    }
    assert_eq!(client.get(SCRIPTS).await.ok()["value"], json!([]));
}

#[tokio::test]
async fn names_inside_a_body_keep_their_own_rules() {
    let server = Server::start().await;
    let client = server.client();
    let body = format!(
        r#"{{"requests":[{{"id":"1","method":"POST","url":"{SCRIPTS_URL}","headers":{{"Content-Type":"application/json"}},"body":{{"displayName":"a","DISPLAYNAME":"b"}}}}]}}"#
    );
    let answer = client.post_text(BATCH, &body).await.ok()["responses"][0].clone();
    let message = refused(&answer, 400, "ModelValidationFailure");
    assert_eq!(message, "The property 'DISPLAYNAME' is given more than once.");
}
