//! Does a `/$count` with a filter of its own count the items that pass?

use super::results::finds;
use crate::harness::{Client, SCRIPTS, Server, encoded};
use serde_json::json;

async fn scripts(client: &Client) {
    let state = |id: &str, state: &str, message: &str| json!({ "id": id, "runState": state, "resultMessage": message });
    for body in [
        json!({ "displayName": "x", "deviceRunStates": [
            state("1", "fail", "x"), state("2", "fail", "y"), state("3", "success", "x") ] }),
        json!({ "displayName": "y", "userRunStates": [
            { "id": "u", "deviceRunStates": [state("4", "fail", "u"), state("5", "fail", "y")] },
            { "id": "v", "deviceRunStates": [] } ] }),
        json!({ "displayName": "z" }),
    ] {
        client.post(SCRIPTS, &body).await.created();
    }
}

#[tokio::test]
async fn the_items_that_pass_are_counted() {
    let server = Server::start().await;
    let client = server.client();
    scripts(&client).await;
    let table = [
        ("deviceRunStates/$count($filter=runState eq 'fail') eq 2", "x y"),
        ("deviceRunStates/$count($filter=runState eq 'success') gt 0", "x"),
        ("deviceRunStates/$COUNT( filter = RUNSTATE eq 'FAIL' ) lt 1", "z"),
        ("deviceRunStates/$count($filter=) eq 3", "x"),
        ("deviceRunStates/$count eq 3", "x"),
        ("1 eq deviceRunStates/$count($filter=resultMessage eq 'x' and runState eq 'fail')", "x"),
        ("deviceRunStates/$count($filter=true) eq deviceRunStates/$count", "x y z"),
        ("deviceRunStates/$count($filter=false) eq 0", "x y z"),
        ("deviceRunStates/$count($filter=managedDevice/id eq null) ge 2", "x y"),
        ("userRunStates/any(u:u/deviceRunStates/$count($filter=resultMessage eq u/id) eq 1)", "y"),
        (
            "userRunStates/$count($filter=deviceRunStates/$count($filter=runState eq 'fail') ge 2) eq 1",
            "y",
        ),
        ("userRunStates/$count($filter=deviceRunStates/any(s:s/resultMessage eq id)) eq 0", "x z"),
        ("cast(deviceRunStates/$count($filter=runState eq 'fail'),Edm.String) eq '2'", "x y"),
        ("deviceRunStates/$count($filter=runState eq 'fail') div 2 eq 1", "x y"),
    ];
    finds(&client, SCRIPTS, "displayName", &table).await;
    let order =
        encoded("deviceRunStates/$count($filter=runState eq 'success') desc,displayName desc");
    let sorted = client.pages(&format!("{SCRIPTS}?$orderby={order}&$top=1"), "displayName").await;
    assert_eq!(sorted.concat(), ["x", "z", "y"]);
    let expand =
        encoded("userRunStates($filter=deviceRunStates/$count($filter=runState eq 'fail') eq 2)");
    let list = client.get(&format!("{SCRIPTS}?$filter=displayName eq 'y'&$expand={expand}")).await;
    let users = &list.ok()["value"][0]["userRunStates"];
    assert_eq!((users[0]["id"].as_str(), users.as_array().unwrap().len()), (Some("u"), 1));
}

#[tokio::test]
async fn other_options_and_wrong_filters_are_400_and_named() {
    let server = Server::start().await;
    let client = server.client();
    for (filter, words) in [
        ("deviceRunStates/$count($search=a) gt 1", "found '$search' where '$filter='"),
        ("deviceRunStates/$count($filter=runState eq 'fail';$top=1) gt 1", "found ';'"),
        ("deviceRunStates/$count() gt 1", "found ')' where '$filter='"),
        (
            "deviceRunStates/$count($filter=displayName eq 'x') gt 1",
            "'displayName' on type 'microsoft.graph.deviceManagementScriptDeviceState'",
        ),
        ("deviceRunStates/$count($filter=runState eq 'broken') gt 1", "notApplicable"),
        ("deviceRunStates/$count($filter=errorCode) gt 1", "found a value where a condition"),
        ("roleScopeTagIds/$count($filter=true) gt 1", "only the /$count of a navigation property"),
        ("displayName/$count gt 1", "/$count needs a collection"),
        ("roleScopeTagIds/any(t:roleScopeTagIds/$count gt 1)", "must begin with a variable"),
        ("deviceRunStates/$count($filter=true)", "found a value where a condition"),
    ] {
        let reply = client.get(&format!("{SCRIPTS}?$filter={}", encoded(filter))).await;
        let message = reply.refused(400, "BadRequest");
        assert!(message.contains(words), "{filter}: {message}");
    }
    let many = ["deviceRunStates/$count($filter=true) eq 0"; 17].join(" and ");
    let reply = client.get(&format!("{SCRIPTS}?$filter={}", encoded(&many))).await;
    assert!(reply.refused(400, "BadRequest").contains("more than 16 'any', 'all' and '/$count'"));
}
