//! The console in a browser, with an empty cache: what its first view takes, how soon the failures of a script
//! with a million states or more are in groups, and what a page costs that stays open.

mod open_page;
mod visit;

use sqlx::query;

use self::visit::Visit;
use crate::Result;
use crate::database::{BUSIEST, Database, script, tenant};
use crate::devices;
use crate::driver::Driver;
use crate::report::{Table, Target, Value, progress};
use crate::server::Server;
use crate::setup::Setup;

/// The states of the busiest script, unless the command line says another number.
pub(crate) const STATES: u64 = 1_000_000;

const SCRIPTS: u32 = 24;
const DEVICES: u64 = 1_000;
/// The number of states for one INSERT.
const CHUNK: u64 = 1_000_000;
/// One of so many states is a failure.
const FAILURES: u64 = 33;

/// States of three days; one of 33 fails, for one of twenty causes.
const FILL: &str = "
    INSERT INTO device_state (tenant_id, script_id, id, managed_device_id, last_state_update,
                              last_state_update_offset, run_state, error_code, result_message,
                              error_description)
    SELECT $1, $2, 'state-' || number, 'device-' || number % $3,
           621355968000000000 + (extract(epoch FROM now())::bigint - number % 259200) * 10000000, 0,
           CASE WHEN number % 33 = 0 THEN 'fail' ELSE 'success' END::run_state,
           CASE WHEN number % 33 = 0 THEN 1 ELSE 0 END,
           CASE WHEN number % 33 = 0
                THEN repeat('Checked the volume. ', 20) || E'\\nBackup-Key : Cause '
                     || chr(65 + (number / 33 % 20)::int) || ' of {' || md5(number::text)::uuid
                     || E'} failed\\nAt C:\\\\Scripts\\\\' || number || '.ps1:48 char:9'
                ELSE 'done' END,
           ''
    FROM generate_series($4::bigint + 1, $5) AS number";

pub(crate) async fn measure(setup: &Setup<'_>, states: u64) -> Result<Table> {
    let mut table = Table::new(&format!("console, one tab, {states} states of a script: medians"));
    let database = setup.cluster.database("console").await?;
    database.fill_scripts(1, SCRIPTS, 0).await?;
    let server = Server::start(&database, setup.directory).await?;
    devices::create(setup, &server, DEVICES).await?;
    fill(&database, states).await?;
    let driver = Driver::start(setup.directory);
    let driver = driver.ok_or("no chromedriver (apt-get install chromium chromium-driver)")?;
    let mut visits = Vec::new();
    // The first visit also starts the connections of the server.
    for round in 0..=setup.preset.rounds {
        let browser = driver.session().await;
        let visit = visit::visit(setup, &server, &browser).await;
        browser.quit().await;
        let visit = visit?;
        if round > 0 {
            visits.push(visit);
        }
    }
    compare(&mut table, &visits, states);
    let browser = driver.session().await;
    let measured = open_page::measure(setup, &server, &database, &browser, &mut table).await;
    browser.quit().await;
    measured.map(|()| table)
}

/// Adds the medians of the visits, each with its goal.
fn compare(table: &mut Table, visits: &[Visit], states: u64) {
    let failures = states / FAILURES;
    let groups = format!("all groups of {} failures", failures.min(visit::MOST_FAILURES));
    type Figure<'a> = (&'a str, fn(&Visit) -> f64, fn(f64) -> Value, f64);
    let figures: [Figure<'_>; 8] = [
        ("first view usable", |it| it.first_view, Value::Milliseconds, 500.0),
        ("requests of the first view", |it| it.requests, Value::Count, 30.0),
        ("files of the first view, gzip", |it| it.bytes, Value::Bytes, 60_000.0),
        ("slowest next view, beyond its requests", |it| it.beyond, Value::Milliseconds, 100.0),
        ("first groups of failures", |it| it.groups, Value::Milliseconds, 500.0),
        (&groups, |it| it.all_groups, Value::Milliseconds, 5_000.0),
        ("page of a device", |it| it.device, Value::Milliseconds, 500.0),
        ("memory of the page after 100,000 rows", |it| it.memory, Value::Mebibytes, 150.0),
    ];
    for (name, figure, unit, goal) in figures {
        let mut all: Vec<f64> = visits.iter().map(figure).collect();
        all.sort_by(f64::total_cmp);
        let median = all.get(all.len() / 2).copied().unwrap_or(f64::NAN);
        table.compare(name, unit(median), ("goal", unit(goal)), Target::AtMost(1.0));
    }
}

async fn fill(database: &Database, states: u64) -> Result<()> {
    let mut connection = database.filling().await?;
    for first in (0..states).step_by(usize::try_from(CHUNK)?) {
        let end = states.min(first + CHUNK);
        let insert = query(FILL).bind(tenant(0)).bind(script(BUSIEST));
        let insert = insert.bind(i64::try_from(DEVICES)?);
        let insert = insert.bind(i64::try_from(first)?).bind(i64::try_from(end)?);
        insert.execute(&mut connection).await?;
        progress(&format!("inserted {end} of {states} states"));
    }
    database.filled(connection).await
}
