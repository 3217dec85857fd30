//! What is moved, and what is there when the move is killed.

use std::fs;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use super::{Programs, major, refusal};
use crate::process::{Directory, Server, run, text};

/// When an upgrade is killed, in milliseconds after its start. All of it takes a few seconds.
const KILLS: [u64; 7] = [50, 400, 800, 1200, 1800, 2400, 3200];

#[tokio::test]
async fn everything_is_moved_and_the_old_cluster_is_kept() {
    let Some(programs) = Programs::find() else { return };
    let (old, new) = (programs.old.major, programs.new.major);
    let (folder, curl, http) = programs.world();
    let data = folder.0.as_path();
    let output = run(programs.runstate(data).arg("upgrade-cluster"));
    let shown = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let directory = fs::canonicalize(data.join("postgres")).unwrap();
    let directory = directory.display();
    assert!(shown.starts_with(&format!("PostgreSQL {old} to {new}: {directory}\n")), "{shown}");
    assert!(shown.contains("\ndevice_state: 1 rows, the same\n"), "{shown}");
    let end = format!(
        "\nThe database is of PostgreSQL {new} now.\nThe old one is in \
         {directory}/data.postgresql-{old}: remove it when the server has run well.\n"
    );
    assert!(shown.ends_with(&end), "{shown}");
    assert_eq!(major(data), new.to_string());
    assert!(!data.join("upgrade-cluster.tar").exists());

    let server = Server::of(programs.runstate(data));
    assert_eq!(server.count().await, "1");
    // The old command has the script and the token of the old database.
    let reply = run(Command::new("sh").args(["-c", &curl.replace(&http, &server.http)]));
    assert!(reply.stdout.starts_with(b"HTTP/1.1 201 Created"), "{}", text(&reply.stdout));
    let mut again = programs.runstate(data);
    again.arg("upgrade-cluster");
    let in_use = refusal(again);
    assert!(in_use.contains("is in use by another server"), "{in_use}");
    drop(server);
    let mut again = programs.runstate(data);
    again.args(["upgrade-cluster", "--to", &old.to_string()]);
    let refused = refusal(again);
    let expected = format!("the database is of PostgreSQL {new}, and {old} is not newer (found: ");
    assert!(refused.contains(&expected), "{refused}");
}

#[tokio::test]
async fn an_upgrade_that_is_killed_anywhere_leaves_the_old_cluster_or_the_new_one() {
    let Some(programs) = Programs::find() else { return };
    let (folder, ..) = programs.world();
    let data = folder.0.as_path();
    for time in KILLS {
        let mut upgrade = programs.runstate(data).arg("upgrade-cluster").spawn().unwrap();
        sleep(Duration::from_millis(time));
        upgrade.kill().unwrap();
        let is_done = upgrade.wait().unwrap().success();
        let server = Server::of(programs.runstate(data));
        assert_eq!(server.count().await, "1", "{time} ms");
        server.signal("-TERM");
        drop(server);
        if is_done || major(data) == programs.new.major.to_string() {
            break;
        }
    }
    if major(data) == programs.old.major.to_string() {
        let output = run(programs.runstate(data).arg("upgrade-cluster"));
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    assert_eq!(major(data), programs.new.major.to_string());
    let clusters = fs::read_dir(data.join("postgres")).unwrap();
    let clusters = clusters.filter(|it| it.as_ref().unwrap().path().is_dir()).count();
    assert_eq!(clusters, 2, "the new cluster and the old one");
}

/// The program with the test twin, or its command line for that of a server.
fn with_twin(mut command: Command, url: &str) -> Command {
    command.env("RUNSTATE_TWIN", "true").env("RUNSTATE_TWIN_SECRET", "a secret of the tests");
    command.env("RUNSTATE_TWIN_URL", url);
    command
}

#[test]
fn the_tenants_and_snapshots_of_a_test_twin_are_moved() {
    let Some(programs) = Programs::find() else { return };
    let folder = Directory::new();
    let data = folder.0.as_path();
    let mut server = Server::of(with_twin(programs.runstate(data), ""));
    let twin = |server: &Server, arguments: &[&str]| {
        let mut command = with_twin(programs.runstate(data), &server.http);
        let output = run(command.args(["twin", "--json"]).args(arguments));
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let clock = ["--now", "2026-01-01T00:00:00Z", "--rate", "0"];
    twin(
        &server,
        &[&["create", "--id", "t1", "--from", "fixture:intune-small"], &clock[..]].concat(),
    );
    twin(&server, &["snapshot", "t1", "base"]);
    twin(&server, &["create", "--id", "t2", "--from", "base"]);
    let before = twin(&server, &["list"]);
    server.signal("-TERM");
    server.child.wait().unwrap();
    let output = run(programs.runstate(data).arg("upgrade-cluster"));
    assert!(output.status.success(), "{}", text(&output.stderr));
    // Two tenants, the snapshot, and what the first tenant began with.
    assert!(text(&output.stdout).contains("\ntwin_tenant: 4 rows\n"), "{}", text(&output.stdout));
    assert_eq!(major(data), programs.new.major.to_string());

    let server = Server::of(with_twin(programs.runstate(data), ""));
    assert_eq!(without_urls(&twin(&server, &["list"])), without_urls(&before));
    twin(&server, &["create", "--id", "t3", "--from", "base"]);
    for tenant in ["t1", "t2", "t3"] {
        twin(&server, &["reset", tenant]);
    }
    twin(&server, &["delete", "--all"]);
}

/// A list of tenants without the address of its server.
fn without_urls(list: &str) -> String {
    let parts = list.split("\"graph\":\"");
    parts.map(|part| part.split_once('"').map_or(part, |(_, rest)| rest)).collect()
}
