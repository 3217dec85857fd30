//! The program with `--twin`: when it starts, what it leaves, and its command line.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use embedded_postgres::EmbeddedPostgres;
use runstate::retention::HistoryDays;
use runstate::store::Store;
use serde_json::{Value as Json, json};
use sqlx::postgres::PgConnection;
use sqlx::{ConnectOptions, Connection};

use crate::database::Database;
use crate::process::{Directory, RUNSTATE, Server, configured, run, runstate, text};
use crate::world::{SECRET, World};

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

#[tokio::test]
async fn one_server_at_a_time_has_the_twin_of_a_database() {
    let world = World::start().await;
    let second = runstate::store::Store::switch_twin_on(world.database.options()).await;
    let refused = second.unwrap_err().to_string();
    assert_eq!(refused, "another server has the test twin of this database");
    // Nor does a server without a twin switch it off.
    runstate::store::Store::switch_twin_off(world.database.options()).await.unwrap();
    world.tenant(json!({})).await;
}

/// The backend whose session has the lock of the twin; 0 if there is none.
const HOLDER: &str = "SELECT coalesce(max(pid), 0)::bigint FROM pg_locks \
                      JOIN pg_database ON pg_database.oid = database \
                      WHERE locktype = 'advisory' AND granted AND datname = current_database() \
                      AND classid = x'54657374'::int::oid AND objid = x'5477696e'::int::oid";

