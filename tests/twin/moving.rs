//! Commands that move tenants and databases, and the tenants of the twin: one of them is not moved alone.

use std::path::Path;
use std::process::Command;

use serde_json::{Value as Json, json};

use crate::process::{Directory, Server, run, runstate, text};
use crate::world::{SCRIPTS, SECRET};

fn with_twin(data: &Path) -> Command {
    let mut program = runstate(data);
    program.env("RUNSTATE_TWIN", "true").env("RUNSTATE_TWIN_SECRET", SECRET);
    program
}

async fn post(url: &str, token: &str, body: Json) -> Json {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let reply = client.post(url).bearer_auth(token).json(&body).send().await.unwrap();
    let reply = reply.error_for_status().unwrap();
    serde_json::from_str(&reply.text().await.unwrap()).unwrap()
}

/// What a command says that fails.
fn refusal(data: &Path, arguments: &[&str]) -> String {
    let output = run(runstate(data).args(arguments));
    assert!(!output.status.success(), "{}", text(&output.stdout));
    text(&output.stderr).trim_end().to_owned()
}

#[tokio::test]
async fn a_tenant_of_the_twin_is_neither_exported_nor_opened_removed_or_added_by_a_command() {
    let data = Directory::new();
    let server = Server::of(with_twin(&data.0));
    let made = post(&format!("{}/twin/v1/tenants", server.http), SECRET, json!({})).await;
    let tenant = made["tenant"].as_str().unwrap();
    let file = data.0.join("tenant.tar");
    let file_name = file.to_str().unwrap();
    let expected = format!(
        "the tenant {tenant} belongs to the test twin, whose tenants are not moved. `runstate twin` \
         copies and removes them, and GET /twin/v1/tenants/{tenant}/contents has their contents; \
         nothing was changed."
    );
    for arguments in [
        &["tenant", "export", tenant, file_name][..],
        &["tenant", "export", tenant, file_name, "--close"],
        &["tenant", "open", tenant],
        &["tenant", "remove", tenant, "--without-export"],
    ] {
        let said = refusal(&data.0, arguments);
        assert!(said.contains(&expected), "{arguments:?}: {said}");
        assert!(!said.contains("read-only"), "{arguments:?}: {said}");
    }
    assert!(!file.exists());
    let said = refusal(&data.0, &["tenant", "add", "--id", "7e570000-7714-8000-8000-000000000001"]);
    assert!(said.ends_with("tenants that it did not make; nothing was changed"), "{said}");
    let token = made["tokens"]["user"].as_str().unwrap();
    post(&format!("{}{SCRIPTS}", server.http), token, json!({ "displayName": "a" })).await;
}

#[tokio::test]
async fn a_server_that_is_killed_makes_other_seeded_ids_than_before() {
    let data = Directory::new();
    let server = Server::of(with_twin(&data.0));
    let clock = json!({ "now": "2026-01-01T00:00:00Z", "rate": 0 });
    let body = json!({ "ids": "seeded", "clock": clock, "ttl": "7d" });
    let made = post(&format!("{}/twin/v1/tenants", server.http), SECRET, body).await;
    let token = made["tokens"]["user"].as_str().unwrap();
    let script = json!({ "displayName": "a" });
    let before = post(&format!("{}{SCRIPTS}", server.http), token, script.clone()).await;
    server.signal("-KILL");
    drop(server);
    let server = Server::of(with_twin(&data.0));
    let after = post(&format!("{}{SCRIPTS}", server.http), token, script).await;
    assert_ne!(before["id"], after["id"]);
}
