//! Does a command end quietly when nobody reads its output any more, and fail when it cannot be written?

use std::fs::File;
use std::io::pipe;
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::process::{Directory, Server, run, runstate, text};

/// How long a server may take to start on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A pipe that nobody reads.
fn closed() -> Stdio {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    writer.into()
}

/// A file on a full disk.
fn full() -> Stdio {
    File::options().write(true).open("/dev/full").unwrap().into()
}

fn run_with(mut command: Command, output: Stdio) -> Output {
    let child = command.stdout(output).stderr(Stdio::piped()).spawn().unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn every_command_ends_quietly_without_a_reader_and_fails_on_a_full_disk() {
    let data = Directory::new();
    let server = Server::start(&data.0);
    let backup = data.0.join("backup.tar");
    let listen = server.http.strip_prefix("http://").unwrap();
    for arguments in [
        &["--help"][..],
        &["help", "backup"],
        &["--version"],
        &["token"],
        &["token", "--twin"],
        &["snippet", "python"],
        &["completions", "bash"],
        &["env", "--tls-listen", "127.0.0.1:8443"],
        &["tenant", "list"],
        &["app", "list"],
        &["app", "add", "An app"],
        &["user", "list"],
        &["health"],
        &["doctor"],
        &["doctor", "--json"],
        &["upgrade-check"],
        &["backup", "--without-keys", "--force", backup.to_str().unwrap()],
        &["simulate", "--print-profile"],
        &["simulate", "--dry-run", "--devices", "2000"],
    ] {
        let command = || {
            let mut command = runstate(&data.0);
            command.args(arguments).env("RUNSTATE_LISTEN", listen);
            command
        };
        let read = run(&mut command());
        assert!(!read.stdout.is_empty(), "{arguments:?}: {}", text(&read.stderr));
        let unread = run_with(command(), closed());
        let log = text(&unread.stderr);
        assert_eq!(unread.status.code(), read.status.code(), "{arguments:?}: {log}");
        assert!(!log.contains("panicked") && !log.contains("ERROR"), "{arguments:?}: {log}");
        let unwritten = run_with(command(), full());
        let log = text(&unwritten.stderr);
        assert_eq!(unwritten.status.code(), Some(1), "{arguments:?}: {log}");
        let error = "cannot write the output: No space left on device (os error 28)\n";
        assert!(log.ends_with(error), "{arguments:?}: {log}");
        assert!(!log.contains("panicked"), "{arguments:?}: {log}");
    }
}

#[test]
fn a_server_serves_although_nobody_reads_what_it_prints() {
    let data = Directory::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let of_server = || {
        let mut command = runstate(&data.0);
        command.args(["serve", "--listen", &address, "--tls-listen", "off"]);
        command
    };
    let mut server = of_server().stdout(closed()).stderr(Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    let mut health = runstate(&data.0);
    health.args(["health", "--listen", &address]);
    while text(&run(&mut health).stdout) != "ok\n" {
        assert_eq!(server.try_wait().unwrap(), None, "the server has ended");
        assert!(began.elapsed() < TIMEOUT, "the server does not serve");
        sleep(Duration::from_millis(100));
    }
    let pid = server.id().to_string();
    assert!(run(Command::new("kill").args(["-TERM", &pid])).status.success());
    assert!(server.wait().unwrap().success());
    let unwritten = run_with(of_server(), full());
    let log = text(&unwritten.stderr);
    assert_eq!(unwritten.status.code(), Some(1), "{log}");
    assert!(log.contains("cannot write the output: No space left on device"), "{log}");
}
