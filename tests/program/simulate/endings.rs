//! How does a simulation sign in, and how does it end?

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::busy_server::read_request;
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

#[test]
fn refused_requests_are_left_out_if_that_is_asked_for() {
    let data = Directory::new();
    let server = Server::start(&data.0);
    let scope = "--scope=DeviceManagementManagedDevices.Read.All";
    let reader = text(&run(runstate(&data.0).args(["token", scope])).stdout);
    let simulate = |more: &[&str]| {
        let mut command = runstate(&data.0);
        command.args(["simulate", "--server", &server.http, "--token", reader.trim()]);
        run(command.args(SMALL).args(more))
    };
    let refused = simulate(&[]);
    let log = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{log}");
    assert!(log.contains("PATCH /beta/deviceManagement/managedDevices/"), "{log}");
    assert!(log.contains("was refused with 403: Forbidden"), "{log}");
    let left_out = simulate(&["--keep-going"]);
    assert_eq!(left_out.status.code(), Some(2), "{}", text(&left_out.stderr));
    assert!(text(&left_out.stdout).contains("device 403: 40"), "{}", text(&left_out.stdout));
}

#[test]
fn a_profile_is_printed_read_and_overridden_and_a_wrong_one_is_refused_by_line() {
    let data = Directory::new();
    let file = data.0.join("profile.toml");
    let path = format!("--profile={}", file.display());
    let simulate = |more: &[&str]| run(runstate(&data.0).arg("simulate").args(more));
    let printed = simulate(&["--seed=11", "--incident=vpn", "--print-profile"]);
    std::fs::write(&file, &printed.stdout).unwrap();
    let again = simulate(&[&path, "--print-profile"]);
    assert_eq!(text(&again.stdout), text(&printed.stdout));
    assert!(text(&again.stdout).contains("seed = 11\n"));
    let overridden = text(&simulate(&[&path, "--seed=12", "--print-profile"]).stdout);
    assert_eq!(overridden, text(&printed.stdout).replace("seed = 11\n", "seed = 12\n"));
    for (wrong, expected) in [
        ("seed = 1\ndevises = 5\n", "line 2: unknown field `devises`"),
        ("days = \"many\"\n", "line 1: invalid type"),
        ("incident = \"fire\"\n", "line 1: unknown variant `fire`"),
        ("[mix]\nmacs = 1.5\n", "mix must be shares from 0 to 1"),
    ] {
        std::fs::write(&file, wrong).unwrap();
        let output = simulate(&[&path, "--print-profile"]);
        let log = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{log}");
        assert!(log.contains(expected) && log.lines().count() == 1, "{log}");
    }
}

#[test]
fn a_fleet_that_waits_for_its_server_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // The server answers the first request, and is gone then.
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        read_request(&mut BufReader::new(stream.try_clone().unwrap())).unwrap();
        drop(listener);
        let body = r#"{"value":[]}"#;
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
    });
    let mut command = runstate(Path::new("/nonexistent"));
    command.args(["simulate", "--server", &url, "--token=any", "--devices=40"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.next().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    server.join().unwrap();
    let expected = "     devices 0/40 0/s waiting: Connection refused (os error ";
    assert!(line.starts_with(expected), "{line}");
}
