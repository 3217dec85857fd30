//! Can scripts, user states and run states be created, read, listed, changed and deleted?

use serde_json::{Value as Json, json};

use crate::harness::{SCRIPTS, Server};

#[tokio::test]
async fn a_script_is_complete_by_id_and_without_its_content_in_lists() {
    let server = Server::start().await;
    let client = server.client();
    let body = json!({
        "@odata.type": "#microsoft.graph.deviceManagementScript",
        "displayName": "Name",
        "description": "Words",
        "scriptContent": "V3JpdGUtT3V0cHV0ICJIZWxsbyI=",
        "runAsAccount": "user",
        "enforceSignatureCheck": true,
        "fileName": "a.ps1",
        "roleScopeTagIds": ["0", "a \"b\" \\ {c}", ""],
        "runAs32Bit": true
    });
    let created = client.post(SCRIPTS, &body).await.created();
    let properties = body.as_object().unwrap().iter().filter(|(name, _)| !name.contains('@'));
    for (name, value) in properties {
        assert_eq!(&created[name], value, "{name}");
    }
    assert_eq!(created.get("@odata.type"), None);
    let path = format!("{SCRIPTS}/{}", created["id"].as_str().unwrap());
    assert_eq!(client.get(&path).await.ok(), created);

    let list = client.get(SCRIPTS).await.ok();
    let context =
        format!("{}/beta/$metadata#deviceManagement/deviceManagementScripts", server.base());
    assert_eq!(list["@odata.context"], context);
    let mut listed = created;
    listed.as_object_mut().unwrap().remove("@odata.context");
    listed["scriptContent"] = Json::Null;
    assert_eq!(list["value"], json!([listed]));
}

#[tokio::test]
async fn a_script_has_the_defaults_of_graph() {
    let server = Server::start().await;
    let created = server.client().post(SCRIPTS, &json!({ "displayName": "Name" })).await.created();
    for (name, value) in [
        ("description", json!(null)),
        ("scriptContent", json!(null)),
        ("runAsAccount", json!("system")),
        ("enforceSignatureCheck", json!(false)),
        ("fileName", json!(null)),
        ("roleScopeTagIds", json!(["0"])),
        ("runAs32Bit", json!(false)),
    ] {
        assert_eq!(created[name], value, "{name}");
    }
    assert_eq!(created["createdDateTime"], created["lastModifiedDateTime"]);
    assert!(created["createdDateTime"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn client_values_for_generated_properties_are_ignored() {
    let server = Server::start().await;
    let long_ago = "2001-01-01T00:00:00Z";
    let id = "11111111-1111-4111-8111-111111111111";
    let body = json!({ "id": id, "createdDateTime": long_ago, "lastModifiedDateTime": long_ago });
    let created = server.client().post(SCRIPTS, &body).await.created();
    assert_ne!(created["id"], id);
    assert_ne!(created["createdDateTime"], long_ago);
    assert_ne!(created["lastModifiedDateTime"], long_ago);
}

#[tokio::test]
async fn a_user_state_is_created_read_listed_changed_and_deleted() {
    let server = Server::start().await;
    let client = server.client();
    let users = format!("{}/userRunStates", client.new_script().await);
    let body = json!({ "id": "adele", "successDeviceCount": 3, "errorDeviceCount": -1, "userPrincipalName": "adele@contoso.example" });
    let created = client.post(&users, &body).await.created();
    for (name, value) in body.as_object().unwrap() {
        assert_eq!(&created[name], value, "{name}");
    }
    let path = format!("{users}/adele");
    assert_eq!(client.get(&path).await.ok(), created);
    assert_eq!(client.get(&users).await.ok()["value"][0]["id"], "adele");

    let changed = client.patch(&path, &json!({ "userPrincipalName": null })).await.ok();
    assert_eq!(changed["userPrincipalName"], Json::Null);
    assert_eq!(changed["successDeviceCount"], 3);

    assert_eq!(client.delete(&path).await.status, 204);
    client.get(&path).await.refused(404, "ResourceNotFound");
    client.delete(&path).await.refused(404, "ResourceNotFound");
}

#[tokio::test]
async fn an_update_keeps_the_properties_that_it_does_not_contain() {
    let server = Server::start().await;
    let client = server.client();
    let states = format!("{}/deviceRunStates", client.new_script().await);
    let body = json!({ "id": "a", "runState": "fail", "errorCode": 5, "resultMessage": "x" });
    client.post(&states, &body).await.created();
    let path = format!("{states}/a");
    let change = json!({ "id": "b", "runState": "success", "resultMessage": null });
    let changed = client.patch(&path, &change).await.ok();
    assert_eq!(changed["id"], "a");
    assert_eq!(changed["runState"], "success");
    assert_eq!(changed["resultMessage"], Json::Null);
    assert_eq!(changed["errorCode"], 5);
    assert_eq!(client.get(&path).await.ok(), changed);
    assert_eq!(client.patch(&path, &json!({})).await.ok(), changed);
    client.patch(&path, &json!({ "runState": null })).await.refused(400, "ModelValidationFailure");
    assert_eq!(client.get(&path).await.ok(), changed);
}

#[tokio::test]
async fn an_update_of_a_script_sets_its_modification_time() {
    let server = Server::start().await;
    let client = server.client();
    let path = client.new_script().await;
    let before = client.get(&path).await.ok();
    let after = client.patch(&path, &json!({ "displayName": "Other" })).await.ok();
    assert_eq!(after["createdDateTime"], before["createdDateTime"]);
    assert!(after["lastModifiedDateTime"].as_str() > before["lastModifiedDateTime"].as_str());
}

#[tokio::test]
async fn deleting_a_script_deletes_its_contents() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let user = client.new_user_state(&script, "adele").await;
    client.post(&format!("{user}/deviceRunStates"), &json!({})).await.created();
    assert_eq!(client.delete(&script).await.status, 204);
    for path in [script.clone(), format!("{script}/deviceRunStates"), user] {
        client.get(&path).await.refused(404, "ResourceNotFound");
    }
    let mut database = server.database().await;
    let left: i64 = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM device_state) + (SELECT count(*) FROM user_state)",
    )
    .fetch_one(&mut database)
    .await
    .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn deleting_a_user_state_deletes_only_its_own_run_states() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let user = client.new_user_state(&script, "adele").await;
    let states = format!("{script}/deviceRunStates");
    client.post(&format!("{user}/deviceRunStates"), &json!({ "id": "hers" })).await.created();
    client.post(&states, &json!({ "id": "nobody's" })).await.created();
    assert_eq!(client.delete(&user).await.status, 204);
    let left = client.get(&states).await.ok();
    assert_eq!(left["value"].as_array().unwrap().len(), 1);
    assert_eq!(left["value"][0]["id"], "nobody's");
}

