//! Creates of many tenants: each device has its own token and reports below the state of its user.
//! Compares tokens that the server has verified before with tokens that are new to it.

use std::time::Duration;

use crate::Result;
use crate::database::Database;
use crate::load::{Load, Sample};
use crate::pgbench::insert;
use crate::report::{Table, Target, Value};
use crate::request::{Kind, Request, script_path};
use crate::server::Server;
use crate::setup::{CONNECTIONS, Setup};

const TENANTS: u32 = 500;
/// User states for each tenant's script.
const USERS: u32 = 20;
/// Longer than the requests with all tokens take: a load ends after the last token.
const NO_LIMIT: Duration = Duration::from_secs(600);

pub(crate) async fn measure(setup: &Setup<'_>) -> Result<Table> {
    let database = filled(setup, "users").await?;
    let of_plain = filled(setup, "plain").await?;
    let of_pgbench = filled(setup, "pgbench").await?;
    let server = Server::start(&database, setup.directory).await?;
    let plain_handler = Server::start_plain_handler(&of_plain, setup.directory).await?;
    let tokens = setup.tokens(TENANTS).await?;
    let insert = insert(TENANTS, 1, USERS);

    // The warm-up uses one token only. The others stay new to the server.
    let warm_up = setup.load(&server).run(|| Some(request(0, tokens.first()?))).await?;
    let load = |server| Load { warm_up: Duration::ZERO, time: NO_LIMIT, ..setup.load(server) };
    let [mut new, mut seen, mut plain, mut pgbench] = [(); 4].map(|()| Sample::default());
    for tokens in tokens.chunks(tokens.len().div_ceil(setup.preset.rounds)) {
        new += load(&server).run(each(tokens)).await?;
        seen += load(&server).run(each(tokens)).await?;
        plain += load(&plain_handler).run(each(tokens)).await?;
        let time = setup.preset.duration;
        pgbench += setup.pgbench.run(&of_pgbench, &insert, CONNECTIONS, time).await?;
    }
    let memory = Value::Mebibytes(server.memory("VmRSS")?);
    database.expect(warm_up.created + new.created + seen.created);
    database.check().await?;
    of_plain.expect(plain.created);
    of_plain.check().await?;

    let mut table = Table::new(&format!("user states, 500 tenants, {} tokens", tokens.len()));
    let latency = |sample: &Sample, percent| sample.percentile(Kind::Create, percent);
    let median = latency(&plain, 50);
    for (label, measured, name, other, target) in [
        ("creates", seen.rate(), "pgbench", pgbench.rate(), Target::AtLeast(1.0)),
        ("creates", seen.rate(), "plain handler", plain.rate(), Target::AtLeast(4.0)),
        ("p99", latency(&seen, 99), "plain handler's p50", median, Target::AtMost(1.0)),
        ("creates, new tokens", new.rate(), "verified before", seen.rate(), Target::None),
        ("p50, new tokens", latency(&new, 50), "verified before", latency(&seen, 50), Target::None),
        ("p99, new tokens", latency(&new, 99), "verified before", latency(&seen, 99), Target::None),
    ] {
        let label = format!("{CONNECTIONS} connections: {label}");
        table.compare(&label, measured, (name, other), target);
    }
    table.add("memory of the server afterwards", memory);
    Ok(table)
}

async fn filled(setup: &Setup<'_>, name: &str) -> Result<Database> {
    let database = setup.cluster.database(name).await?;
    database.fill_scripts(TENANTS, 1, USERS).await?;
    Ok(database)
}

/// One create with each token.
fn each(tokens: &[String]) -> impl FnMut() -> Option<Request> {
    let mut numbered = (0..).zip(tokens);
    move || numbered.next().map(|(number, token)| request(number, token))
}

/// The report of the device with a number.
fn request(number: u32, token: &str) -> Request {
    let user = number / TENANTS % USERS;
    let path = format!("{}/userRunStates/user-{user}/deviceRunStates", script_path(0));
    Request::state(&path, token)
}
