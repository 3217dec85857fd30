//! Which features do real clients of Graph depend on? In order of importance: most clients need the
//! first, few the last. Each test covers one feature; other folders test its details.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{Client, DEVICES, SCRIPTS, Server, send};

const GROUP: &str = "#microsoft.graph.groupAssignmentTarget";

fn key(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

/// A GET with one more header.
async fn get_with(client: &Client, path: &str, name: &str, value: &str) -> Json {
    send(client.request(Method::GET, path).header(name, value)).await.ok()
}

#[tokio::test]
async fn a_scripts_can_be_created_read_changed_and_deleted() {
    let server = Server::start().await;
    let client = server.client();
    let body = json!({ "displayName": "A", "scriptContent": "aGk=", "runAsAccount": "user" });
    let created = client.post(SCRIPTS, &body).await.created();
    let script = format!("{SCRIPTS}/{}", created["id"].as_str().unwrap());
    assert_eq!(client.get(&script).await.ok()["scriptContent"], "aGk=");
    assert_eq!(client.get(SCRIPTS).await.ok()["value"][0]["scriptContent"], Json::Null);
    let changed = client.patch(&script, &json!({ "displayName": "B" })).await.ok();
    assert_eq!((&changed["displayName"], &changed["runAsAccount"]), (&json!("B"), &json!("user")));
    assert_eq!(client.delete(&script).await.status, 204);
}

#[tokio::test]
async fn b_a_next_link_is_absolute_opaque_and_accepts_another_top() {
    let server = Server::start().await;
    let client = server.client();
    for _ in 0..3 {
        client.new_script().await;
    }
    let page = client.get(&format!("{SCRIPTS}?$top=1")).await.ok();
    let link = page["@odata.nextLink"].as_str().unwrap();
    assert!(link.starts_with(server.base()) && !link.contains(['{', '}']), "{link}");
    let rest = client.get(&link.replace("$top=1", "$top=999")).await.ok();
    assert_eq!(rest["value"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn c_assignments_can_be_expanded_and_replaced_by_assign() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let expanded = format!("{script}?$expand=assignments");
    assert_eq!(client.get(&expanded).await.ok()["assignments"], json!([]));
    let target = json!({ "@odata.type": GROUP, "groupId": "g" });
    let body = json!({ "deviceManagementScriptAssignments": [{ "target": target }] });
    assert_eq!(client.post(&format!("{script}/assign"), &body).await.status, 204);
    let assigned = client.get(&expanded).await.ok()["assignments"].clone();
    assert_eq!(assigned[0]["id"], format!("{}:g", key(&script)));
    assert_eq!(assigned[0]["target"]["@odata.type"], GROUP);
    let list = client.get(&format!("{SCRIPTS}?$expand=assignments")).await.ok();
    assert_eq!(list["value"][0]["assignments"], assigned);
    let none = json!({ "deviceManagementScriptGroupAssignments": [] });
    assert_eq!(client.post(&format!("{script}/assign"), &none).await.status, 204);
    assert_eq!(client.get(&expanded).await.ok()["assignments"], json!([]));
}

#[tokio::test]
async fn d_a_batch_works_in_the_form_that_clients_send() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let below = script.strip_prefix("/beta").unwrap();
    let headers = json!({ "Content-Type": "application/json" });
    let batch = json!({ "requests": [
        { "id": 1, "method": "GET", "url": below, "extra": true },
        { "id": "2", "method": "PATCH", "url": below[1..], "headers": headers, "body": { "displayName": "B" } },
        { "id": "3", "method": "GET", "url": "/nonsense" },
        { "id": "4", "method": "DELETE", "url": format!("{}{script}", server.base()), "dependsOn": ["2", "1"] },
    ] });
    let responses = client.post("/beta/$batch", &batch).await.ok()["responses"].clone();
    let statuses = responses.as_array().unwrap().iter();
    let statuses: Vec<_> = statuses.map(|it| (it["id"].clone(), it["status"].clone())).collect();
    let expected = [("1", 200), ("2", 200), ("3", 400), ("4", 204)];
    assert_eq!(statuses, expected.map(|(id, status)| (json!(id), json!(status))));
    assert_eq!(responses[3].get("body"), None);
}

#[tokio::test]
async fn e_the_context_url_contains_the_parent() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let list = client.get(&format!("{script}/deviceRunStates")).await.ok();
    let set = format!("deviceManagement/deviceManagementScripts('{}')", key(&script));
    let context = format!("{}/beta/$metadata#{set}", server.base());
    assert_eq!(list["@odata.context"], format!("{context}/deviceRunStates"));
    let expanded = client.get(&format!("{script}?$expand=assignments")).await.ok();
    assert_eq!(expanded["assignments@odata.context"], format!("{context}/assignments"));
}

#[tokio::test]
async fn f_an_entity_with_full_metadata_can_be_posted_back() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let accept = "application/json;odata.metadata=full";
    let full = get_with(&client, &script, "Accept", accept).await;
    assert_eq!(full["@odata.type"], "#microsoft.graph.deviceManagementScript");
    let link = full["assignments@odata.navigationLink"].as_str().unwrap();
    assert!(link.ends_with("/assignments"), "{link}");
    assert_eq!(full["createdDateTime@odata.type"], "#DateTimeOffset");
    assert!(full["#microsoft.graph.assign"]["target"].as_str().unwrap().starts_with(server.base()));
    let copy = client.post(SCRIPTS, &full).await.created();
    assert_ne!(copy["id"], full["id"]);
    assert_eq!(client.patch(&script, &full).await.ok()["id"], full["id"]);
}

