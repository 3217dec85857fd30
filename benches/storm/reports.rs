//! Reports: the same devices report again and again with one idempotent call, compared with creates on
//! the same server.

use crate::Result;
use crate::database::Database;
use crate::load::Sample;
use crate::report::{Table, Target};
use crate::request::{Kind, Request, script_path, states};
use crate::server::Server;
use crate::setup::{CONNECTIONS, Setup};

const SCRIPTS: u32 = 1_000;

pub(crate) async fn measure(setup: &Setup<'_>) -> Result<Table> {
    let database = setup.cluster.database("reports").await?;
    database.fill_scripts(1, SCRIPTS, 0).await?;
    let server = Server::start(&database, setup.directory).await?;
    let (mut creates, mut first, mut again) =
        (Sample::default(), Sample::default(), Sample::default());
    let mut devices = 0;
    for _ in 0..setup.preset.rounds {
        let load = setup.load(&server);
        creates += load.run(states(SCRIPTS, &setup.token)).await?;
        let known = devices;
        first += load.run(first_reports(&mut devices, &setup.token)).await?;
        again += load.run(repeated_reports(known..devices, &setup.token)).await?;
    }
    check(&database, creates.created + devices).await?;

    let mut table = Table::new("reports, 1,000 scripts, 64 connections");
    debug_assert_eq!(CONNECTIONS, 64, "the title says so");
    for (label, sample, target) in [
        ("first reports", &first, Target::None),
        ("repeated reports", &again, Target::AtLeast(0.8)),
    ] {
        table.compare(label, sample.rate(), ("creates", creates.rate()), target);
    }
    for (label, sample) in [("first reports", &first), ("repeated reports", &again)] {
        let [own, other] = [(sample, Kind::Report), (&creates, Kind::Create)]
            .map(|(sample, kind)| sample.percentile(kind, 99));
        table.compare(&format!("{label}: p99"), own, ("creates", other), Target::None);
    }
    Ok(table)
}

/// Endless first reports of new devices, each for one script.
fn first_reports(devices: &mut u64, token: &str) -> impl FnMut() -> Option<Request> {
    move || {
        *devices += 1;
        Some(report(*devices, "success", token))
    }
}

/// Endless reports of devices that have reported before. Each device changes its run state in every
/// round.
fn repeated_reports(known: std::ops::Range<u64>, token: &str) -> impl FnMut() -> Option<Request> {
    let mut count = 0;
    let length = known.end - known.start;
    move || {
        // A prime number, so that neighbours do not follow each other.
        let device = known.start + 1 + (count * 7919) % length;
        let run_state = if (count / length).is_multiple_of(2) { "fail" } else { "success" };
        count += 1;
        Some(report(device, run_state, token))
    }
}

fn report(device: u64, run_state: &str, token: &str) -> Request {
    let script = u32::try_from(device % u64::from(SCRIPTS)).unwrap_or_default();
    let path = format!("{}/deviceRunStates/device-{device}", script_path(script));
    Request::report(&path, token, run_state)
}

/// Fails unless the database has the rows that were acknowledged, and right counters.
async fn check(database: &Database, rows: u64) -> Result<()> {
    database.expect(rows);
    database.check().await
}
