//! Are empty options as if absent, is a page of nothing empty, is `*` every navigation property, and
//! are signs and blanks beside numbers refused?

use runstate::model::permission::Profile;
use serde_json::{Value as Json, json};

use crate::harness::{Client, DEVICES, SCRIPTS, Server};

/// Creates two scripts with a device, users, and states. Returns the path of the first one.
async fn scripts(client: &Client) -> String {
    client.post(DEVICES, &json!({ "id": "d", "deviceName": "One" })).await.created();
    let device = format!("{DEVICES}/d");
    let mut first = String::new();
    for name in ["first", "second"] {
        let script = json!({
            "displayName": name,
            "assignments": [{ "target": {
                "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" } }],
            "userRunStates": [{ "id": "u", "deviceRunStates": [
                { "id": "1", "managedDevice@odata.bind": device }, { "id": "2" }] }],
        });
        let created = client.post(SCRIPTS, &script).await.created();
        if first.is_empty() {
            first = format!("{SCRIPTS}/{}", created["id"].as_str().unwrap());
        }
    }
    first
}

fn names(entity: &Json) -> Vec<&str> {
    let mut names: Vec<&str> = entity.as_object().unwrap().keys().map(String::as_str).collect();
    names.retain(|name| entity[*name].is_array() || entity[*name].is_object());
    names.retain(|name| *name != "roleScopeTagIds");
    names.sort_unstable();
    names
}

#[tokio::test]
async fn empty_options_are_as_if_absent() {
    let server = Server::start().await;
    let client = server.client();
    let script = scripts(&client).await;
    for path in [SCRIPTS, DEVICES, &format!("{script}/userRunStates")] {
        let plain = client.get(path).await.ok();
        for query in [
            "$filter=",
            "$orderby=",
            "$select=",
            "$expand=",
            "$filter",
            "filter=&orderby=&select=&expand=",
            "$filter=&$filter=",
            "$filter=+&$orderby=%20&$select=%09",
        ] {
            assert_eq!(client.get(&format!("{path}?{query}")).await.ok(), plain, "{query}");
        }
    }
    let plain = client.get(&script).await.ok();
    assert_eq!(client.get(&format!("{script}?$select=&$expand=&$filter=")).await.ok(), plain);
    let counted = client.get(&format!("{SCRIPTS}/$count?$filter=")).await;
    assert_eq!((counted.status, &*counted.body), (200, "2"));
    let inside = "$filter=;$orderby=;$select=;$expand=";
    let expanded = client.get(&format!("{script}?$expand=userRunStates({inside})")).await.ok();
    assert_eq!(expanded["userRunStates"][0]["id"], "u");
    for (query, words) in [
        ("$top=", "$top"),
        ("$skip=", "$skip"),
        ("$count=", "$count"),
        ("$skiptoken=", "$skiptoken"),
        ("$search=", "'$search' is not supported"),
        ("$compute=", "'$compute' is not supported"),
        ("$compute=errorCode%20add%201%20as%20x", "'$compute' is not supported"),
        ("$select=,", "$select"),
        ("$filter=()", "$filter"),
        ("$orderby=,", "$orderby"),
        ("$expand=userRunStates()", "$expand"),
        ("$expand=userRunStates($compute=a)", "'$compute' is not supported here"),
    ] {
        let message = client.get(&format!("{SCRIPTS}?{query}")).await.refused(400, "BadRequest");
        assert!(message.contains(words), "{query}: {message}");
    }
}

#[tokio::test]
async fn a_page_of_nothing_has_a_count_and_no_next_link() {
    let server = Server::start().await;
    let client = server.client();
    let script = scripts(&client).await;
    let context =
        format!("{}/beta/$metadata#deviceManagement/deviceManagementScripts", server.base());
    let empty = json!({ "@odata.context": context, "value": [] });
    assert_eq!(client.get(&format!("{SCRIPTS}?$top=0")).await.ok(), empty);
    let counted = json!({ "@odata.context": context, "@odata.count": 1, "value": [] });
    let query = "$top=0&$count=true&$filter=displayName%20eq%20'first'&$orderby=displayName";
    assert_eq!(client.get(&format!("{SCRIPTS}?{query}")).await.ok(), counted);
    let page = client.get(&format!("{SCRIPTS}?$top=1")).await.ok();
    let next = page["@odata.nextLink"].as_str().unwrap().replace("$top=1", "$top=0");
    assert_eq!(client.get(&next).await.ok(), empty);
    let expand = "userRunStates($top=0;$count=true),assignments($top=0;$expand=)";
    let entity = client.get(&format!("{script}?$expand={expand}")).await.ok();
    assert_eq!(entity["userRunStates"], json!([]));
    assert_eq!(entity["userRunStates@odata.count"], 1);
    assert_eq!(entity["assignments"], json!([]));
    assert_eq!(entity.get("userRunStates@odata.nextLink"), None);
    let missing = format!("{SCRIPTS}/{}/deviceRunStates?$top=0", uuid::Uuid::now_v7());
    client.get(&missing).await.refused(404, "ResourceNotFound");
}

