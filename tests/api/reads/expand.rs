//! Does `$expand` return the related entities, with nested options, only to callers with permission?

use reqwest::Method;
use runstate::model::permission::Profile;
use serde_json::{Value as Json, json};

use crate::harness::{Client, DEVICES, SCRIPTS, Server, encoded, members, send};

/// Creates a script without assignments and returns its path. It has two user states and five run
/// states. Three run states belong to a user state, and one of these to a device.
async fn script(client: &Client) -> String {
    let device = json!({ "id": "d", "deviceName": "One" });
    client.post(DEVICES, &device).await.created();
    let of_device = format!("{DEVICES}/d");
    let body = json!({
        "displayName": "Script",
        "deviceRunStates": [{ "id": "1", "errorCode": 1 }, { "id": "2", "errorCode": 2 }],
        "userRunStates": [
            { "id": "u", "deviceRunStates": [
                { "id": "3", "errorCode": 3, "managedDevice@odata.bind": of_device },
                { "id": "4", "errorCode": 4 }, { "id": "5", "errorCode": 5 }] },
            { "id": "v" }],
    });
    let created = client.post(SCRIPTS, &body).await.created();
    format!("{SCRIPTS}/{}", created["id"].as_str().unwrap())
}

fn ids(list: &Json) -> Vec<String> {
    members(&json!({ "value": list }), "id")
}

#[tokio::test]
async fn expand_works_on_an_entity_and_on_a_list() {
    let server = Server::start().await;
    let client = server.client();
    let script = script(&client).await;
    let options = "$select=id&$expand=assignments,userRunStates($select=id),runSummary";
    let one = client.get(&format!("{script}?{options}")).await.ok();
    let in_list = client.get(&format!("{SCRIPTS}?{options}")).await.ok()["value"][0].clone();
    for entity in [&one, &in_list] {
        assert_eq!(entity["assignments"], json!([]));
        assert_eq!(ids(&entity["userRunStates"]), ["u", "v"]);
        assert_eq!(entity["userRunStates"][0].get("userPrincipalName"), None);
        assert_eq!(entity["runSummary"]["errorDeviceCount"], 0);
        assert_eq!(entity.get("deviceRunStates"), None);
    }
    let id = script.rsplit('/').next().unwrap();
    let context = format!(
        "{}/beta/$metadata#deviceManagement/deviceManagementScripts('{id}')/assignments",
        server.base()
    );
    assert_eq!(one["assignments@odata.context"], context);
    assert_eq!(in_list["assignments@odata.context"], context);
}

#[tokio::test]
async fn expand_nests_three_levels_with_options_on_each() {
    let server = Server::start().await;
    let client = server.client();
    let script = script(&client).await;
    let options = "userRunStates($filter=id eq 'u';$expand=deviceRunStates($select=id;$orderby=\
                   errorCode desc;$filter=errorCode le 4;$count=true;$expand=managedDevice($select=\
                   deviceName)))";
    let url = format!("{script}?$expand={}", encoded(options));
    let one = client.get(&url).await.ok();
    assert_eq!(ids(&one["userRunStates"]), ["u"]);
    let user = &one["userRunStates"][0];
    assert_eq!(ids(&user["deviceRunStates"]), ["4", "3"]);
    assert_eq!(user["deviceRunStates@odata.count"], 2);
    assert_eq!(user["deviceRunStates"][0]["managedDevice"], Json::Null);
    assert_eq!(user["deviceRunStates"][1]["managedDevice"]["deviceName"], "One");
    assert_eq!(user["deviceRunStates"][1]["managedDevice"].get("notes"), None);
    assert_eq!(user["deviceRunStates"][1].get("errorCode"), None);
}

#[tokio::test]
async fn a_reply_with_expanded_entities_is_never_304() {
    let server = Server::start().await;
    let client = server.client();
    let script = script(&client).await;
    let get = async |url: &str, tags: &str| {
        send(client.request(Method::GET, url).header("If-None-Match", tags)).await
    };
    let options = "$select=id&$expand=deviceRunStates($select=errorCode;$filter=id eq '1')";
    let url = format!("{script}?{options}");
    let before = client.get(&url).await;
    let tag = before.header("etag").unwrap();
    let again = get(&url, tag).await;
    assert_eq!((again.status, &again.body), (200, &before.body));
    client.patch(&format!("{script}/deviceRunStates/1"), &json!({ "errorCode": 7 })).await.ok();
    for tags in [tag, "*"] {
        let after = get(&url, tags).await;
        assert_eq!((after.status, after.header("etag")), (200, Some(tag)));
        assert_eq!(after.ok()["deviceRunStates"][0]["errorCode"], 7);
    }
    let state = format!("{script}/deviceRunStates/3?$expand=managedDevice($select=deviceName)");
    let before = client.get(&state).await;
    client.patch(&format!("{DEVICES}/d"), &json!({ "deviceName": "Two" })).await.ok();
    let after = get(&state, before.header("etag").unwrap()).await;
    assert_eq!(after.ok()["managedDevice"]["deviceName"], "Two");
    assert_eq!(get(&format!("{script}?$select=id&$expand="), tag).await.status, 304);
}

