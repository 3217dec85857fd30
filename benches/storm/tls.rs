//! HTTPS: creates as without TLS, handshakes, and memory with many connections.

use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use tokio_rustls::TlsConnector;

use crate::Result;
use crate::connection::Connection;
use crate::load::{Load, Sample};
use crate::report::{Table, Target, Value};
use crate::request::{Kind, states};
use crate::server::{Https, Server};
use crate::setup::{CONNECTIONS, Setup};

const SCRIPTS: u32 = 1_000;
const MANY_CONNECTIONS: usize = 1_000;
/// How many handshakes run at a time.
const HANDSHAKES: usize = 16;
/// The targets: full handshakes a second, and memory in MiB.
const WANTED_HANDSHAKES: f64 = 800.0;
const WANTED_MEMORY: f64 = 96.0;

pub(crate) async fn measure(setup: &Setup<'_>) -> Result<Table> {
    let mut table = Table::new("HTTPS");
    let database = setup.cluster.database("https").await?;
    database.fill_scripts(1, SCRIPTS, 0).await?;
    let (server, https) = Server::start_with_https(&database, setup.directory).await?;
    let connector = https.connector(true)?;
    let with_tls =
        |load: Load| Load { address: https.address, tls: Some(connector.clone()), ..load };

    let (mut plain, mut tls) = (Sample::default(), Sample::default());
    for _ in 0..setup.preset.rounds {
        plain += setup.load(&server).run(states(SCRIPTS, &setup.token)).await?;
        tls += with_tls(setup.load(&server)).run(states(SCRIPTS, &setup.token)).await?;
    }
    database.expect(plain.created + tls.created);
    database.check().await?;
    let label = |figure: &str| format!("1,000 scripts, {CONNECTIONS} kept connections: {figure}");
    let other = ("without TLS", plain.rate());
    table.compare(&label("creates"), tls.rate(), other, Target::AtLeast(0.9));
    let other = ("without TLS", plain.percentile(Kind::Create, 99));
    table.compare(&label("p99"), tls.percentile(Kind::Create, 99), other, Target::None);

    let full = handshakes(&https, false, setup.preset.duration).await?;
    let wanted = ("target", Value::PerSecond(WANTED_HANDSHAKES));
    table.compare("full handshakes", full, wanted, Target::AtLeast(1.0));
    let resumed = handshakes(&https, true, setup.preset.duration).await?;
    table.compare("resumed handshakes", resumed, ("full", full), Target::None);

    let load = Load { connections: MANY_CONNECTIONS, ..with_tls(setup.load(&server)) };
    let sample = load.run(states(SCRIPTS, &setup.token)).await?;
    let peak = Value::Mebibytes(server.memory("VmHWM")?);
    database.expect(sample.created);
    database.check().await?;
    let label = format!("{MANY_CONNECTIONS} connections, creates only: peak memory");
    let wanted = ("target", Value::Mebibytes(WANTED_MEMORY));
    table.compare(&label, peak, wanted, Target::AtMost(1.0));
    Ok(table)
}

/// Connections a second, each with a handshake and one small request: a ticket for the next
/// connection comes with its reply.
async fn handshakes(https: &Https, resumes: bool, time: Duration) -> Result<Value> {
    let connector = https.connector(resumes)?;
    // The first connection cannot resume anything.
    Connection::open(https.address, Some(&connector)).await?.ask_for_health().await?;
    let start = Instant::now();
    let clients = (0..HANDSHAKES).map(|_| connect_repeatedly(https, &connector, start, time));
    let counts = try_join_all(clients).await?;
    let count = counts.into_iter().sum::<u32>();
    Ok(Value::PerSecond(f64::from(count) / start.elapsed().as_secs_f64()))
}

async fn connect_repeatedly(
    https: &Https,
    connector: &TlsConnector,
    start: Instant,
    time: Duration,
) -> Result<u32> {
    let mut count = 0;
    while start.elapsed() < time {
        let mut connection = Connection::open(https.address, Some(connector)).await?;
        connection.ask_for_health().await?;
        count += 1;
    }
    Ok(count)
}