#[tokio::test]
async fn g_errors_have_the_format_of_graph() {
    let server = Server::start().await;
    let client = server.client();
    client.get("/beta/nonsense").await.refused(400, "BadRequest");
    client.post(SCRIPTS, &json!({ "x": 1 })).await.refused(400, "ModelValidationFailure");
    client.get(&format!("{SCRIPTS}/x")).await.refused(404, "ResourceNotFound");
    client.delete(SCRIPTS).await.refused(405, "Request_BadRequest");
    server.client_with_token(None).get(SCRIPTS).await.refused(401, "InvalidAuthenticationToken");
}

#[tokio::test]
async fn h_the_common_query_options_work() {
    let server = Server::start().await;
    let client = server.client();
    client.post(SCRIPTS, &json!({ "displayName": "one", "runAsAccount": "user" })).await.created();
    client.post(SCRIPTS, &json!({ "displayName": "two" })).await.created();
    for filter in [
        "runAsAccount eq 'user'",
        "RUNASACCOUNT eq microsoft.graph.runAsAccountType'user'",
        "startswith(displayName,'o') and endswith(displayName,'e') or contains(displayName,'x')",
        "not (displayName in ('two'))",
        "displayName ne 'two' and displayName le 'one' and displayName ge 'one'",
    ] {
        let query = format!("{SCRIPTS}?$filter={filter}&$count=true&$select=displayName");
        let page = client.get(&query).await.ok();
        assert_eq!(
            (&page["@odata.count"], &page["value"][0]["displayName"]),
            (&json!(1), &json!("one"))
        );
    }
    let sorted = client.get(&format!("{SCRIPTS}?$orderby=displayName desc")).await.ok();
    assert_eq!(sorted["value"][0]["displayName"], "two");
    assert_eq!(client.get(&format!("{SCRIPTS}/$count")).await.body, "2");
    client.get(&format!("{SCRIPTS}?$search=x")).await.refused(400, "BadRequest");
}

#[tokio::test]
async fn i_paths_may_be_spelled_in_several_ways() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let key = key(&script);
    for path in [
        format!("{SCRIPTS}/{key}/"),
        format!("{SCRIPTS}('{key}')"),
        format!("{SCRIPTS}(%27{key}%27)"),
        format!("/BETA/DEVICEMANAGEMENT/devicemanagementscripts/{key}"),
        format!("{script}?select=id&%24expand=assignments"),
    ] {
        assert_eq!(client.get(&path).await.ok()["id"], key, "{path}");
    }
    let plus = client.get(&format!("{SCRIPTS}?filter=displayName+eq+'Script'")).await.ok();
    assert_eq!(plus["value"][0]["id"], key);
    let none = json!({ "deviceManagementScriptAssignments": [] });
    let assign = client.post(&format!("{script}/microsoft.graph.assign"), &none).await;
    assert_eq!(assign.status, 204);
}

#[tokio::test]
async fn j_run_states_can_be_expanded_and_filtered_by_device() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    client
        .post(DEVICES, &json!({ "id": "pc", "deviceName": "PC", "osVersion": "10" }))
        .await
        .created();
    let states = format!("{script}/deviceRunStates");
    let bound =
        json!({ "id": "a", "managedDevice@odata.bind": "deviceManagement/managedDevices('pc')" });
    client.post(&states, &bound).await.created();
    client.post(&states, &json!({ "id": "b", "runState": "success" })).await.created();
    let query =
        "?$expand=managedDevice($select=deviceName,osVersion)&$filter=managedDevice/id eq 'pc'";
    let page = client.get(&format!("{states}{query}")).await.ok();
    assert_eq!(page["value"].as_array().unwrap().len(), 1);
    assert_eq!(page["value"][0]["managedDevice"]["deviceName"], "PC");
    assert_eq!(client.get(&format!("{script}/runSummary")).await.ok()["successDeviceCount"], 1);
    client
        .post(&format!("{script}/groupAssignments"), &json!({ "targetGroupId": "g" }))
        .await
        .created();
    let assignments = client.get(&format!("{script}/assignments")).await.ok();
    assert_eq!(assignments["value"][0]["target"]["groupId"], "g");
}

#[tokio::test]
async fn k_code_generators_can_read_the_model_without_a_token() {
    let server = Server::start().await;
    let nobody = server.client_with_token(None);
    assert_eq!(nobody.get("/beta").await.ok()["value"][0]["name"], "deviceManagement");
    let metadata = nobody.get("/beta/$metadata").await;
    assert_eq!(metadata.header("content-type"), Some("application/xml"));
    for part in [
        "<Singleton Name=\"deviceManagement\"",
        "ContainsTarget=\"true\"",
        "<Action Name=\"assign\"",
    ] {
        assert!(metadata.body.contains(part), "{part}");
    }
}

#[tokio::test]
async fn l_date_times_are_accepted_in_any_form_with_an_offset() {
    let server = Server::start().await;
    let client = server.client();
    let states = format!("{}/deviceRunStates", client.new_script().await);
    let body = json!({
        "@odata.type": "Microsoft.Graph.deviceManagementScriptDeviceState",
        "lastStateUpdateDateTime": "2017-01-01T00:02-08:00"
    });
    let created = client.post(&states, &body).await.created();
    assert_eq!(created["lastStateUpdateDateTime"], "2017-01-01T00:02:00-08:00");
    for same in ["2017-01-01T08:02Z", "2017-01-01T08:02:00.0000000Z", "2017-01-01T09:02:00%2B01:00"]
    {
        let found =
            client.get(&format!("{states}?$filter=lastStateUpdateDateTime eq {same}")).await.ok();
        assert_eq!(found["value"].as_array().unwrap().len(), 1, "{same}");
    }
    let eight = json!({ "lastStateUpdateDateTime": "2017-01-01T00:00:00.12345678Z" });
    client.post(&states, &eight).await.refused(400, "ModelValidationFailure");
}
