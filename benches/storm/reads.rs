//! Reads of one script with many states: compares a page with `pgbench` running one SQL statement for
//! the same JSON, and a page with its devices with one without. Measures counts and the run summary.

use crate::Result;
use crate::database::{BUSIEST, script, tenant};
use crate::devices;
use crate::load::Sample;
use crate::report::{Table, Target};
use crate::request::{Kind, Request, same, script_path};
use crate::server::Server;
use crate::setup::{CONNECTIONS, Setup};

const SCRIPTS: u32 = 1_000;
const STATES: u64 = 200_000;
/// The states refer to this many devices.
const DEVICES: u64 = 1_000;

/// Pages of 100 with their devices: label, expansion, and which part of the plain rate is wanted.
const EXPANDED: [(&str, &str, f64); 2] = [
    ("2 properties of", "managedDevice($select=deviceName,userPrincipalName)", 0.7),
    ("all properties of", "managedDevice", 0.4),
];

/// Reads that are not compared: label, and path after the script's path.
const OTHERS: [(&str, &str); 3] = [
    ("page of 100 with $count=true", "/deviceRunStates?$top=100&$count=true"),
    ("/$count", "/deviceRunStates/$count"),
    ("run summary", "/runSummary"),
];

pub(crate) async fn measure(setup: &Setup<'_>) -> Result<Table> {
    let mut table = Table::new("reads, 64 connections");
    let database = setup.cluster.database("reads").await?;
    database.fill_scripts(1, SCRIPTS, 0).await?;
    let server = Server::start(&database, setup.directory).await?;
    devices::create(setup, &server, DEVICES).await?;
    database.fill_states(STATES, SCRIPTS, DEVICES).await?;
    let path = script_path(BUSIEST);
    let get = |rest: &str| same(Request::get(&format!("{path}{rest}"), &setup.token));

    let (mut pages, mut pgbench) = (Sample::default(), Sample::default());
    for _ in 0..setup.preset.rounds {
        pages += setup.load(&server).run(get("/deviceRunStates?$top=100")).await?;
        pgbench +=
            setup.pgbench.run(&database, &page(), CONNECTIONS, setup.preset.duration).await?;
    }
    let other = ("pgbench", pgbench.rate());
    table.compare("page of 100", pages.rate(), other, Target::AtLeast(0.5));
    table.add("page of 100: p99", pages.percentile(Kind::Read, 99));
    for (name, expansion, target) in EXPANDED {
        let (mut expanded, mut plain) = (Sample::default(), Sample::default());
        let url = format!("/deviceRunStates?$top=100&$expand={expansion}");
        for _ in 0..setup.preset.rounds {
            expanded += setup.load(&server).run(get(&url)).await?;
            plain += setup.load(&server).run(get("/deviceRunStates?$top=100")).await?;
        }
        let label = format!("page of 100 with {name} the devices");
        let (target, other) = (Target::AtLeast(target), ("without devices", plain.rate()));
        table.compare(&label, expanded.rate(), other, target);
    }
    for (name, rest) in OTHERS {
        let sample = setup.load(&server).run(get(rest)).await?;
        table.add(name, sample.rate());
        table.add(&format!("{name}: p99"), sample.percentile(Kind::Read, 99));
    }
    database.check().await?;
    Ok(table)
}

/// A statement that returns the same page as JSON.
fn page() -> String {
    let (tenant, script) = (tenant(0), script(BUSIEST));
    format!(
        "SELECT json_agg(page) FROM (
             SELECT '#microsoft.graph.deviceManagementScriptDeviceState' AS \"@odata.type\", id,
                 run_state AS \"runState\", result_message AS \"resultMessage\",
                 date_time_offset(last_state_update, last_state_update_offset)
                     AS \"lastStateUpdateDateTime\",
                 error_code AS \"errorCode\", error_description AS \"errorDescription\"
             FROM device_state WHERE tenant_id = '{tenant}' AND script_id = '{script}'
             ORDER BY id LIMIT 100) AS page;"
    )
}
