//! Reads of one busy script: a page beside the same JSON made by one statement of pgbench's, and what
//! is asked besides while states pile up.

use crate::Result;
use crate::database::{BUSIEST, script, tenant};
use crate::load::Sample;
use crate::report::{Table, Target};
use crate::request::{Kind, Request, same, script_path};
use crate::server::Server;
use crate::yard::{MANY, Yard};

const SCRIPTS: u32 = 1_000;
const STATES: u64 = 200_000;

/// What is read besides the page, each at the end of the script's path.
const OTHERS: [(&str, &str); 3] = [
    ("page of 100 with $count=true", "/deviceRunStates?$top=100&$count=true"),
    ("/$count", "/deviceRunStates/$count"),
    ("run summary", "/runSummary"),
];

pub(crate) async fn measure(yard: &Yard<'_>) -> Result<Table> {
    let mut table = Table::new("reads, 64 connections");
    let database = yard.cluster.database("reads").await?;
    database.fill_scripts(1, SCRIPTS, 0).await?;
    database.fill_states(STATES, SCRIPTS, 0).await?;
    let server = Server::start(&database, yard.place).await?;
    let path = script_path(BUSIEST);
    let get = |rest: &str| same(Request::get(&format!("{path}{rest}"), &yard.token));

    let (mut pages, mut pgbench) = (Sample::default(), Sample::default());
    for _ in 0..yard.pace.rounds {
        pages += yard.many(&server).run(get("/deviceRunStates?$top=100")).await?;
        pgbench += yard.pgbench.run(&database, &page(), MANY, yard.pace.turn).await?;
    }
    let beside = ("pgbench", pgbench.rate());
    table.compare("page of 100", pages.rate(), beside, Target::AtLeast(0.5));
    table.add("page of 100: p99", pages.percentile(Kind::Read, 99));
    for (name, rest) in OTHERS {
        let sample = yard.many(&server).run(get(rest)).await?;
        table.add(name, sample.rate());
        table.add(&format!("{name}: p99"), sample.percentile(Kind::Read, 99));
    }
    database.check().await?;
    Ok(table)
}

/// The same page as JSON, in one statement.
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
