//! Which annotations does a reply have at each metadata level, and where in the reply?

mod full;
mod minimal;
mod none;

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{Client, DEVICES, send};

const ALL_DEVICES: &str = "#microsoft.graph.allDevicesAssignmentTarget";

/// A script with an assignment, a user state, and a run state that belongs to the user and to the
/// device `pc`. Returns its path.
async fn new_script(client: &Client) -> String {
    client.post(DEVICES, &json!({ "id": "pc" })).await.created();
    let script = client.new_script().await;
    let target = json!({ "@odata.type": ALL_DEVICES });
    let body = json!({ "deviceManagementScriptAssignments": [{ "target": target }] });
    assert_eq!(client.post(&format!("{script}/assign"), &body).await.status, 204);
    let user = client.new_user_state(&script, "adele").await;
    let bind = "deviceManagement/managedDevices('pc')";
    let state = json!({ "id": "a", "managedDevice@odata.bind": bind });
    client.post(&format!("{user}/deviceRunStates"), &state).await.created();
    script
}

async fn request(client: &Client, method: Method, path: &str, level: &str, body: &Json) -> Json {
    let accept = format!("application/json;odata.metadata={level}");
    let request = client.request(method, path).header("Accept", accept);
    let reply = send(if body.is_null() { request } else { request.json(body) }).await;
    assert!((200..300).contains(&reply.status), "{reply:?}");
    reply.json()
}

async fn get(client: &Client, path: &str, level: &str) -> Json {
    request(client, Method::GET, path, level, &Json::Null).await
}

/// The places of all annotations in a body, sorted: `value.0.@odata.type`.
fn annotations(body: &Json) -> Vec<String> {
    let mut found = Vec::new();
    collect(body, "", &mut found);
    found.sort();
    found
}

fn collect(json: &Json, place: &str, found: &mut Vec<String>) {
    let members: Vec<(String, &Json)> = match json {
        Json::Object(members) => members.iter().map(|(name, it)| (name.clone(), it)).collect(),
        Json::Array(items) => {
            items.iter().enumerate().map(|(index, it)| (index.to_string(), it)).collect()
        }
        _ => return,
    };
    for (name, member) in members {
        let is_annotation = name.contains('@') || name.starts_with('#');
        let place = if place.is_empty() { name } else { format!("{place}.{name}") };
        match is_annotation {
            true => found.push(place),
            false => collect(member, &place, found),
        }
    }
}
