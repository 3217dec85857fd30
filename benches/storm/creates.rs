//! Creates: the server beside what the database does without one, and beside the plain rival. Each
//! of the three writes to a database of its own, with the same schema and scripts.

use crate::Result;
use crate::database::Database;
use crate::load::Sample;
use crate::pgbench::insert;
use crate::report::{Table, Target};
use crate::request::{Kind, states};
use crate::server::Server;
use crate::yard::{MANY, Yard};

/// How many scripts there are.
const SCRIPTS: u32 = 1_000;

/// The three, each with its database.
struct Field {
    server: Server,
    rival: Server,
    databases: [Database; 3],
}

/// What came of the turns of each.
#[derive(Default)]
struct Samples {
    server: Sample,
    rival: Sample,
    pgbench: Sample,
}

pub(crate) async fn measure(yard: &Yard<'_>) -> Result<Table> {
    let mut table = Table::new("creates");
    let field = Field::new(yard).await?;
    for (scripts, where_to) in [(SCRIPTS, "1,000 scripts"), (1, "1 script")] {
        let Samples { server, rival, pgbench } = field.by_turns(yard, scripts).await?;
        let late = |sample: &Sample, percent| sample.percentile(Kind::Create, percent);
        for (what, measured, name, beside, target) in [
            ("creates", server.rate(), "pgbench", pgbench.rate(), Target::AtLeast(1.0)),
            ("creates", server.rate(), "rival", rival.rate(), Target::AtLeast(4.0)),
            ("p99", late(&server, 99), "rival's p50", late(&rival, 50), Target::AtMost(1.0)),
            ("p99", late(&server, 99), "rival", late(&rival, 99), Target::Open),
        ] {
            let label = format!("{where_to}, {MANY} connections: {what}");
            table.compare(&label, measured, (name, beside), target);
        }
    }
    let (server, rival) = field.one_by_one(yard).await?;
    for (percent, target) in [(50, Target::AtMost(1.15)), (99, Target::Open)] {
        let [server, rival] = [&server, &rival].map(|it| it.percentile(Kind::Create, percent));
        let label = format!("1,000 scripts, 1 connection: p{percent}");
        table.compare(&label, server, ("rival", rival), target);
    }
    Ok(table)
}

impl Field {
    async fn new(yard: &Yard<'_>) -> Result<Self> {
        let mut databases = Vec::new();
        for name in ["server", "rival", "pgbench"] {
            let database = yard.cluster.database(name).await?;
            database.fill_scripts(1, SCRIPTS, 0).await?;
            databases.push(database);
        }
        let databases: [Database; 3] = databases.try_into().map_err(|_| "three databases")?;
        let server = Server::start(&databases[0], yard.place).await?;
        let rival = Server::start_rival(&databases[1], yard.place).await?;
        Ok(Self { server, rival, databases })
    }

    async fn by_turns(&self, yard: &Yard<'_>, scripts: u32) -> Result<Samples> {
        let mut samples = Samples::default();
        let insert = insert(1, scripts, 0);
        for _ in 0..yard.pace.rounds {
            samples.server += yard.many(&self.server).run(states(scripts, &yard.token)).await?;
            samples.rival += yard.many(&self.rival).run(states(scripts, &yard.token)).await?;
            let turn = yard.pace.turn;
            samples.pgbench += yard.pgbench.run(&self.databases[2], &insert, MANY, turn).await?;
        }
        self.check([&samples.server, &samples.rival, &samples.pgbench]).await?;
        Ok(samples)
    }

    async fn one_by_one(&self, yard: &Yard<'_>) -> Result<(Sample, Sample)> {
        let (mut server, mut rival) = (Sample::default(), Sample::default());
        for _ in 0..yard.pace.rounds {
            server += yard.one(&self.server).run(states(SCRIPTS, &yard.token)).await?;
            rival += yard.one(&self.rival).run(states(SCRIPTS, &yard.token)).await?;
        }
        self.check([&server, &rival, &Sample::default()]).await?;
        Ok((server, rival))
    }

    /// Holds where each has written what it says.
    async fn check(&self, samples: [&Sample; 3]) -> Result<()> {
        for (database, sample) in self.databases.iter().zip(samples) {
            database.expect(sample.created);
            database.check().await?;
        }
        Ok(())
    }
}
