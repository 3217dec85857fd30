//! History: what it costs to keep versions, what a page of them costs as they grow, and how much space
//! run states take that are reported again and again.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::Result;
use crate::load::{Load, Sample};
use crate::report::{Table, Target, Value};
use crate::reports::report;
use crate::request::{Kind, Request, SCRIPTS as SCRIPTS_PATH, states};
use crate::server::Server;
use crate::setup::Setup;

const SCRIPTS: u32 = 1_000;
/// The versions of each run state besides the current one.
const VERSIONS: u64 = 10;
const SMALL: u64 = 10_000;
/// So many different pages are read.
const PAGES: i64 = 1_000;

/// As after a year of reports: the partitions of all versions that are kept. Then each run state gets ten
/// older versions, one every eight days.
const VERSIONS_OF_STATES: &str = "
    SET session_replication_role = replica;
    DO $$
    DECLARE
        class record;
        starts timestamptz;
    BEGIN
        FOR class IN SELECT * FROM (VALUES (7, 'day', 8), (30, 'day', 31), (90, 'week', 14),
                                           (365, 'month', 13)) AS classes (days, width, number)
        LOOP
            FOR place IN 1..class.number LOOP
                starts = date_trunc(class.width, now()) - place * ('1 ' || class.width)::interval;
                EXECUTE format(
                    'CREATE TABLE %I PARTITION OF device_state_history '
                    'FOR VALUES FROM (%L, %L) TO (%2$L, %4$L)',
                    format('older_%s_%s', class.days, place), class.days, starts,
                    starts + ('1 ' || class.width)::interval);
            END LOOP;
        END LOOP;
    END $$;
    INSERT INTO device_state_history (
        tenant_id, script_id, id, last_state_update, valid_from, valid_to, run_state, error_code,
        version, last_state_update_offset, history_days, removed, result_message,
        error_description)
    SELECT tenant_id, script_id, id, last_state_update, now() - (11 - number) * interval '8 days',
           now() - (10 - number) * interval '8 days', run_state, error_code, number,
           last_state_update_offset, 90, false, result_message, error_description
    FROM device_state, generate_series(1, 10) AS number;
    UPDATE device_state
    SET version = 11, valid_from = now(), first_valid_from = now() - interval '80 days'";

pub(crate) async fn measure(setup: &Setup<'_>, versions: u64) -> Result<Table> {
    let mut table = Table::new(&format!("history: {versions} versions"));
    costs(setup, &mut table).await?;
    pages(setup, versions, &mut table).await?;
    space(setup, versions, &mut table).await?;
    Ok(table)
}

/// Creates, and reports with changes, with and without history.
async fn costs(setup: &Setup<'_>, table: &mut Table) -> Result<()> {
    let database = setup.cluster.database("costs").await?;
    database.fill_scripts(1, SCRIPTS, 0).await?;
    let mut servers = Vec::new();
    for days in ["90", "0"] {
        let variables = [("RUNSTATE_HISTORY_DAYS", days)];
        servers.push(Server::start_with(&database, setup.directory, &variables).await?);
    }
    let mut creates = [Sample::default(), Sample::default()];
    let mut changes = creates.clone();
    let mut devices = 0;
    for _ in 0..setup.preset.rounds {
        for (at, server) in servers.iter().enumerate() {
            creates[at] += setup.load(server).run(states(SCRIPTS, &setup.token)).await?;
        }
        for (at, server) in servers.iter().enumerate() {
            let known = devices;
            let first = || {
                devices += 1;
                Some(report(devices, 0, &setup.token))
            };
            setup.load(server).run(first).await?;
            let mut again = reports_again(known + 1..=devices, &setup.token);
            changes[at] += setup.load(server).run(|| again.next()).await?;
        }
    }
    database.expect(creates[0].created + creates[1].created + devices);
    database.check().await?;
    let kinds = [
        ("creates", creates, Target::AtLeast(0.97)),
        ("repeated reports with changes", changes, Target::None),
    ];
    for (label, [kept, not_kept], target) in kinds {
        table.compare(label, kept.rate(), ("without history", not_kept.rate()), target);
    }
    Ok(())
}

/// A page of the versions of a run state, among few and among many versions.
async fn pages(setup: &Setup<'_>, versions: u64, table: &mut Table) -> Result<()> {
    let mut servers = Vec::new();
    for (name, versions) in [("many", versions), ("few", SMALL)] {
        let database = setup.cluster.database(name).await?;
        let states = versions / VERSIONS;
        database.fill_scripts(1, SCRIPTS, 0).await?;
        database.fill_states(states, SCRIPTS, 0).await?;
        for statement in [VERSIONS_OF_STATES, "VACUUM ANALYZE", "CHECKPOINT"] {
            database.run(statement).await?;
        }
        let keys = database.some_states(PAGES).await?.into_iter();
        let page = |(script, id)| {
            let path = format!("{SCRIPTS_PATH}/{script}/deviceRunStates/{id}/history");
            Request::get(&path, &setup.token)
        };
        let pages: Vec<Request> = keys.map(page).collect();
        servers.push((Server::start(&database, setup.directory).await?, pages));
    }
    let mut samples = [Sample::default(), Sample::default()];
    for _ in 0..setup.preset.rounds {
        for ((server, pages), sample) in servers.iter().zip(&mut samples) {
            let mut pages = pages.iter().cycle().cloned();
            *sample += setup.single_load(server).run(|| pages.next()).await?;
        }
    }
    let [many, few] = samples.map(|sample| sample.percentile(Kind::Read, 50));
    let few = (&*format!("{SMALL} versions"), few);
    table.compare("page of 11 versions: p50", many, few, Target::AtMost(1.25));
    Ok(())
}

/// The space of run states that were reported ten times more, with autovacuum at work.
async fn space(setup: &Setup<'_>, reports: u64, table: &mut Table) -> Result<()> {
    let database = setup.cluster.database("space").await?;
    let devices = reports / VERSIONS;
    database.fill_scripts(1, SCRIPTS, 0).await?;
    let server = Server::start(&database, setup.directory).await?;
    let forever = Load { time: Duration::from_secs(24 * 3600), ..setup.load(&server) };
    let mut first = (1..=devices).map(|device| report(device, 0, &setup.token));
    forever.run(|| first.next()).await?;
    let before = database.sizes().await?;
    let mut again = reports_again(1..=devices, &setup.token).take(usize::try_from(reports)?);
    forever.run(|| again.next()).await?;
    for ((relation, after), (_, before)) in database.sizes().await?.into_iter().zip(before) {
        let (after, before) = (Value::Mebibytes(mebibytes(after)), mebibytes(before));
        let before = ("before", Value::Mebibytes(before));
        table.compare(&format!("{relation} after {reports} reports"), after, before, Target::None);
    }
    database.expect(devices);
    database.check().await
}

/// Endless passes over devices, each of which reports in each pass.
fn reports_again(devices: RangeInclusive<u64>, token: &str) -> impl Iterator<Item = Request> {
    let passes = (1..).flat_map(move |pass| devices.clone().map(move |it| (it, pass)));
    passes.map(move |(device, pass)| report(device, pass, token))
}

fn mebibytes(bytes: i64) -> f64 {
    bytes as f64 / 1024.0 / 1024.0
}