#[tokio::test]
async fn a_sign_or_a_blank_beside_a_number_is_400() {
    let server = Server::start().await;
    let client = server.client();
    scripts(&client).await;
    for option in ["$top", "$skip", "top", "SKIP"] {
        for value in
            ["+1", "%2B1", "%201", "1%20", "1+", "-1", "1.0", "1e0", "%091", "0x1", "", "1,0"]
        {
            for query in
                [format!("{option}={value}"), format!("$expand=userRunStates({option}={value})")]
            {
                let reply = client.get(&format!("{SCRIPTS}?{query}")).await;
                let message = reply.refused(400, "BadRequest");
                let name = option.trim_start_matches('$').to_ascii_lowercase();
                assert!(message.contains(&format!("${name} is not a whole number")), "{message}");
            }
        }
    }
    client.get(&format!("{SCRIPTS}?$top=1&$skip=01")).await.ok();
}

#[tokio::test]
async fn a_star_expands_every_navigation_property_one_level() {
    let server = Server::start().await;
    let client = server.client();
    let script = scripts(&client).await;
    let all = ["assignments", "deviceRunStates", "groupAssignments", "runSummary", "userRunStates"];
    for path in [script.clone(), SCRIPTS.into()] {
        let reply = client.get(&format!("{path}?$expand=*")).await.ok();
        let entity = if reply["value"].is_array() { &reply["value"][0] } else { &reply };
        assert_eq!(names(entity), all);
        assert_eq!(entity["userRunStates"][0].get("deviceRunStates"), None);
        let context = reply["@odata.context"].as_str().unwrap();
        let shown =
            "(assignments(),deviceRunStates(),groupAssignments(),runSummary(),userRunStates())";
        assert!(context.contains(shown), "{context}");
    }
    let query = "$expand=*,userRunStates($select=id;$expand=*),assignments($top=0)";
    let entity = client.get(&format!("{script}?{query}")).await.ok();
    assert_eq!(names(&entity), all);
    assert_eq!(entity["assignments"], json!([]));
    let user = &entity["userRunStates"][0];
    assert_eq!(user.get("userPrincipalName"), None);
    assert_eq!(user["deviceRunStates"][0]["id"], "1");
    assert_eq!(user["deviceRunStates"][0].get("managedDevice"), None);
    let states = client.get(&format!("{script}/deviceRunStates?$expand=*")).await.ok();
    assert_eq!(states["value"][0]["managedDevice"]["deviceName"], "One");
    assert_eq!(states["value"][1]["managedDevice"], Json::Null);
    let plain = client.get(DEVICES).await.ok();
    assert_eq!(client.get(&format!("{DEVICES}?$expand=*")).await.ok(), plain);
}

#[tokio::test]
async fn a_star_requires_permission_for_each_navigation_property() {
    let server = Server::with_profile(Profile::Current).await;
    let configuration = "DeviceManagementConfiguration.ReadWrite.All";
    let scripts_scope = "DeviceManagementScripts.Read.All";
    let all = server.client_with_scopes(&[configuration, scripts_scope]);
    let script = scripts(&all).await;
    all.get(&format!("{script}?$expand=*")).await.ok();
    for scope in [configuration, scripts_scope] {
        let client = server.client_with_scopes(&[scope]);
        client.get(&script).await.ok();
        for query in ["$expand=*", "$expand=runSummary,*"] {
            client.get(&format!("{script}?{query}")).await.refused(403, "Forbidden");
        }
    }
}