#[tokio::test]
async fn a_second_create_with_the_same_id_changes_nothing() {
    let server = Server::start().await;
    let client = server.client();
    let (script, other) = (client.new_script().await, client.new_script().await);
    let user = client.new_user_state(&script, "adele").await;
    let states = format!("{script}/deviceRunStates");
    let first = client.post(&states, &json!({ "id": "a", "errorCode": 1 })).await.created();
    for path in [&states, &format!("{user}/deviceRunStates")] {
        let message = client.post(path, &json!({ "id": "a" })).await.refused(409, "Conflict");
        assert!(message.contains("'a'"), "{message}");
    }
    assert_eq!(client.get(&format!("{states}/a")).await.ok(), first);
    let elsewhere = format!("{other}/deviceRunStates");
    client.post(&elsewhere, &json!({ "id": "a" })).await.created();
}

#[tokio::test]
async fn nothing_is_created_under_a_parent_that_does_not_exist() {
    let server = Server::start().await;
    let client = server.client();
    let (script, other) = (client.new_script().await, client.new_script().await);
    client.new_user_state(&script, "adele").await;
    for path in [
        format!("{SCRIPTS}/{}/deviceRunStates", uuid::Uuid::new_v4()),
        format!("{SCRIPTS}/nonsense/deviceRunStates"),
        format!("{script}/userRunStates/nobody/deviceRunStates"),
        format!("{other}/userRunStates/adele/deviceRunStates"),
        format!("{SCRIPTS}/{}/userRunStates", uuid::Uuid::new_v4()),
    ] {
        client.post(&path, &json!({})).await.refused(404, "ResourceNotFound");
        client.get(&path).await.refused(404, "ResourceNotFound");
        client.get(&format!("{path}/$count")).await.refused(404, "ResourceNotFound");
    }
    assert_eq!(client.get(&format!("{script}/deviceRunStates")).await.ok()["value"], json!([]));
}
