//! How does a simulation sign in, and how does it end?

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{SMALL, json};
use crate::process::{Directory, RUNSTATE, Server, configured, run, runstate, text};

#[test]
fn client_credentials_sign_in_over_https_without_a_data_directory() {
    let data = Directory::new();
    let mut program = runstate(&data.0);
    program.env("RUNSTATE_TLS_LISTEN", "127.0.0.1:0");
    let server = Server::of(program);
    let https = server.https.clone().unwrap();
    let address = https.replace("https://localhost", "127.0.0.1");
    let variables = run(runstate(&data.0).arg("env").env("RUNSTATE_TLS_LISTEN", address));
    let script = format!(
        "{}\nexec \"$0\" simulate --server '{https}' --report json {}",
        text(&variables.stdout),
        SMALL.join(" ")
    );
    let elsewhere = Directory::new();
    let mut shell = configured(Command::new("sh"), &elsewhere.0.join("none"));
    let report = json(&run(shell.args(["-c", &script, RUNSTATE])));
    assert_eq!(report["verification"]["lost"], 0);
    assert!(report["verification"]["found"].as_u64().unwrap() > 120, "{report:#}");
    assert!(!elsewhere.0.join("none").exists());
}

#[test]
fn a_server_that_refuses_ends_the_run_with_one_line_and_exit_code_1() {
    let data = Directory::new();
    let server = Server::start(&data.0);
    let weak = text(&run(runstate(&data.0).args(["token", "--scope=Nothing"])).stdout);
    let nobody = "http://127.0.0.1:1";
    for (arguments, expected) in [
        (vec!["--token=wrong"], "does not accept the token (401)"),
        (vec!["--token", weak.trim()], "was refused with 403: Forbidden: "),
        (vec!["--server", nobody], "cannot reach http://127.0.0.1:1: "),
        (vec!["--server", "ftp://x"], "ftp://x is neither http nor https but ftp"),
        (vec!["--devices=0"], "devices must be 1 to 5000000"),
        (vec!["--start=yesterday"], "start must be a date-time"),
    ] {
        let mut command = runstate(&data.0);
        command.args(["simulate", "--quiet"]).args(&arguments);
        if !arguments.contains(&"--server") {
            command.arg("--server").arg(&server.http);
        }
        let output = run(&mut command);
        let log = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {log}");
        assert!(log.contains(expected) && log.lines().count() == 1, "{arguments:?}: {log}");
        assert_eq!(text(&output.stdout), "");
    }
}

#[test]
fn ctrl_c_ends_what_is_under_way_and_prints_the_report() {
    let data = Directory::new();
    let server = Server::start(&data.0);
    let mut command = runstate(&data.0);
    command.args(["simulate", "--server", &server.http, "--devices=40", "--rate=20/s"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("user states")), "the phase of the reports begins");
    std::thread::sleep(Duration::from_millis(300));
    assert!(run(Command::new("kill").args(["-INT", &child.id().to_string()])).status.success());
    let rest = lines.collect::<Vec<_>>();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{rest:?}");
    let report = text(&output.stdout);
    assert!(report.starts_with("virtual time"), "{report}");
    assert!(!report.contains("acknowledged,"), "{report}");
}
