//! How are the parameters of an action read?

use serde_json::json;

use crate::harness::{SCRIPTS, Server};

#[tokio::test]
async fn a_parameter_may_be_written_in_any_case_but_once() {
    let server = Server::start().await;
    let client = server.client();
    let links = format!("{SCRIPTS}/hasPayloadLinks");
    let reply = client.post(&links, &json!({ "PAYLOADIDS": ["b"] })).await.ok();
    assert_eq!(
        reply["value"],
        json!([{ "payloadId": "b", "hasLink": false, "error": "", "sources": [] }])
    );
    for (body, name) in [
        (json!({ "payloadIds": ["a"], "PayloadIds": ["b"] }), "payloadIds"),
        (json!({ "payloadIds": null, "PayloadIds": ["b"] }), "payloadIds"),
    ] {
        let message = client.post(&links, &body).await.refused(400, "ModelValidationFailure");
        assert_eq!(message, format!("The parameter '{name}' is given more than once."), "{body}");
    }
}

#[tokio::test]
async fn assign_does_not_merge_a_parameter_that_is_given_in_two_cases() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let group = |id: &str| json!([{ "targetGroupId": id }]);
    let assign = format!("{script}/assign");
    let before = json!({ "deviceManagementScriptGroupAssignments": group("before") });
    assert_eq!(client.post(&assign, &before).await.status, 204);
    let body = json!({
        "deviceManagementScriptGroupAssignments": group("a"),
        "DeviceManagementScriptGroupAssignments": group("b"),
    });
    assert_eq!(
        client.post(&assign, &body).await.refused(400, "ModelValidationFailure"),
        "The parameter 'deviceManagementScriptGroupAssignments' is given more than once."
    );
    let groups = client.get(&format!("{script}/groupAssignments")).await.ok();
    assert_eq!(groups["value"].as_array().unwrap().len(), 1);
    assert_eq!(groups["value"][0]["targetGroupId"], "before");
}
