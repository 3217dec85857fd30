//! Creates and lists at the same time, as when an operator watches while devices report: how much
//! each slows the other down.

use crate::Result;
use crate::database::BUSIEST;
use crate::devices;
use crate::load::Sample;
use crate::report::{Table, Target};
use crate::request::{Kind, Request, one_of_ten, same, script_path, states};
use crate::server::Server;
use crate::setup::Setup;

const SCRIPTS: u32 = 1_000;
const STATES: u64 = 100_000;
/// The states refer to this many devices.
const DEVICES: u64 = 200;

pub(crate) async fn measure(setup: &Setup<'_>) -> Result<Table> {
    let mut table = Table::new("nine creates to one list, 64 connections");
    let database = setup.cluster.database("mixed").await?;
    database.fill_scripts(1, SCRIPTS, 0).await?;
    let server = Server::start(&database, setup.directory).await?;
    devices::create(setup, &server, DEVICES).await?;
    database.fill_states(STATES, SCRIPTS, DEVICES).await?;

    let path = format!("{}/deviceRunStates?$top=100&$expand=managedDevice", script_path(BUSIEST));
    let creates = || states(SCRIPTS, &setup.token);
    let lists = || same(Request::get(&path, &setup.token));
    let [mut both, mut creates_alone, mut lists_alone] = [(); 3].map(|()| Sample::default());
    for _ in 0..setup.preset.rounds {
        both += setup.load(&server).run(one_of_ten(creates(), lists())).await?;
        creates_alone += setup.load(&server).run(creates()).await?;
        lists_alone += setup.load(&server).run(lists()).await?;
    }
    database.expect(both.created + creates_alone.created);
    database.check().await?;

    let other = ("creates alone", creates_alone.rate());
    table.compare("requests", both.rate(), other, Target::None);
    table.add("lists alone", lists_alone.rate());
    let alone = [("create", Kind::Create, &creates_alone), ("list", Kind::Read, &lists_alone)];
    for (name, kind, alone) in alone {
        for percent in [50, 99] {
            let [both, alone] = [&both, alone].map(|sample| sample.percentile(kind, percent));
            table.compare(&format!("{name}: p{percent}"), both, ("alone", alone), Target::None);
        }
    }
    Ok(table)
}
