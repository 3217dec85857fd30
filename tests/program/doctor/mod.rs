//! Does `runstate doctor` find what is wrong, say what to do, and keep secrets to itself?

mod database;
mod installation;
mod tenants;

use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

use crate::process::{Directory, Server, run, runstate, text};

/// A server with its own database, at a known address.
struct World {
    // Dropped in this order: the directory goes when nothing runs in it.
    server: Server,
    data: Directory,
}

impl World {
    fn new() -> Self {
        let data = Directory::new();
        let mut program = runstate(&data.0);
        program.env("RUNSTATE_TLS_LISTEN", "off").env("RUNSTATE_METRICS_LISTEN", "off");
        let server = Server::of(program);
        assert!(server.paste().starts_with("HTTP/1.1 201 Created"));
        Self { data, server }
    }

    fn doctor(&self) -> Command {
        let mut command = doctor(&self.data.0);
        command.env("RUNSTATE_LISTEN", self.server.http.strip_prefix("http://").unwrap());
        command
    }
}

fn doctor(data: &Path) -> Command {
    let mut command = runstate(data);
    command.arg("doctor").env("RUNSTATE_TLS_LISTEN", "off").env("RUNSTATE_METRICS_LISTEN", "off");
    command
}

/// The lines of a report, each with its status, its check, and what to do.
fn lines(command: &mut Command) -> (Option<i32>, Vec<String>) {
    let output = run(command.arg("--json"));
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    let part = |check: &Json, name: &str| check[name].as_str().map(str::to_owned);
    let checks = report["checks"].as_array().unwrap().iter().map(|check| {
        let [status, name, text] = ["status", "check", "text"].map(|it| part(check, it).unwrap());
        let advice = part(check, "advice").map(|advice| format!(" -> {advice}"));
        format!("{status} {name}: {text}{}", advice.unwrap_or_default())
    });
    (output.status.code(), checks.collect())
}

fn assert_has(lines: &[String], expected: &[&str]) {
    for line in expected {
        assert!(lines.iter().any(|it| it == line), "{line}\nis not in\n{lines:#?}");
    }
}

fn worse_than_ok(lines: &[String]) -> Vec<&String> {
    lines.iter().filter(|line| !line.starts_with("ok ")).collect()
}

#[test]
fn a_healthy_installation_has_nothing_to_do_and_its_report_is_one_page() {
    let world = World::new();
    let output = run(&mut world.doctor());
    let report = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{report}");
    let listen = world.server.http.strip_prefix("http://").unwrap();
    let data = world.data.0.display();
    let mut shown = report.lines();
    assert!(shown.next().unwrap().starts_with("Runstate 0."), "{report}");
    for (line, expected) in shown.zip([
        String::new(),
        "ok    program               Runstate ".into(),
        format!("ok    server                answers on {listen}, and is ready"),
        "ok    open files            ".into(),
    ]) {
        assert!(line.starts_with(&expected), "{line}");
    }
    for line in [
        format!("ok    addresses             HTTP on {listen}, HTTPS off, metrics off"),
        "ok    local issuer          trusted; its key in ".into(),
        "ok    issuers               0 are configured, with 0 keys".into(),
        "ok    encryption            the connection stays on this machine".into(),
        "ok    rights                runstate owns the schema, and serves as runstate_server"
            .into(),
        "ok    version               PostgreSQL ".into(),
        "ok    durability            fsync and full_page_writes are on; synchronous_commit is on, \
         and on for the server"
            .into(),
        "ok    replication           a primary; standbys: 0, synchronous: 0".into(),
        "ok    counters              the counters of 1 scripts match their 1 run states; --all-counters \
         counts all"
            .into(),
        "ok    retention             no partition of the history is overdue".into(),
        format!("      RUNSTATE_LISTEN                   {listen} (environment)"),
        format!("      RUNSTATE_DATA_DIR                 {data} (environment)"),
        "      RUNSTATE_HISTORY_DAYS             90 (default)".into(),
        "      DATABASE_URL                      not set (default)".into(),
    ] {
        assert!(report.contains(&format!("\n{line}")), "{line}\nis not in\n{report}");
    }
    let (code, found) = lines(world.doctor().args(["--all-counters", "--strict"]));
    // How full the disk is, and the limit of open files, are this machine's own.
    let own = |line: &&&String| {
        !["data directory", "disk", "open files"].iter().any(|it| line.contains(it))
    };
    assert_eq!(worse_than_ok(&found).iter().filter(own).count(), 0, "{found:#?}");
    assert_has(&found, &["ok counters: every counter matches the rows"]);
    assert!(code == Some(0) || worse_than_ok(&found).iter().any(|it| it.starts_with("warn")));
}

#[test]
fn a_database_that_nobody_runs_is_started_and_stopped_again() {
    let data = Directory::new();
    let none = format!(
        "fail connection: cannot be examined: there is no database in {}. Set RUNSTATE_DATA_DIR or \
         DATABASE_URL. -> Look for this text in docs/operations/troubleshooting.md.",
        data.0.display()
    );
    assert_has(&lines(&mut doctor(&data.0)).1, &[&none]);
    assert!(run(runstate(&data.0).arg("migrate")).status.success());
    for _ in 0..2 {
        let (code, found) = lines(&mut doctor(&data.0));
        assert_eq!(code, Some(0), "{found:#?}");
        let unknown =
            "skip server: RUNSTATE_LISTEN has the port 0, so the port of a server is not known";
        assert_has(
            &found,
            &[
                unknown,
                "ok clock: the clocks of the database and of this machine differ by \
                 less than 2 s",
            ],
        );
        assert!(!data.0.join("postgres/data/postmaster.pid").exists());
    }
}
