//! The program with `--twin`: when it starts, and with which settings. `lock` has two servers at one
//! database, `ended` what a server leaves when it ends, `commands` the command line, and `lost_replies` a
//! simulated fleet.

mod commands;
mod ended;
mod lock;
mod lost_replies;

use std::path::Path;
use std::process::Command;

use embedded_postgres::EmbeddedPostgres;
use serde_json::Value as Json;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnection;

use crate::process::{Directory, RUNSTATE, Server, configured, run, runstate, text};
use crate::world::SECRET;

/// The program with the twin and its secret.
fn with_twin(data: &Path) -> Command {
    let mut program = runstate(data);
    program.env("RUNSTATE_TWIN", "true").env("RUNSTATE_TWIN_SECRET", SECRET);
    program
}

/// A command line of `runstate twin` for a server; returns its exit code and what it printed.
fn twin(data: &Path, server: &Server, arguments: &[&str]) -> (i32, String) {
    let mut program = configured(Command::new(RUNSTATE), data);
    program.env("RUNSTATE_TWIN_SECRET", SECRET).env("RUNSTATE_TWIN_URL", &server.http);
    program.env("RUNSTATE_TWIN", "true");
    let output = run(program.arg("twin").args(arguments));
    let printed = text(&output.stdout) + &text(&output.stderr);
    (output.status.code().unwrap(), printed)
}

fn json_of(data: &Path, server: &Server, arguments: &[&str]) -> Json {
    let arguments = [&["--json"], arguments].concat();
    let (code, printed) = twin(data, server, &arguments);
    assert_eq!(code, 0, "{printed}");
    serde_json::from_str(&printed).unwrap_or(Json::Null)
}

async fn connect(data: &Path) -> PgConnection {
    let directory = data.join("postgres");
    let options = EmbeddedPostgres::options_of_running("runstate", &directory).unwrap();
    options.connect().await.unwrap()
}

async fn number(connection: &mut PgConnection, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(connection).await.unwrap()
}

/// Starts a program that refuses to; returns what it says.
fn refusal(program: &mut Command) -> String {
    let output = run(program);
    assert!(!output.status.success());
    text(&output.stderr)
}

#[test]
fn settings_that_contradict_each_other_are_refused_at_the_start() {
    let data = Directory::new();
    let issuers = data.0.join("issuers.json");
    std::fs::write(&issuers, "[]").unwrap();
    let said = refusal(with_twin(&data.0).env("RUNSTATE_TWIN_SECRET", "fifteen letters"));
    assert!(said.contains("RUNSTATE_TWIN_SECRET must have at least 16 characters"), "{said}");
    let said = refusal(with_twin(&data.0).env("RUNSTATE_TWIN", "false"));
    assert!(said.contains("the test twin is off"), "{said}");
    let said = refusal(with_twin(&data.0).env("RUNSTATE_LOCAL_ISSUER", "false"));
    assert!(said.contains("the test twin needs the local issuer"), "{said}");
    let mut beside = with_twin(&data.0);
    beside.env("RUNSTATE_ISSUERS", &issuers).env("RUNSTATE_LOCAL_ISSUER", "true");
    let said = refusal(&mut beside);
    assert!(said.contains("beside-real-issuers"), "{said}");
    let listed = "7e570000-0000-4000-8000-000000000001";
    let said = refusal(with_twin(&data.0).env("RUNSTATE_TENANTS", listed));
    assert!(said.contains("exclude each other"), "{said}");
    let said = refusal(with_twin(&data.0).env("RUNSTATE_TWIN", "maybe"));
    assert!(said.contains("beside-real-issuers"), "{said}");
}

#[test]
fn a_token_for_the_twin_is_made_by_the_flag_and_not_by_the_environment() {
    let data = Directory::new();
    let token = |arguments: &[&str]| {
        let output = run(runstate(&data.0).env("RUNSTATE_TWIN", "true").args(arguments));
        (output.status.success(), text(&output.stdout) + &text(&output.stderr))
    };
    let audience = |token: &str| {
        use base64::Engine;
        let claims = token.split('.').nth(1).unwrap();
        let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims).unwrap();
        serde_json::from_slice::<Json>(&claims).unwrap()["aud"].clone()
    };
    assert_eq!(audience(&token(&["token", "--twin"]).1), "urn:runstate:twin");
    assert_eq!(audience(&token(&["token"]).1), "urn:runstate");
    let (is_success, said) = token(&["token", "--twin", "--app"]);
    assert!(!is_success && said.contains("cannot be used with '--app'"), "{said}");
}

#[test]
fn a_proxy_that_names_no_address_hides_no_request_from_the_rules() {
    let data = Directory::new();
    let mut program = with_twin(&data.0);
    program.env("RUNSTATE_TRUSTED_PROXIES", "127.0.0.1");
    let server = Server::of(program);
    json_of(&data.0, &server, &["create", "--id", "a"]);
    json_of(&data.0, &server, &["rule", "a", r#"{"then":{"status":{"code":503}}}"#]);
    let (_, token) = twin(&data.0, &server, &["token", "a"]);
    let url = format!("{}/beta/deviceManagement/deviceManagementScripts", server.http);
    let header = format!("Authorization: Bearer {}", token.trim());
    let mut curl = Command::new("curl");
    curl.args(["-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", &header, &url]);
    curl.args(["-H", "X-Forwarded-For: 0.0.0.0"]);
    assert_eq!(text(&run(&mut curl).stdout), "503");
}
