//! Many tenants with several scripts each, and one script with a hundred times the states of the
//! others: the planner of the database must not take the tenant and the script of a row for
//! independent. Compares with a database of one tenant.

use crate::Result;
use crate::database::{BUSIEST, Database};
use crate::load::Sample;
use crate::report::{Table, Target};
use crate::request::{Kind, Request, same, script_path, states};
use crate::server::Server;
use crate::setup::Setup;

const TENANTS: u32 = 50;
const SCRIPTS: u32 = 10;
/// The states of each script.
const STATES: u64 = 2_000;
/// The busiest script has so many more.
const MORE: u64 = 200_000;

/// Adds pages and creates among many tenants, with one connection.
pub(crate) async fn add(setup: &Setup<'_>, table: &mut Table) -> Result<()> {
    let many = filled(setup, "many", TENANTS).await?;
    let one = filled(setup, "one", 1).await?;
    let servers =
        [Server::start(&many, setup.directory).await?, Server::start(&one, setup.directory).await?];
    let page = |number| {
        let path = format!("{}/deviceRunStates?$top=100", script_path(number));
        Request::get(&path, &setup.token)
    };
    let (large, small) = (page(BUSIEST), page(SCRIPTS - 1));
    let mut samples: [[Sample; 2]; 3] = Default::default();
    for _ in 0..setup.preset.rounds {
        for (at, server) in servers.iter().enumerate() {
            let load = setup.single_load(server);
            samples[0][at] += load.run(same(large.clone())).await?;
            samples[1][at] += load.run(same(small.clone())).await?;
            samples[2][at] += load.run(states(SCRIPTS, &setup.token)).await?;
        }
    }
    for (database, created) in [&many, &one].into_iter().zip(&samples[2]) {
        database.expect(created.created);
        database.check().await?;
    }
    let labels = [
        ("page of 100 of a script of 202,000 states", Kind::Read),
        ("page of 100 of a script of 2,000 states", Kind::Read),
        ("create", Kind::Create),
    ];
    for ((label, kind), samples) in labels.into_iter().zip(&samples) {
        let [many, one] = samples.each_ref().map(|sample| sample.percentile(kind, 50));
        let label = format!("{TENANTS} tenants: {label}");
        table.compare(&label, many, ("1 tenant", one), Target::AtMost(1.25));
    }
    Ok(())
}

async fn filled(setup: &Setup<'_>, name: &str, tenants: u32) -> Result<Database> {
    let database = setup.cluster.database(name).await?;
    database.fill_scripts(tenants, SCRIPTS, 0).await?;
    database.fill_tenants(tenants, SCRIPTS, STATES, MORE).await?;
    Ok(database)
}
