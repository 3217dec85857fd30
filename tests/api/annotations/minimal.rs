//! The minimal level: a type is shown where a client cannot infer it, and on run states.

use reqwest::Method;
use serde_json::json;

use super::{ALL_DEVICES, annotations, get, new_script, request};
use crate::harness::{DEVICES, SCRIPTS, Server};

#[tokio::test]
async fn at_the_minimal_level_a_read_shows_the_type_of_run_states_and_of_targets_only() {
    let server = Server::start().await;
    let client = server.client();
    let script = new_script(&client).await;
    let every = "$expand=assignments,groupAssignments,runSummary,\
                 deviceRunStates($expand=managedDevice),userRunStates($expand=deviceRunStates)";
    for (path, expected) in [
        (SCRIPTS.to_owned(), &["@odata.context"][..]),
        (script.clone(), &["@odata.context"]),
        (format!("{script}?$select=id"), &["@odata.context"]),
        (format!("{script}/runSummary"), &["@odata.context"]),
        (format!("{script}/groupAssignments"), &["@odata.context"]),
        (format!("{script}/userRunStates"), &["@odata.context"]),
        (format!("{script}/userRunStates/adele"), &["@odata.context"]),
        (DEVICES.to_owned(), &["@odata.context"]),
        (format!("{DEVICES}/pc"), &["@odata.context"]),
        (format!("{script}/deviceRunStates/a/managedDevice"), &["@odata.context"]),
        (format!("{script}/assignments"), &["@odata.context", "value.0.target.@odata.type"]),
        (format!("{script}/deviceRunStates"), &["@odata.context", "value.0.@odata.type"]),
        (format!("{script}/deviceRunStates/a"), &["@odata.context", "@odata.type"]),
        (
            format!("{script}/deviceRunStates/a?$expand=managedDevice"),
            &["@odata.context", "@odata.type"],
        ),
        (
            format!("{script}/userRunStates/adele/deviceRunStates"),
            &["@odata.context", "value.0.@odata.type"],
        ),
        (
            format!("{script}?{every}"),
            &[
                "@odata.context",
                "assignments.0.target.@odata.type",
                "assignments@odata.context",
                "deviceRunStates.0.@odata.type",
                "deviceRunStates@odata.context",
                "groupAssignments@odata.context",
                "userRunStates.0.deviceRunStates.0.@odata.type",
                "userRunStates.0.deviceRunStates@odata.context",
                "userRunStates@odata.context",
            ],
        ),
    ] {
        assert_eq!(annotations(&client.get(&path).await.ok()), expected, "{path}");
    }
}

#[tokio::test]
async fn at_the_minimal_level_a_write_shows_the_type_of_run_states_only() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let states = format!("{script}/deviceRunStates");
    let deep = json!({
        "assignments": [{ "target": { "@odata.type": ALL_DEVICES } }],
        "userRunStates": [{ "id": "adele", "deviceRunStates": [{}] }]
    });
    for (method, path, body, expected) in [
        (Method::POST, SCRIPTS.to_owned(), deep, &["@odata.context"][..]),
        (Method::PATCH, script.clone(), json!({ "displayName": "B" }), &["@odata.context"]),
        (Method::POST, states.clone(), json!({ "id": "a" }), &["@odata.context", "@odata.type"]),
        (Method::PATCH, format!("{states}/a"), json!({}), &["@odata.context", "@odata.type"]),
        (Method::POST, DEVICES.to_owned(), json!({ "id": "pc" }), &["@odata.context"]),
        (Method::PATCH, format!("{DEVICES}/pc"), json!({}), &["@odata.context"]),
        (Method::POST, format!("{script}/userRunStates"), json!({}), &["@odata.context"]),
        (
            Method::POST,
            format!("{SCRIPTS}/hasPayloadLinks"),
            json!({ "payloadIds": ["x"] }),
            &["@odata.context"],
        ),
    ] {
        let reply = request(&client, method, &path, "minimal", &body).await;
        assert_eq!(annotations(&reply), expected, "{path}");
    }
}

#[tokio::test]
async fn an_item_of_a_batch_has_the_annotations_of_a_single_request() {
    let server = Server::start().await;
    let client = server.client();
    let script = new_script(&client).await;
    let below = script.trim_start_matches("/beta").to_owned();
    for level in ["none", "minimal", "full"] {
        let headers = json!({ "Accept": format!("application/json;odata.metadata={level}") });
        let urls = [&below, &format!("{below}/deviceRunStates"), &format!("{below}/assignments")];
        let requests = urls
            .iter()
            .enumerate()
            .map(|(id, url)| json!({ "id": id, "method": "GET", "url": url, "headers": headers }));
        let body = json!({ "requests": requests.collect::<Vec<_>>() });
        let reply = client.post("/beta/$batch", &body).await.ok();
        for (url, response) in urls.iter().zip(reply["responses"].as_array().unwrap()) {
            assert_eq!(
                response["body"],
                get(&client, &format!("/beta{url}"), level).await,
                "{url}"
            );
        }
    }
}
