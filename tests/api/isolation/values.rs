//! Is an id of another tenant answered like an id that never existed when it is not in the path, but in
//! a filter, a binding, an assignment, a payload link or a page token?

use serde_json::{Value as Json, json};

use crate::harness::{Client, DEVICES, Reply, encoded};
use crate::permissions::routes::{FAMILIES, new_script, with_device};

const ROOT: &str = "/beta/deviceManagement";
/// An id that does not exist.
const NONE: &str = "00000000-0000-4000-8000-000000000000";

/// The comparable part of a reply: status and body, without ids and dates.
fn comparable(reply: &Reply, id: &str) -> (u16, String) {
    let mut body = serde_json::from_str(&reply.body).unwrap_or(Json::String(reply.body.clone()));
    if let Some(error) = body.get_mut("error").and_then(Json::as_object_mut) {
        error.remove("innerError");
    }
    (reply.status, body.to_string().replace(id, "<id>"))
}

/// Asserts that a GET gets this status and the same body with `id` in the place of `{id}` as with an id
/// that does not exist.
async fn assert_same_get(client: &Client, status: u16, path: &str, id: &str) {
    let [found, none] = [id, NONE].map(|id| path.replace("{id}", &encoded(id)));
    let found = comparable(&client.get(&found).await, id);
    assert_eq!((found.0, &found), (status, &comparable(&client.get(&none).await, NONE)), "{path}");
}

/// Like [`assert_same_get`], for an id in the body of a POST.
async fn assert_same_post(client: &Client, status: u16, path: &str, body: &Json, id: &str) {
    let [found, none] = [id, NONE].map(|id| body.to_string().replace("{id}", id));
    let found = comparable(&client.post_text(path, &found).await, id);
    let none = comparable(&client.post_text(path, &none).await, NONE);
    assert_eq!((found.0, &found), (status, &none), "{path} {body}");
}

