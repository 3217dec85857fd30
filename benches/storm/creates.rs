//! Creates: compares the server with `pgbench` and with the plain handler. Each of them has its own
//! database with the same schema and scripts. With one connection there is one more comparison: the
//! plain handler on a bare table, without counters, so without what Runstate stores a state for.

use crate::Result;
use crate::database::Database;
use crate::load::Sample;
use crate::pgbench::insert;
use crate::report::{Table, Target};
use crate::request::{Kind, states};
use crate::server::Server;
use crate::setup::{CONNECTIONS, Setup};

const SCRIPTS: u32 = 1_000;

/// The compared programs. The third database is for `pgbench`, the fourth has the bare table.
struct Systems {
    server: Server,
    plain_handler: Server,
    bare_handler: Server,
    databases: [Database; 4],
}

/// The results of each program.
#[derive(Default)]
struct Samples {
    server: Sample,
    plain: Sample,
    pgbench: Sample,
    bare: Sample,
}

pub(crate) async fn measure(setup: &Setup<'_>) -> Result<Table> {
    let mut table = Table::new("creates");
    let systems = Systems::start(setup).await?;
    for (scripts, prefix) in [(SCRIPTS, "1,000 scripts"), (1, "1 script")] {
        let samples = systems.many_connections(setup, scripts).await?;
        let Samples { server, plain, pgbench, .. } = samples;
        let latency = |sample: &Sample, percent| sample.percentile(Kind::Create, percent);
        let median = latency(&plain, 50);
        for (label, measured, name, other, target) in [
            ("creates", server.rate(), "pgbench", pgbench.rate(), Target::AtLeast(1.0)),
            ("creates", server.rate(), "plain handler", plain.rate(), Target::AtLeast(4.0)),
            ("p99", latency(&server, 99), "plain handler's p50", median, Target::AtMost(1.0)),
            ("p99", latency(&server, 99), "plain handler", latency(&plain, 99), Target::None),
        ] {
            let label = format!("{prefix}, {CONNECTIONS} connections: {label}");
            table.compare(&label, measured, (name, other), target);
        }
    }
    let Samples { server, plain, bare, .. } = systems.one_connection(setup).await?;
    for (percent, target) in [(50, Target::AtMost(1.15)), (99, Target::None)] {
        let [server, plain, bare] =
            [&server, &plain, &bare].map(|it| it.percentile(Kind::Create, percent));
        let label = format!("1,000 scripts, 1 connection: p{percent}");
        table.compare(&label, server, ("plain handler, same tables and triggers", plain), target);
        table.compare(&label, server, ("plain handler, bare table", bare), Target::None);
    }
    Ok(table)
}

impl Systems {
    async fn start(setup: &Setup<'_>) -> Result<Self> {
        let mut databases = Vec::new();
        for name in ["server", "plain", "pgbench", "bare"] {
            let database = setup.cluster.database(name).await?;
            database.fill_scripts(1, SCRIPTS, 0).await?;
            databases.push(database);
        }
        let databases: [Database; 4] = databases.try_into().map_err(|_| "four databases")?;
        databases[3].make_bare().await?;
        let server = Server::start(&databases[0], setup.directory).await?;
        let plain_handler = Server::start_plain_handler(&databases[1], setup.directory).await?;
        let bare_handler = Server::start_plain_handler(&databases[3], setup.directory).await?;
        Ok(Self { server, plain_handler, bare_handler, databases })
    }

    async fn many_connections(&self, setup: &Setup<'_>, scripts: u32) -> Result<Samples> {
        let mut samples = Samples::default();
        let insert = insert(1, scripts, 0);
        for _ in 0..setup.preset.rounds {
            let states = || states(scripts, &setup.token);
            samples.server += setup.load(&self.server).run(states()).await?;
            samples.plain += setup.load(&self.plain_handler).run(states()).await?;
            let (database, time) = (&self.databases[2], setup.preset.duration);
            samples.pgbench += setup.pgbench.run(database, &insert, CONNECTIONS, time).await?;
        }
        self.check(&samples).await?;
        Ok(samples)
    }

    async fn one_connection(&self, setup: &Setup<'_>) -> Result<Samples> {
        let mut samples = Samples::default();
        for _ in 0..setup.preset.rounds {
            let states = || states(SCRIPTS, &setup.token);
            samples.server += setup.single_load(&self.server).run(states()).await?;
            samples.plain += setup.single_load(&self.plain_handler).run(states()).await?;
            samples.bare += setup.single_load(&self.bare_handler).run(states()).await?;
        }
        self.check(&samples).await?;
        Ok(samples)
    }

    /// Fails unless each database has the rows that were acknowledged, and correct counters if it
    /// counts.
    async fn check(&self, samples: &Samples) -> Result<()> {
        let Samples { server, plain, pgbench, bare } = samples;
        let [databases @ .., of_bare] = &self.databases;
        for (database, sample) in databases.iter().zip([server, plain, pgbench]) {
            database.expect(sample.created);
            database.check().await?;
        }
        of_bare.expect(bare.created);
        of_bare.check_rows().await
    }
}