#[tokio::test]
async fn a_nested_next_link_returns_all_remaining_entities() {
    let server = Server::start().await;
    let client = server.client();
    let script = script(&client).await;
    let options = "deviceRunStates($top=2;$count=true;$orderby=errorCode desc;$filter=id ne '4';\
                   $expand=managedDevice($select=id))";
    let url = format!("{script}?$expand={}", encoded(options));
    let one = client.get(&url).await.ok();
    assert_eq!(ids(&one["deviceRunStates"]), ["5", "3"]);
    assert_eq!(one["deviceRunStates@odata.count"], 4);
    let link = one["deviceRunStates@odata.nextLink"].as_str().unwrap();
    let rest = client.get(link).await.ok();
    assert_eq!(members(&rest, "id"), ["2", "1"]);
    assert_eq!(rest["value"][0]["managedDevice"], Json::Null);
    assert_eq!(rest["@odata.count"], 4);
    let skipping = format!("{script}?$expand=deviceRunStates($top=2;$skip=1)");
    let one = client.get(&skipping).await.ok();
    assert_eq!(ids(&one["deviceRunStates"]), ["2", "3"]);
    let link = one["deviceRunStates@odata.nextLink"].as_str().unwrap();
    assert_eq!(client.ids(link).await, ["4", "5"]);
    let all = client.get(&format!("{script}?$expand=deviceRunStates($top=5)")).await.ok();
    assert_eq!(all.get("deviceRunStates@odata.nextLink"), None);
}

#[tokio::test]
async fn a_key_with_special_characters_works_in_a_nested_link() {
    let server = Server::start().await;
    let client = server.client();
    let user = "o'hara & 100% #1?+ü";
    let states = json!([{ "id": "1" }, { "id": "2" }]);
    let body = json!({ "userRunStates": [{ "id": user, "deviceRunStates": states }] });
    let created = client.post(SCRIPTS, &body).await.created();
    let users = format!("{SCRIPTS}/{}/userRunStates", created["id"].as_str().unwrap());
    let list = client.get(&format!("{users}?$expand=deviceRunStates($top=1)")).await.ok();
    let link = list["value"][0]["deviceRunStates@odata.nextLink"].as_str().unwrap();
    assert_eq!(client.ids(link).await, ["2"]);
}

#[tokio::test]
async fn an_invalid_expand_is_400_and_the_message_names_the_error() {
    let server = Server::start().await;
    let client = server.client();
    let script = script(&client).await;
    for (expand, words) in [
        ("nonsense", "'nonsense'"),
        ("displayName", "'displayName'"),
        ("assignments,assignments", "'assignments'"),
        ("assignments,ASSIGNMENTS", "'assignments'"),
        ("userRunStates($expand=nonsense)", "'nonsense'"),
        ("userRunStates($select=nonsense)", "'nonsense'"),
        ("userRunStates($filter=nonsense eq 1)", "'nonsense'"),
        ("userRunStates($top=x)", "$top"),
        ("userRunStates($top=100000)", "$top"),
        ("userRunStates/deviceRunStates", "userRunStates($expand=deviceRunStates"),
        ("runSummary($top=1)", "$top"),
        ("userRunStates(", "$expand"),
        (",", "$expand"),
        ("assignments()", "$expand"),
        ("*($select=id)", "'*' has no options: name the navigation property that they are for"),
        ("assignments,*($top=1)", "'*' has no options"),
        ("*,*", "'*' is given more than once"),
        ("*/$ref", "found '/$ref'"),
        ("userRunStates/*", "$expand"),
    ] {
        for path in [&*script, SCRIPTS] {
            let reply = client.get(&format!("{path}?$expand={}", encoded(expand))).await;
            let message = reply.refused(400, "BadRequest");
            assert!(message.contains(words), "{expand}: {message}");
        }
    }
}

#[tokio::test]
async fn expand_filter_and_orderby_require_permission_for_their_target() {
    let server = Server::with_profile(Profile::Current).await;
    let writer = server.client_with_scopes(&[
        "DeviceManagementConfiguration.ReadWrite.All",
        "DeviceManagementScripts.Read.All",
    ]);
    let states = format!("{}/deviceRunStates", script(&writer).await);
    let scripts_only = server.client_with_scopes(&["DeviceManagementScripts.Read.All"]);
    scripts_only.get(&states).await.ok();
    for query in [
        "$expand=managedDevice",
        "$filter=managedDevice/deviceName eq 'One'",
        "$orderby=managedDevice/deviceName",
    ] {
        let url = format!("{states}?{}", query.replace(' ', "%20"));
        scripts_only.get(&url).await.refused(403, "Forbidden");
        writer.get(&url).await.ok();
    }
    let count = format!("{states}/$count?$filter=managedDevice/id%20eq%20'd'");
    scripts_only.get(&count).await.refused(403, "Forbidden");
}
