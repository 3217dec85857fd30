//! Does the example in Graph's documentation of "Create deviceManagementScriptDeviceState" work, with
//! exactly the documented reply?

use reqwest::Method;
use serde_json::json;

use crate::harness::{Server, send};

/// The documented request body.
const REQUEST: &str = r##"{
  "@odata.type": "#microsoft.graph.deviceManagementScriptDeviceState",
  "runState": "success",
  "resultMessage": "Result Message value",
  "lastStateUpdateDateTime": "2017-01-01T00:02:58.4418045-08:00",
  "errorCode": 9,
  "errorDescription": "Error Description value"
}"##;

/// The documented reply, with `@odata.context` first and with a generated id.
fn reply(base: &str, collection: &str, id: &str) -> String {
    format!(
        concat!(
            r##"{{"@odata.context":"{base}/beta/$metadata#{collection}/$entity","##,
            r##""@odata.type":"#microsoft.graph.deviceManagementScriptDeviceState","##,
            r##""id":"{id}","##,
            r##""runState":"success","##,
            r##""resultMessage":"Result Message value","##,
            r##""lastStateUpdateDateTime":"2017-01-01T00:02:58.4418045-08:00","##,
            r##""errorCode":9,"##,
            r##""errorDescription":"Error Description value"}}"##
        ),
        base = base,
        collection = collection,
        id = id
    )
}

async fn post_the_page(server: &Server, path: &str, collection: &str) -> String {
    let client = server.client();
    let request = client.request(Method::POST, path).header("Content-type", "application/json");
    let created = send(request.header("Accept", "application/json").body(REQUEST)).await;
    let id = created.created()["id"].as_str().unwrap().to_owned();
    assert_eq!(created.body, reply(server.base(), collection, &id));
    assert_eq!(created.header("location"), Some(&*format!("{}{path}/{id}", server.base())));
    assert_eq!(created.header("odata-version"), Some("4.0"));
    let read = client.get(created.header("location").unwrap()).await;
    assert_eq!((read.status, read.body), (200, created.body));
    id
}

fn key(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

#[tokio::test]
async fn the_documented_create_works_below_a_script() {
    let server = Server::start().await;
    let script = server.client().new_script().await;
    let collection =
        format!("deviceManagement/deviceManagementScripts('{}')/deviceRunStates", key(&script));
    post_the_page(&server, &format!("{script}/deviceRunStates"), &collection).await;
}

#[tokio::test]
async fn the_documented_create_works_below_a_user_state_and_shows_below_the_script() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let user = client.new_user_state(&script, "adele").await;
    let collection = format!(
        "deviceManagement/deviceManagementScripts('{}')/userRunStates('adele')/deviceRunStates",
        key(&script)
    );
    let id = post_the_page(&server, &format!("{user}/deviceRunStates"), &collection).await;
    assert_eq!(client.get(&format!("{script}/deviceRunStates/{id}")).await.status, 200);
}

#[tokio::test]
async fn a_run_state_created_below_a_script_belongs_to_no_user_state() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let user = client.new_user_state(&script, "adele").await;
    client.post(&format!("{script}/deviceRunStates"), &json!({ "id": "a" })).await.created();
    client.get(&format!("{user}/deviceRunStates/a")).await.refused(404, "ResourceNotFound");
    assert_eq!(client.get(&format!("{user}/deviceRunStates")).await.ok()["value"], json!([]));
}

#[tokio::test]
async fn an_empty_body_creates_a_run_state_with_default_values() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let created = client.post(&format!("{script}/deviceRunStates"), &json!({})).await.created();
    let id = uuid::Uuid::parse_str(created["id"].as_str().unwrap()).unwrap();
    assert_eq!(id.get_version_num(), 7);
    for (name, value) in [
        ("runState", json!("unknown")),
        ("resultMessage", json!(null)),
        ("lastStateUpdateDateTime", json!("0001-01-01T00:00:00Z")),
        ("errorCode", json!(0)),
        ("errorDescription", json!(null)),
    ] {
        assert_eq!(created[name], value, "{name}");
    }
}

#[tokio::test]
async fn all_six_values_of_run_state_are_accepted() {
    let server = Server::start().await;
    let client = server.client();
    let states = format!("{}/deviceRunStates", client.new_script().await);
    for state in ["unknown", "success", "fail", "scriptError", "pending", "notApplicable"] {
        let created = client.post(&states, &json!({ "runState": state })).await.created();
        assert_eq!(created["runState"], state);
    }
}

#[tokio::test]
async fn a_date_time_keeps_its_instant_and_its_offset() {
    let server = Server::start().await;
    let client = server.client();
    let states = format!("{}/deviceRunStates", client.new_script().await);
    for (sent, kept) in [
        ("2017-01-01T00:02:58.4418045-08:00", "2017-01-01T00:02:58.4418045-08:00"),
        ("2017-01-01T00:02:58.4400000+05:30", "2017-01-01T00:02:58.44+05:30"),
        ("2017-01-01T00:02:58.0000001Z", "2017-01-01T00:02:58.0000001Z"),
        ("2017-01-01T00:02:58.000+00:00", "2017-01-01T00:02:58Z"),
        ("2017-01-01T00:02:58-00:00", "2017-01-01T00:02:58Z"),
        ("2017-01-01t00:02z", "2017-01-01T00:02:00Z"),
        ("2016-02-29T23:59:59-00:30", "2016-02-29T23:59:59-00:30"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("0001-01-01T14:00:00+14:00", "0001-01-01T14:00:00+14:00"),
        ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z"),
        ("9999-12-31T09:59:59.9999999-14:00", "9999-12-31T09:59:59.9999999-14:00"),
    ] {
        let body = json!({ "lastStateUpdateDateTime": sent });
        let created = client.post(&states, &body).await.created();
        assert_eq!(created["lastStateUpdateDateTime"], kept, "{sent}");
    }
}

#[tokio::test]
async fn special_characters_in_a_text_are_returned_unchanged() {
    let server = Server::start().await;
    let client = server.client();
    let states = format!("{}/deviceRunStates", client.new_script().await);
    let text = "\u{1}\u{7f}\"\\/\u{2028} déjà 🏃 \r\n\t' -- ; %00 $1 {}";
    let created = client.post(&states, &json!({ "resultMessage": text })).await.created();
    assert_eq!(created["resultMessage"], text);
}
