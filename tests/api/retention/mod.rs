//! Which policies of retention does the server take, who may set them, and what do they do?

mod effects;
mod expiry;
mod permissions;
mod policies;
mod purge;
mod refusals;

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{Client, Reply, SCRIPTS, send};

/// The path of the policy of a tenant.
const TENANT: &str = "/runstate/v1/retention";

/// The path of the policy of a script, from the path of the script.
fn policy_of(script: &str) -> String {
    format!("{TENANT}/scripts/{}", script.strip_prefix(&format!("{SCRIPTS}/")).unwrap())
}

/// Replaces a policy.
async fn put(client: &Client, path: &str, body: &Json) -> Reply {
    let request = client.request(Method::PUT, path).header("Content-Type", "application/json");
    send(request.body(body.to_string())).await
}

/// The values of a policy and the policies that they are from, as a body for an empty history.
fn shown(values: [Option<i32>; 3], source: [&str; 3]) -> String {
    let [days, versions, states] =
        values.map(|value| value.map_or("null".into(), |it| it.to_string()));
    let [from_days, from_versions, from_states] = source;
    format!(
        "{{\"historyDays\":{days},\"historyVersions\":{versions},\"runStateDays\":{states},\
         \"source\":{{\"historyDays\":\"{from_days}\",\"historyVersions\":\"{from_versions}\",\
         \"runStateDays\":\"{from_states}\"}},\
         \"oldestVersion\":null,\"versions\":0,\"bytes\":0,\"isEstimate\":false}}"
    )
}

/// Creates a run state and changes it: `changes` superseded versions.
async fn report(client: &Client, script: &str, id: &str, changes: i32) {
    let states = format!("{script}/deviceRunStates");
    client.post(&states, &json!({ "id": id })).await.created();
    for code in 1..=changes {
        client.patch(&format!("{states}/{id}"), &json!({ "errorCode": code })).await.ok();
    }
}
