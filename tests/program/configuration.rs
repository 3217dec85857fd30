//! Which settings and surroundings does the server refuse, and does it say why?

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use crate::process::{Directory, RUNSTATE, Server, configured, run, runstate, text};

#[test]
fn a_second_server_on_the_same_data_directory_is_refused() {
    let data = Directory::new();
    let server = Server::start(&data.0);
    let second = run(&mut runstate(&data.0));
    assert!(!second.status.success());
    let output = text(&second.stderr);
    assert!(output.contains(&*data.0.to_string_lossy()), "{output}");
    assert!(output.contains(&server.child.id().to_string()), "{output}");
}

#[test]
fn a_database_without_an_issuer_is_refused_with_the_settings_to_use() {
    let data = Directory::new();
    let refused = run(runstate(&data.0).env("DATABASE_URL", "postgres://localhost/x"));
    assert!(!refused.status.success());
    let output = text(&refused.stderr);
    assert!(
        output.contains("RUNSTATE_ISSUERS") && output.contains("RUNSTATE_LOCAL_ISSUER"),
        "{output}"
    );
}

#[test]
fn passwords_are_never_printed() {
    let data = Directory::new();
    for url in
        ["postgres://u:secret-word@127.0.0.1:1/x", "postgres://u:secret-word@[/x", "secret-word"]
    {
        let mut command = runstate(&data.0);
        command.env("DATABASE_URL", url).env("RUNSTATE_LOCAL_ISSUER", "true");
        let refused = run(command.env("RUST_LOG", "trace"));
        assert!(!refused.status.success());
        let output = text(&refused.stderr) + &text(&refused.stdout);
        assert!(!output.contains("secret-word"), "{output}");
    }
}

#[test]
fn an_invalid_setting_is_named() {
    let data = Directory::new();
    for (name, value) in [
        ("RUNSTATE_LISTEN", "nonsense"),
        ("RUNSTATE_PERMISSIONS", "nonsense"),
        ("RUNSTATE_PUBLIC_URL", "nonsense"),
        ("RUNSTATE_LOCAL_ISSUER", "nonsense"),
        ("RUNSTATE_LOG_FORMAT", "nonsense"),
        ("RUNSTATE_HISTORY_DAYS", "nonsense"),
        ("RUNSTATE_ISSUERS", "/nonsense.json"),
        ("RUNSTATE_PART", "nonsense part"),
    ] {
        let refused = run(runstate(&data.0).env(name, value));
        assert!(!refused.status.success(), "{name}");
        let output = text(&refused.stderr);
        assert!(output.contains("nonsense"), "{name}: {output}");
    }
}

#[test]
fn a_part_without_a_file_of_all_parts_is_refused() {
    let data = Directory::new();
    let id = "7e570000-0000-4000-8000-000000000001";
    for tenants in [None, Some(id)] {
        let mut command = runstate(&data.0);
        command.env("RUNSTATE_PART", "part1").envs(tenants.map(|ids| ("RUNSTATE_TENANTS", ids)));
        let refused = run(&mut command);
        assert_eq!(refused.status.code(), Some(1));
        let log = text(&refused.stderr);
        let expected =
            "RUNSTATE_PART needs a file in RUNSTATE_TENANTS with the part of each tenant\n";
        assert!(log.ends_with(expected), "{log}");
    }
}

#[test]
fn a_part_that_no_tenant_has_is_refused_by_name() {
    let data = Directory::new();
    let file = data.0.join("tenants.map");
    fs::write(&file, "7e570000-0000-4000-8000-000000000001 part1\nfabrikam.example part2\n")
        .unwrap();
    // `part2` has a domain, but no tenant.
    for part in ["part", "part2"] {
        let mut command = runstate(&data.0);
        command.env("RUNSTATE_PART", part).env("RUNSTATE_TENANTS", &file);
        let refused = run(&mut command);
        assert_eq!(refused.status.code(), Some(1));
        let log = text(&refused.stderr);
        let expected = format!(
            "{} has no tenant of the part '{part}', so the server would serve nobody\n",
            file.display()
        );
        assert!(log.ends_with(&expected), "{log}");
    }
}

#[test]
fn days_that_are_no_class_of_retention_are_refused_with_the_classes() {
    let data = Directory::new();
    let refused = run(runstate(&data.0).args(["--history-days", "12"]));
    assert!(!refused.status.success());
    let output = text(&refused.stderr);
    assert!(output.contains("must be 0, 7, 30, 90, 365 or forever"), "{output}");
}

#[test]
fn the_server_raises_its_limit_of_open_files() {
    let data = Directory::new();
    let mut shell = configured(Command::new("sh"), &data.0);
    shell.args(["-c", "ulimit -S -n 200; exec \"$0\"", RUNSTATE]);
    let server = Server::of(shell);
    let address = server.url().split('/').nth(2).unwrap();
    let open = |_| {
        let mut socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        socket.write_all(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let mut reply = [0; 15];
        socket.read_exact(&mut reply).unwrap();
        assert_eq!(text(&reply), "HTTP/1.1 200 OK");
        socket
    };
    let sockets: Vec<TcpStream> = (0..300).map(open).collect();
    assert_eq!(sockets.len(), 300);
}
