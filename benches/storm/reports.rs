//! Reports: the same devices report again and again with one idempotent call, compared with creates on
//! the same server.

use crate::Result;
use crate::load::Sample;
use crate::report::{Table, Target};
use crate::request::{Kind, Request, script_path, states};
use crate::server::Server;
use crate::setup::Setup;

const SCRIPTS: u32 = 1_000;
/// Of so many reports with changes, one has another run state. The others have another time only.
const CHANGES_OF_TIME: u64 = 10;

/// The results of each kind of request.
#[derive(Default)]
struct Samples {
    creates: Sample,
    first: Sample,
    changed: Sample,
    unchanged: Sample,
}

pub(crate) async fn measure(setup: &Setup<'_>) -> Result<Table> {
    let database = setup.cluster.database("reports").await?;
    database.fill_scripts(1, SCRIPTS, 0).await?;
    let server = Server::start(&database, setup.directory).await?;
    let load = setup.load(&server);
    let (token, mut samples, mut devices) = (&setup.token, Samples::default(), 0);
    for _ in 0..setup.preset.rounds {
        samples.creates += load.run(states(SCRIPTS, token)).await?;
        let known = devices;
        let first = || {
            devices += 1;
            Some(report(devices, 0, token))
        };
        samples.first += load.run(first).await?;
        let mut new = (known + 1..=devices).cycle();
        let unchanged = || new.next().map(|device| report(device, 0, token));
        samples.unchanged += load.run(unchanged).await?;
        let mut passes = (1..).flat_map(|pass| (known + 1..=devices).map(move |it| (it, pass)));
        let changed = || passes.next().map(|(device, pass)| report(device, pass, token));
        samples.changed += load.run(changed).await?;
    }
    database.expect(samples.creates.created + devices);
    database.check().await?;
    Ok(samples.table())
}

/// The report of a device in a pass over all devices. The first pass has number 0.
pub(crate) fn report(device: u64, pass: u64, token: &str) -> Request {
    // A device has the same run state in all passes but one of twenty, so it changes in two of them.
    let is_failure = (device + pass).is_multiple_of(2 * CHANGES_OF_TIME) && pass > 0;
    let run_state = if is_failure { "fail" } else { "success" };
    let script = u32::try_from(device % u64::from(SCRIPTS)).unwrap_or_default();
    let path = format!("{}/deviceRunStates/device-{device}", script_path(script));
    Request::report(&path, token, run_state, pass)
}

impl Samples {
    fn table(&self) -> Table {
        let mut table = Table::new("reports, 1,000 scripts, 64 connections");
        let kinds = [
            ("first reports", &self.first, 0.9),
            ("repeated reports with changes", &self.changed, 0.8),
            ("repeated reports without changes", &self.unchanged, 1.0),
        ];
        for (label, sample, target) in kinds {
            let creates = ("creates", self.creates.rate());
            table.compare(label, sample.rate(), creates, Target::AtLeast(target));
        }
        for (label, sample, _) in kinds {
            let creates = ("creates", self.creates.percentile(Kind::Create, 99));
            let latency = sample.percentile(Kind::Report, 99);
            table.compare(&format!("{label}: p99"), latency, creates, Target::None);
        }
        table
    }
}
