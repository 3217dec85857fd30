//! What does a service manager learn from the server, and do the files of the package fit the program?

use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::Duration;

use crate::process::{Directory, RUNSTATE, Server, run, runstate, text};

/// The next message of the server to the service manager.
fn message(socket: &UnixDatagram) -> String {
    let mut bytes = [0; 1024];
    let length = socket.recv(&mut bytes).expect("the server sends a message");
    text(&bytes[..length])
}

/// The next message that is not one to the watchdog.
fn change(socket: &UnixDatagram) -> String {
    loop {
        match message(socket) {
            message if message.trim() == "WATCHDOG=1" => {}
            message => return message.trim().to_owned(),
        }
    }
}

/// Waits until the server is ready. Before, it extends the time that its start may take.
fn wait_until_ready(socket: &UnixDatagram) {
    let extension = "EXTEND_TIMEOUT_USEC=120000000";
    assert_eq!(change(socket), extension);
    loop {
        match change(socket) {
            message if message == extension => {}
            message => return assert_eq!(message, "READY=1"),
        }
    }
}

/// The program with a socket of a service manager, and a watchdog.
fn managed(data: &Directory) -> (Command, UnixDatagram) {
    let path = data.0.join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let mut program = runstate(&data.0);
    program.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "900000");
    (program, socket)
}

#[test]
fn the_server_says_when_it_is_ready_and_when_it_stops() {
    let data = Directory::new();
    let (program, socket) = managed(&data);
    let mut server = Server::of(program);
    wait_until_ready(&socket);
    server.signal("-TERM");
    assert_eq!(change(&socket), "STOPPING=1");
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn the_watchdog_hears_from_the_server_for_as_long_as_it_answers() {
    let data = Directory::new();
    let (program, socket) = managed(&data);
    let server = Server::of(program);
    wait_until_ready(&socket);
    for _ in 0..3 {
        assert_eq!(message(&socket).trim(), "WATCHDOG=1");
    }
    server.signal("-STOP");
    socket.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let mut bytes = [0; 64];
    while socket.recv(&mut bytes).is_ok() {}
    socket.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    server.signal("-CONT");
    assert_eq!(message(&socket).trim(), "WATCHDOG=1");
}

#[test]
fn each_command_has_a_manual_page_and_shells_complete_it() {
    let directory = Directory::new();
    let pages = run(Command::new(RUNSTATE).arg("man").arg(&directory.0));
    assert!(pages.status.success(), "{}", text(&pages.stderr));
    let page = std::fs::read_to_string(directory.0.join("runstate-token.1")).unwrap();
    assert!(page.contains("Print a token of the local issuer"), "{page}");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run(Command::new(RUNSTATE).args(["completions", shell]));
        assert!(text(&script.stdout).contains("recount"), "{shell}");
    }
    let nowhere = run(Command::new(RUNSTATE).args(["man", "/no/such/directory"]));
    assert!(text(&nowhere.stderr).contains("cannot write manual pages into /no/such/directory"));
    assert_eq!(nowhere.status.code(), Some(1));
}

#[test]
fn commands_without_data_make_no_directory() {
    let directory = Directory::new();
    for command in [&["completions", "bash"][..], &["snippet", "curl"], &["health"], &["doctor"]] {
        run(Command::new(RUNSTATE).args(command).current_dir(&directory.0));
        assert_eq!(std::fs::read_dir(&directory.0).unwrap().count(), 0, "{command:?}");
    }
}

/// systemd reads the file of the service without a complaint about any setting.
#[test]
fn systemd_understands_the_service() {
    if run(Command::new("sh").args(["-c", "command -v systemd-analyze"])).stdout.is_empty() {
        println!("left out: systemd-analyze is not installed");
        return;
    }
    let directory = Directory::new();
    let unit = include_str!("../../ops/runstate.service");
    let unit = unit.replace("/usr/bin/runstate", RUNSTATE).replace("man:runstate(1)", "man:sh(1)");
    let path = directory.0.join("runstate.service");
    std::fs::write(&path, unit).unwrap();
    let verified = run(Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&path));
    let complaints = text(&verified.stderr);
    let own: Vec<&str> =
        complaints.lines().filter(|line| line.contains("runstate.service")).collect();
    assert!(own.is_empty(), "{own:#?}");
}

/// Each setting in the example of the package is one that the program has.
#[test]
fn the_settings_of_the_package_exist() {
    let help = text(&run(Command::new(RUNSTATE).arg("--help")).stdout);
    let example = include_str!("../../ops/runstate.env");
    let settings = example.lines().filter_map(|line| line.trim_start_matches('#').split_once('='));
    let names: Vec<&str> = settings.map(|(name, _)| name).filter(|it| !it.contains(' ')).collect();
    assert!(names.len() > 4, "{names:?}");
    for name in names {
        assert!(help.contains(name), "{name}");
    }
}
