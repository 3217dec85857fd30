//! What `runstate doctor` says of replication: of a primary, of a standby, and of a consumer of the log
//! that is away.

use std::path::Path;
use std::time::Duration;

use crate::replicated::Replicated;
use crate::system::{Scratch, eventually};

/// How long the standby may take to follow, on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Runs a command on a database. Returns its output.
async fn output(place: &Path, database: &str, command: &str) -> String {
    let mut program = tokio::process::Command::new(env!("CARGO_BIN_EXE_runstate"));
    let program = program.arg(command).env("DATABASE_URL", database).env_remove("RUNSTATE_ISSUERS");
    let program = program.env("RUNSTATE_DATA_DIR", place).env("RUNSTATE_LISTEN", "127.0.0.1:0");
    let program = program.env("RUNSTATE_LOCAL_ISSUER", "true");
    String::from_utf8(program.output().await.unwrap().stdout).unwrap()
}

/// The line of a check, with what to do on the next one.
fn line_of(report: &str, check: &str) -> String {
    let name = format!("  {check:20}  ");
    let mut lines = report.lines().skip_while(|line| !line.contains(&name));
    let line = lines.next().unwrap_or_else(|| panic!("no {check} in {report}"));
    let (status, text) = line.split_once(&name).unwrap();
    let advice = lines.next().and_then(|next| next.trim_start().strip_prefix("-> "));
    let advice = advice.map(|advice| format!(" -> {advice}"));
    format!("{}: {text}{}", status.trim(), advice.unwrap_or_default())
}

#[tokio::test]
async fn the_doctor_tells_a_primary_from_a_standby() {
    let Some(database) = Replicated::start().await else { return };
    let scratch = Scratch::new();
    let [primary, standby] = [database.primary.url(), database.standby.url()];
    output(&scratch.0, &primary, "migrate").await;
    let report = output(&scratch.0, &primary, "doctor").await;
    assert_eq!(line_of(&report, "replication"), "ok: a primary; standbys: 1, synchronous: 1");
    let schema = line_of(&report, "schema");
    assert!(schema.starts_with("ok: it has all "), "{schema}");

    eventually("the standby has the schema", TIMEOUT, async || {
        line_of(&output(&scratch.0, &standby, "doctor").await, "schema") == schema
    })
    .await;
    let report = output(&scratch.0, &standby, "doctor").await;
    let found = line_of(&report, "replication");
    let (text, age) = found.split_once("whose last change is ").unwrap();
    let (age, rest) = age.split_once(" old").unwrap();
    let (number, unit) = age.split_once(' ').unwrap();
    assert!(number.parse::<u64>().is_ok() && ["s", "minutes"].contains(&unit), "{found}");
    assert_eq!(text, "warn: a standby, ");
    let rest_of_line = ": writes are refused -> Name the primary, or both hosts, in DATABASE_URL, \
                        unless clients only read.";
    assert_eq!(rest, rest_of_line);
    assert_eq!(line_of(&report, "replication slots"), "ok: not in use: 0");
    // Each other check works on a standby as well.
    assert!(!report.contains("the database refuses"), "{report}");
    let failed = report.lines().filter(|line| line.starts_with("fail  "));
    // How full the disk is, is this machine's own.
    let failed: Vec<&str> = failed.filter(|line| !line.contains("the disk is full")).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

#[tokio::test]
async fn a_replication_slot_whose_consumer_is_away_is_found_when_it_keeps_much_log() {
    let Some(mut database) = Replicated::start().await else { return };
    let scratch = Scratch::new();
    database.primary.run("SELECT pg_create_physical_replication_slot('away', true)").await;
    let report = output(&scratch.0, &database.primary.url(), "doctor").await;
    assert_eq!(line_of(&report, "replication slots"), "ok: not in use: 1");
    // The log begins below 0/10000000, and goes on at 5/0: 20 GB later.
    database.move_log("000000010000000500000000").await;
    let report = output(&scratch.0, &database.primary.url(), "doctor").await;
    let expected = "warn: away is not in use, and keeps 20 GB of log -> Start its consumer, or remove \
                    it: SELECT pg_drop_replication_slot('…')";
    assert_eq!(line_of(&report, "replication slots"), expected);
    let waits = "fail: synchronous_standby_names is set, and no such standby is connected: writes wait \
                 -> Start the standby, or empty synchronous_standby_names and reload.";
    assert_eq!(line_of(&report, "replication"), waits);
}
