//! Are bodies read whose names and strings stand in apostrophes, and what beside them is refused?

use reqwest::Method;
use serde_json::json;

use crate::harness::{Client, DEVICES, Reply, SCRIPTS, Server, send};

async fn patch_text(client: &Client, path: &str, body: &str) -> Reply {
    let request = client.request(Method::PATCH, path).header("Content-Type", "application/json");
    send(request.body(body.to_owned())).await
}

#[tokio::test]
async fn an_assignment_may_stand_in_apostrophes() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let group = "0f3c1d7e-0000-4000-8000-000000000001";
    let body =
        format!("{{'deviceManagementScriptGroupAssignments':[{{'targetGroupId':'{group}'}}]}}");
    let assigned = client.post_text(&format!("{script}/assign"), &body).await;
    assert_eq!((assigned.status, assigned.body.as_str()), (204, ""));
    let groups = client.get(&format!("{script}/groupAssignments")).await.ok();
    assert_eq!(groups["value"][0]["targetGroupId"], group);
}

#[tokio::test]
async fn every_body_may_stand_in_apostrophes() {
    let server = Server::start().await;
    let client = server.client();
    let body = "{'displayName':'say \"hi\"','_@odata.x':'y','@odata.type':\
                '#microsoft.graph.deviceManagementScript','createdDateTime':'ignored',\
                'roleScopeTagIds':['1',\"2\"],'deviceRunStates':[{'id':'d','errorCode':'-1'}]}";
    let script = client.post_text(SCRIPTS, body).await.created();
    assert_eq!(script["displayName"], "say \"hi\"");
    assert_eq!(script["roleScopeTagIds"], json!(["1", "2"]));
    let script = format!("{SCRIPTS}/{}", script["id"].as_str().unwrap());
    let states = format!("{script}/deviceRunStates");
    assert_eq!(client.get(&states).await.ok()["value"][0]["errorCode"], -1);
    let changed = patch_text(&client, &format!("{states}/d"), "{'resultMessage':'it\\'s'}").await;
    assert_eq!(changed.ok()["resultMessage"], "it's");
    let created = client.post_text(&states, "{\"resultMessage\":'\\u00e9\\n\\\"\\\\'}").await;
    assert_eq!(created.created()["resultMessage"], "é\n\"\\");
    let device = "{'id':'pc','hardwareInformation':{'serialNumber':'\"1\"'}}";
    let device = client.post_text(DEVICES, device).await.created();
    assert_eq!(device["hardwareInformation"]["serialNumber"], "\"1\"");
    let bound = client.post_text(
        &states,
        "{'managedDevice@odata.bind':'deviceManagement/managedDevices(\\'pc\\')'}",
    );
    let bound = bound.await.created()["id"].as_str().unwrap().to_owned();
    let device = client.get(&format!("{states}/{bound}/managedDevice")).await.ok();
    assert_eq!(device["id"], "pc");
}

#[tokio::test]
async fn a_batch_may_stand_in_apostrophes() {
    let server = Server::start().await;
    let client = server.client();
    let url = "deviceManagement/deviceManagementScripts";
    // The last body is a string: base64 of `{'displayName':'c'}`.
    let batch = format!(
        "{{'requests':[\
         {{'id':'1','method':'POST','url':'{url}','headers':{{'Content-Type':'application/json'}},\
         'body':{{'displayName':'a \"b\"'}}}},\
         {{'id':2,'method':'POST','url':'{url}','headers':{{'Content-Type':'application/json'}},\
         'body':'eydkaXNwbGF5TmFtZSc6J2MnfQ=='}}]}}"
    );
    let reply = client.post_text("/beta/$batch", &batch).await.ok();
    for (index, (id, name)) in [("1", "a \"b\""), ("2", "c")].into_iter().enumerate() {
        let answer = &reply["responses"][index];
        assert_eq!((&answer["id"], &answer["status"]), (&json!(id), &json!(201)), "{answer}");
        assert_eq!(answer["body"]["displayName"], name);
    }
}

#[tokio::test]
async fn wrong_neighbours_are_refused_where_they_stand() {
    let server = Server::start().await;
    let client = server.client();
    let states = format!("{}/deviceRunStates", client.new_script().await);
    for (body, words) in [
        (
            "{runState:'success'}",
            "found 'r' where a name in quotation marks was expected at line 1 column 2.",
        ),
        (
            "{'runState':success}",
            "in the property 'runState': found 's' where a value was expected at line 1 column 13.",
        ),
        (
            "{\n 'runState':'success',\n}",
            "found '}' where a name in quotation marks was expected at line 3 column 1.",
        ),
        (
            "{'resultMessage':'é \"b\"',\n 'errorDescription':'it's'}",
            "found 's' where ',' or '}' was expected at line 2 column 25.",
        ),
        (
            "{'resultMessage':'a\nb'}",
            "in the property 'resultMessage': a string has the control character U+000A, which must \
             be escaped at line 1 column 20.",
        ),
        (
            r#"{"resultMessage":"it\'s"}"#,
            "in the property 'resultMessage': a backslash must not come before an apostrophe at \
             line 1 column 21.",
        ),
        (
            "{'resultMessage':'\\ud800'}",
            "in the property 'resultMessage': half of a surrogate pair is not a character at line 1 \
             column 19.",
        ),
        (
            "{'resultMessage':'a\"}",
            "in the property 'resultMessage': the text ends inside a string at line 1 column 21.",
        ),
        ("{'a':1,\"a\":2}", "the name 'a' is given twice at line 1 column 8."),
        ("{'a':1 /* b */}", "found '/' where ',' or '}' was expected at line 1 column 8."),
        ("{'errorCode':NaN}", "in the property 'errorCode': found 'N' where a value was expected"),
        ("{`errorCode`:1}", "found '`' where a name in quotation marks was expected"),
    ] {
        let message = client.post_text(&states, body).await.refused(400, "BadRequest");
        let found = message.strip_prefix("The request body is not valid JSON: ");
        assert!(found.is_some_and(|found| found.starts_with(words)), "{body}: {message}");
    }
    let nul = client.post_text(&states, "{'resultMessage':'\\u0000'}").await;
    let message = nul.refused(400, "ModelValidationFailure");
    assert!(message.contains("'resultMessage'") && message.contains("U+0000"), "{message}");
    assert_eq!(client.get(&states).await.ok()["value"], json!([]));
}
