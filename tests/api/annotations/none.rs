//! The level `none`: what a client cannot do without remains.

use reqwest::Method;
use serde_json::json;

use super::{annotations, get, new_script, request};
use crate::harness::{DEVICES, SCRIPTS, Server};

#[tokio::test]
async fn at_level_none_only_the_count_and_the_next_link_remain() {
    let server = Server::start().await;
    let client = server.client();
    let script = new_script(&client).await;
    client.post(&format!("{script}/deviceRunStates"), &json!({ "id": "b" })).await.created();
    client.new_script().await;
    let every = "$expand=assignments,runSummary,deviceRunStates($expand=managedDevice),\
                 userRunStates($expand=deviceRunStates)";
    for (path, expected) in [
        (script.clone(), &[][..]),
        (format!("{script}?{every}"), &[]),
        (format!("{script}/assignments"), &[]),
        (format!("{DEVICES}/pc"), &[]),
        (format!("{SCRIPTS}?$top=1&$count=true"), &["@odata.count", "@odata.nextLink"]),
        (
            format!("{script}?$expand=deviceRunStates($top=1;$count=true)"),
            &["deviceRunStates@odata.count", "deviceRunStates@odata.nextLink"],
        ),
    ] {
        assert_eq!(annotations(&get(&client, &path, "none").await), expected, "{path}");
    }
    for (method, path, body) in [
        (Method::POST, format!("{script}/deviceRunStates"), json!({})),
        (Method::PATCH, format!("{script}/deviceRunStates/a"), json!({})),
        (Method::POST, format!("{SCRIPTS}/hasPayloadLinks"), json!({ "payloadIds": ["x"] })),
    ] {
        let reply = request(&client, method, &path, "none", &body).await;
        assert_eq!(annotations(&reply), [""; 0], "{path}");
    }
}
