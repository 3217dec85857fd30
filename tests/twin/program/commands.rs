//! The commands of `runstate twin`, against a server with the test twin.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::json;

use super::{json_of, twin, with_twin};
use crate::process::{Directory, RUNSTATE, Server, configured, run, text};
use crate::world::SECRET;

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