#[tokio::test]
async fn a_server_that_lost_the_lock_takes_it_again_when_the_other_server_has_ended() {
    let database = Database::create();
    let options = database.options().clone();
    drop(Store::open(options.clone(), HistoryDays::default()).await.unwrap());
    let mut first = Store::switch_twin_on(&options).await.unwrap();
    assert!(first.keep().await.unwrap());
    let mut connection = options.connect().await.unwrap();
    let end = "SELECT pg_terminate_backend($1::int)";
    let holder = number(&mut connection, HOLDER).await;
    sqlx::query(end).bind(holder).execute(&mut connection).await.unwrap();
    while number(&mut connection, HOLDER).await == holder {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let second = Store::switch_twin_on(&options).await.unwrap();
    // Each time, also over a connection that works.
    assert!(!first.keep().await.unwrap());
    assert!(!first.keep().await.unwrap());
    drop(second);
    while number(&mut connection, HOLDER).await != 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(first.keep().await.unwrap());
    assert_ne!(number(&mut connection, HOLDER).await, 0);
    assert!(Store::switch_twin_on(&options).await.is_err());
}

#[tokio::test]
async fn a_reset_restores_the_contents_after_one_whose_outcome_was_lost() {
    let data = Directory::new();
    let server = Server::of(with_twin(&data.0));
    json_of(&data.0, &server, &["create", "--id", "other", "--from", "fixture:intune-small"]);
    json_of(&data.0, &server, &["snapshot", "other", "full"]);
    json_of(&data.0, &server, &["create", "--id", "t1"]);
    let mut connection = connect(&data.0).await;
    let mut run = async |statement: &'static str| {
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    };
    // A commit waits for a second server that does not exist, after it has had its effect.
    run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'").await;
    run("SELECT pg_reload_conf()").await;
    let lost = {
        let (data, url) = (data.0.clone(), server.http.clone());
        std::thread::spawn(move || {
            let mut program = configured(Command::new(RUNSTATE), &data);
            program.env("RUNSTATE_TWIN_SECRET", SECRET).env("RUNSTATE_TWIN_URL", url);
            program.env("RUNSTATE_TWIN", "true");
            text(&crate::process::run(program.args(["twin", "reset", "t1", "--to", "full"])).stderr)
        })
    };
    while !lost.is_finished() {
        run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            .await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let said = lost.join().unwrap();
    assert!(said.contains("503"), "{said}");
    run("ALTER SYSTEM RESET synchronous_standby_names").await;
    run("SELECT pg_reload_conf()").await;
    let scripts = "SELECT count(*) FROM script WHERE tenant_id = \
                   (SELECT id FROM twin_tenant WHERE handle = 't1')";
    assert_ne!(number(&mut connection, scripts).await, 0, "the reset had its effect");
    while twin(&data.0, &server, &["reset", "t1"]).0 != 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(number(&mut connection, scripts).await, 0);
}

#[tokio::test]
async fn tenants_outlive_the_server_and_nothing_of_the_twin_is_left_without_it() {
    let data = Directory::new();
    let server = Server::of(with_twin(&data.0));
    json_of(&data.0, &server, &["create", "--id", "t1", "--now", "2024-01-01T00:00:00Z"]);
    json_of(&data.0, &server, &["snapshot", "t1", "base"]);
    drop(server);
    let server = Server::of(runstate(&data.0));
    let (code, said) = twin(&data.0, &server, &["list"]);
    assert!(code == 1 && said.contains("401"), "{said}");
    let mut connection = connect(&data.0).await;
    let left = "SELECT count(*) FROM pg_proc WHERE proname LIKE 'twin%' OR proname = 'is_twin_id' \
                OR proname IN ('present_time', 'stored_history_days') AND prolang <> 14";
    assert_eq!(number(&mut connection, left).await, 0);
    let triggers = "SELECT count(*) FROM pg_trigger WHERE tgname = 'device_state_before_insert'";
    assert_eq!(number(&mut connection, triggers).await, 0);
    connection.close().await.unwrap();
    drop(server);
    let server = Server::of(with_twin(&data.0));
    let listed = json_of(&data.0, &server, &["list"]);
    assert_eq!(listed["tenants"][0]["id"], "t1");
    assert!(listed["tenants"][0]["clock"]["now"].as_str().unwrap() < "2024-02", "{listed}");
    assert_eq!(listed["snapshots"], json!([{ "name": "base" }]));
}

#[tokio::test]
async fn a_server_that_is_killed_during_a_copy_leaves_no_half_tenant() {
    let data = Directory::new();
    let server = Server::of(with_twin(&data.0));
    json_of(&data.0, &server, &["create", "--id", "t1"]);
    let mut connection = connect(&data.0).await;
    let mut transaction = connection.begin().await.unwrap();
    // The copy waits here, after it has written other rows.
    sqlx::query("LOCK TABLE device_state").execute(&mut *transaction).await.unwrap();
    let fork = {
        let (data, url) = (data.0.clone(), server.http.clone());
        std::thread::spawn(move || {
            let mut program = configured(Command::new(RUNSTATE), &data);
            program.env("RUNSTATE_TWIN_SECRET", SECRET).env("RUNSTATE_TWIN_URL", url);
            program.env("RUNSTATE_TWIN", "true");
            run(program.args(["twin", "fork", "t1", "--id", "t2"])).status.success()
        })
    };
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted";
    while number(&mut transaction, waiting).await == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    server.signal("-KILL");
    assert!(!fork.join().unwrap());
    drop(transaction);
    drop(connection);
    drop(server);
    let server = Server::of(with_twin(&data.0));
    let listed = json_of(&data.0, &server, &["list"]);
    assert_eq!(listed["tenants"].as_array().unwrap().len(), 1, "{listed}");
    let mut connection = connect(&data.0).await;
    assert_eq!(number(&mut connection, "SELECT count(*) FROM twin_tenant").await, 1);
    let of_twin = "SELECT count(*) FROM tenant WHERE id::text LIKE '7e570000-7714-8%'";
    assert_eq!(number(&mut connection, of_twin).await, 1);
}

#[test]
fn a_command_gets_a_tenant_that_is_removed_after_it_and_its_exit_code_is_returned() {
    let data = Directory::new();
    let server = Server::of(with_twin(&data.0));
    let script = "curl -s -H \"Authorization: Bearer $RUNSTATE_TOKEN\" \
                  \"$BASE/beta/deviceManagement/deviceManagementScripts/\\$count\"; \
                  echo \" in $RUNSTATE_TENANT\"; exit 7";
    let mut program = configured(Command::new(RUNSTATE), &data.0);
    program.env("RUNSTATE_TWIN_SECRET", SECRET).env("RUNSTATE_TWIN_URL", &server.http);
    program.env("RUNSTATE_TWIN", "true").env("BASE", &server.http);
    let output = run(program.args(["twin", "create", "--", "sh", "-c", script]));
    let printed = text(&output.stdout);
    assert_eq!(output.status.code(), Some(7), "{printed}{}", text(&output.stderr));
    assert!(printed.contains("0 in 7e570000-7714-8"), "{printed}");
    assert_eq!(json_of(&data.0, &server, &["list"])["tenants"], json!([]));
    let (code, said) = twin(&data.0, &server, &["create", "--", "/does/not/exist"]);
    assert!(code == 1 && said.contains("/does/not/exist"), "{said}");
    assert_eq!(json_of(&data.0, &server, &["list"])["tenants"], json!([]));
}

#[test]
fn a_termination_goes_to_the_command_and_its_tenant_is_removed() {
    let data = Directory::new();
    let server = Server::of(with_twin(&data.0));
    // After a minute it ends by itself.
    let script = "trap 'exit 9' TERM; echo ready; i=0; \
                  while [ $i -lt 600 ]; do sleep 0.1; i=$((i + 1)); done";
    let mut program = configured(Command::new(RUNSTATE), &data.0);
    program.env("RUNSTATE_TWIN_SECRET", SECRET).env("RUNSTATE_TWIN_URL", &server.http);
    program.env("RUNSTATE_TWIN", "true").stdout(Stdio::piped());
    let mut child = program.args(["twin", "create", "--", "sh", "-c", script]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    let id = child.id().to_string();
    assert!(run(Command::new("kill").args(["-TERM", &id])).status.success());
    assert_eq!(child.wait().unwrap().code(), Some(9));
    assert_eq!(json_of(&data.0, &server, &["list"])["tenants"], json!([]));
}

#[test]
fn each_command_controls_what_it_names() {
    let data = Directory::new();
    let server = Server::of(with_twin(&data.0));
    let json = |arguments: &[&str]| json_of(&data.0, &server, arguments);
    let made = json(&["create", "--id", "a b", "--name", "ci-1", "--rate", "0"]);
    assert_eq!((&made["id"], &made["clock"]["rate"]), (&json!("a b"), &json!(0)));
    json(&["snapshot", "a b", "base"]);
    let copy = json(&["create", "--from", "base", "--profile", "current"]);
    assert_eq!(copy["permissions"], "current");
    json(&["fork", "a b", "--id", "c", "--name", "ci-2"]);
    json(&["reset", "c", "--to", "base", "--keep", "clock"]);
    let now = json(&["clock", "a b"])["now"].clone();
    assert_eq!(json(&["clock", "a b"])["now"], now);
    assert_ne!(json(&["clock", "a b", "--advance", "1h"])["now"], now);
    let (code, said) = twin(&data.0, &server, &["clock", "a b", "--now", "2020-01-01T00:00:00Z"]);
    assert!(code == 1 && said.contains("409") && said.contains("cannot be set back"), "{said}");
    let (code, token) = twin(&data.0, &server, &["token", "c", "--spoil", "expired"]);
    assert!(code == 0 && token.trim().split('.').count() == 3, "{token}");
    json(&["delete", "--prefix", "ci-"]);
    json(&["delete", "--snapshot", "base"]);
    assert_eq!(json(&["list"])["tenants"].as_array().unwrap().len(), 1);
    json(&["delete", "--all"]);
    assert_eq!(json(&["list"]), json!({ "tenants": [], "snapshots": [] }));
    let (code, said) = twin(&data.0, &server, &["delete"]);
    assert_eq!(code, 2, "{said}");
}

#[test]
fn commands_break_replies_and_check_what_was_sent() {
    let data = Directory::new();
    let server = Server::of(with_twin(&data.0));
    let json = |arguments: &[&str]| json_of(&data.0, &server, arguments);
    json(&["create", "--id", "a"]);
    let rule = r#"{"id":"busy","when":{"method":"GET","first":1},"then":{"status":{"code":503}}}"#;
    assert_eq!(json(&["rule", "a", rule])["id"], "busy");
    assert_eq!(json(&["rule", "a"])["value"].as_array().unwrap().len(), 1);
    let throttle = json(&["throttle", "a", r#"{"profile":"intune-devices","scale":0.5}"#]);
    assert_eq!((&throttle["scale"], json(&["throttle", "a"])), (&json!(0.5), throttle.clone()));
    let (_, token) = twin(&data.0, &server, &["token", "a"]);
    let url = format!("{}/beta/deviceManagement/deviceManagementScripts", server.http);
    for status in ["503", "200"] {
        let header = format!("Authorization: Bearer {}", token.trim());
        let mut curl = Command::new("curl");
        curl.args(["-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", &header, &url]);
        assert_eq!(text(&run(&mut curl).stdout), status);
    }
    let sent = json(&["requests", "a", "--status", "503"]);
    assert_eq!(sent["value"].as_array().unwrap().len(), 1, "{sent}");
    let two = r#"{"match":{"method":"GET"},"count":{"exactly":2}}"#;
    assert_eq!(json(&["verify", "a", two])["matched"], 2);
    let (code, said) = twin(&data.0, &server, &["verify", "a", &two.replace('2', "3")]);
    assert!(code == 1 && said.contains("\"ok\": false"), "{said}");
    let (code, said) = twin(&data.0, &server, &["rule", "a", "{"]);
    assert!(code == 1 && said.contains("the rule is not JSON"), "{said}");
    json(&["rule", "a", "--delete", "busy"]);
    json(&["requests", "a", "--clear"]);
    assert_eq!(json(&["requests", "a"])["value"], json!([]));
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
