//! A backup of a database with a twin, and the server on the restored database.

use std::path::Path;
use std::process::Command;

use embedded_postgres::EmbeddedPostgres;
use reqwest::Method;
use serde_json::{Value as Json, json};
use sqlx::ConnectOptions;

use crate::process::{Directory, Server, run, runstate, text};
use crate::world::{SCRIPTS, SECRET};

/// The rows of the twin's tenants, which the restored database must not keep.
const ROWS: &str = "
    SELECT (SELECT count(*) FROM tenant WHERE id::text LIKE '7e570000-7714-8%')
         + (SELECT count(*) FROM device_state_history WHERE tenant_id::text LIKE '7e570000-7714-8%')
         + (SELECT count(*) FROM script WHERE tenant_id::text LIKE '7e570000-7714-8%')
         + (SELECT count(*) FROM device_state WHERE tenant_id::text LIKE '7e570000-7714-8%')
         + (SELECT count(*) FROM audit_event WHERE tenant_id::text LIKE '7e570000-7714-8%')";

fn with_twin(data: &Path) -> Command {
    let mut program = runstate(data);
    program.env("RUNSTATE_TWIN", "true").env("RUNSTATE_TWIN_SECRET", SECRET);
    program
}

async fn send(method: Method, url: &str, token: &str, body: Json) -> Json {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.request(method, url).bearer_auth(token).json(&body);
    let reply = request.send().await.unwrap().error_for_status().unwrap();
    serde_json::from_str(&reply.text().await.unwrap()).unwrap_or_default()
}

fn succeed(program: &mut Command) -> String {
    let output = run(program);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

async fn number(data: &Path, query: &'static str) -> i64 {
    let options = EmbeddedPostgres::options_of_running("runstate", &data.join("postgres"));
    let mut connection = options.unwrap().connect().await.unwrap();
    sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap()
}

#[tokio::test]
async fn a_twin_on_a_restored_database_removes_the_tenants_that_nothing_names_any_more() {
    let (data, restored) = (Directory::new(), Directory::new());
    let server = Server::of(with_twin(&data.0));
    let tenants = format!("{}/twin/v1/tenants", server.http);
    let body = json!({ "from": "fixture:intune-small" });
    let made = send(Method::POST, &tenants, SECRET, body).await;
    let token = made["tokens"]["user"].as_str().unwrap();
    let script = "5d0a3a1c-0000-4000-8000-000000005001";
    let state = format!("{script}:5d0a3a1c-0000-4000-8000-00000000d004");
    let url = format!("{}{SCRIPTS}/{script}/deviceRunStates/{state}", server.http);
    send(Method::PATCH, &url, token, json!({ "errorCode": 1 })).await;
    assert!(number(&data.0, "SELECT count(*) FROM device_state_history").await > 0);
    let file = data.0.join("backup.tar");
    let file = file.to_str().unwrap();
    succeed(runstate(&data.0).args(["backup", "--without-keys", file]));
    let verified = succeed(runstate(&data.0).args(["backup", "verify", "--without-keys", file]));
    assert!(verified.contains("Every counter matches the rows."), "{verified}");
    drop(server);

    succeed(runstate(&restored.0).args(["restore", "--without-keys", file]));
    let server = Server::of(with_twin(&restored.0));
    assert_eq!(number(&restored.0, ROWS).await, 0);
    assert_eq!(number(&restored.0, "SELECT count(*) FROM device_state_history_other").await, 0);
    let kept = "SELECT count(*) FROM tenant WHERE is_default";
    assert_eq!(number(&restored.0, kept).await, 1);
    let tenants = format!("{}/twin/v1/tenants", server.http);
    let made = send(Method::POST, &tenants, SECRET, json!({})).await;
    assert!(made["tenant"].as_str().unwrap().starts_with("7e570000-7714-8"), "{made}");
}