#[tokio::test]
async fn a_filter_finds_nothing_of_another_tenant() {
    let (server, client) = with_device().await;
    let other_tenant = server.other_tenant();
    for family in FAMILIES {
        let theirs = new_script(&client, family, true).await;
        let own = new_script(&other_tenant, family, false).await;
        let scripts = format!("{ROOT}/{family}");
        for (collection, filter, id) in [
            (scripts.clone(), "id eq '{id}'", &*theirs),
            (scripts.clone(), "deviceRunStates/any(s:s/id eq '{id}')", "of-script"),
            (scripts.clone(), "deviceRunStates/any(s:s/managedDevice/id eq '{id}')", "one-device"),
            (
                scripts.clone(),
                "userRunStates/any(u:u/deviceRunStates/any(s:s/id eq '{id}'))",
                "of-user",
            ),
            (scripts.clone(), "assignments/any(a:a/target/groupId eq '{id}')", "one-group"),
            (
                format!("{scripts}/{own}/deviceRunStates"),
                "managedDevice/id eq '{id}'",
                "one-device",
            ),
            (format!("{scripts}/{own}/userRunStates"), "id eq '{id}'", "one-user"),
            (DEVICES.into(), "id eq '{id}'", "one-device"),
        ] {
            let filter = encoded(filter).replace("%7Bid%7D", "{id}");
            for path in [
                format!("{collection}?$filter={filter}&$count=true"),
                format!("{collection}/$count?$filter={filter}"),
            ] {
                assert_same_get(&other_tenant, 200, &path, id).await;
                let found = client.get(&path.replace(&own, &theirs).replace("{id}", id)).await;
                let count = serde_json::from_str::<Json>(&found.body).unwrap();
                let count = count.get("@odata.count").unwrap_or(&count).as_i64();
                assert!(count > Some(0), "{path} shows nothing to hide: {found:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_binding_cannot_refer_to_another_tenant() {
    let (server, client) = with_device().await;
    let other_tenant = server.other_tenant();
    for family in FAMILIES {
        let script = format!("{ROOT}/{family}/{}", new_script(&other_tenant, family, false).await);
        let state =
            json!({ "managedDevice@odata.bind": "deviceManagement/managedDevices('{id}')" });
        other_tenant
            .post(&format!("{script}/userRunStates"), &json!({ "id": "u" }))
            .await
            .created();
        other_tenant
            .post(&format!("{script}/deviceRunStates"), &json!({ "id": "s" }))
            .await
            .created();
        for (path, body) in [
            (format!("{script}/deviceRunStates"), state.clone()),
            (format!("{script}/userRunStates/u/deviceRunStates"), state.clone()),
            (format!("{script}/userRunStates"), json!({ "deviceRunStates": [state] })),
            (format!("{ROOT}/{family}"), json!({ "displayName": "x", "deviceRunStates": [state] })),
        ] {
            assert_same_post(&other_tenant, 400, &path, &body, "one-device").await;
        }
        let path = format!("{script}/deviceRunStates/s");
        let [found, none] = ["one-device", NONE]
            .map(|id| serde_json::from_str(&state.to_string().replace("{id}", id)).unwrap());
        let found = comparable(&other_tenant.patch(&path, &found).await, "one-device");
        assert_eq!(
            (found.0, &found),
            (400, &comparable(&other_tenant.patch(&path, &none).await, NONE))
        );
        assert_eq!(other_tenant.get(&format!("{script}/deviceRunStates/$count")).await.body, "1");
        assert_eq!(client.get(DEVICES).await.ok()["value"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn an_action_reads_and_assigns_nothing_of_another_tenant() {
    let (server, client) = with_device().await;
    let other_tenant = server.other_tenant();
    for family in FAMILIES {
        let theirs = new_script(&client, family, true).await;
        let own = format!("{ROOT}/{family}/{}", new_script(&other_tenant, family, false).await);
        let name = format!("{}Assignments", family.trim_end_matches('s'));
        let name =
            if family == FAMILIES[0] { name } else { "deviceManagementScriptAssignments".into() };
        let target =
            json!({ "@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": "h" });
        let body = json!({ name: [{ "id": "{id}:one-group", "target": target }] });
        assert_same_post(&other_tenant, 204, &format!("{own}/assign"), &body, &theirs).await;
        let assignments = format!("{ROOT}/{family}/{theirs}/assignments");
        assert_eq!(client.ids(&assignments).await, [format!("{theirs}:one-group")]);
    }
    let theirs = new_script(&client, FAMILIES[0], true).await;
    let path = format!("{ROOT}/{}/hasPayloadLinks", FAMILIES[0]);
    let body = json!({ "payloadIds": ["{id}"] });
    assert_same_post(&other_tenant, 200, &path, &body, &theirs).await;
    let reply = client.post(&path, &json!({ "payloadIds": [theirs] })).await.ok();
    assert_eq!(reply["value"][0]["hasLink"], true);
}

#[tokio::test]
async fn a_page_token_is_valid_only_in_its_own_tenant() {
    let (server, client) = with_device().await;
    let other_tenant = server.other_tenant();
    for owner in [&client, &other_tenant] {
        for id in ["a", "b"] {
            owner.post(DEVICES, &json!({ "id": id })).await.created();
        }
    }
    let link = |page: Json| page["@odata.nextLink"].as_str().unwrap().to_owned();
    let theirs = link(client.get(&format!("{DEVICES}?$top=1")).await.ok());
    let own = link(other_tenant.get(&format!("{DEVICES}?$top=1")).await.ok());
    client.get(&theirs).await.ok();
    other_tenant.get(&own).await.ok();
    let (head, token) = own.split_once("$skiptoken=").unwrap();
    let other = if token.starts_with('A') { 'B' } else { 'A' };
    let made_up = other_tenant.get(&format!("{head}$skiptoken={other}{}", &token[1..])).await;
    let refused = made_up.refused(400, "BadRequest");
    assert_eq!(other_tenant.get(&theirs).await.refused(400, "BadRequest"), refused);
    assert_eq!(client.get(&own).await.refused(400, "BadRequest"), refused);

    other_tenant.post(DEVICES, &json!({ "id": "one-device" })).await.created();
    // The token of a nested nextLink, and a token with the URL of another script.
    let scripts = format!("{ROOT}/{}", FAMILIES[0]);
    let mut links = Vec::new();
    for owner in [&client, &other_tenant] {
        let script = format!("{scripts}/{}", new_script(owner, FAMILIES[0], true).await);
        owner.post(&format!("{script}/deviceRunStates"), &json!({})).await.created();
        let shown = owner.get(&format!("{script}?$expand=deviceRunStates($top=1)")).await.ok();
        let next = shown["deviceRunStates@odata.nextLink"].as_str().unwrap().to_owned();
        owner.get(&next).await.ok();
        links.push(next);
    }
    let token = links[0].split_once("skiptoken=").unwrap().1;
    let mixed = format!("{}skiptoken={token}", links[1].split_once("skiptoken=").unwrap().0);
    assert_eq!(other_tenant.get(&mixed).await.refused(400, "BadRequest"), refused);
    assert_eq!(other_tenant.get(&links[0]).await.refused(400, "BadRequest"), refused);
}
