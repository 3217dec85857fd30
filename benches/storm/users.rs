//! The storm of many tenants: each device has a token of its own and reports under its user's state.
//! What a token costs that the server has not seen before, and one that it has.

use std::time::Duration;

use crate::Result;
use crate::database::Database;
use crate::load::{Load, Sample};
use crate::pgbench::insert;
use crate::report::{Table, Target, Value};
use crate::request::{Kind, Request, script_path};
use crate::server::Server;
use crate::yard::{MANY, Yard};

const TENANTS: u32 = 500;
/// How many user states each tenant's script has.
const USERS: u32 = 20;
/// Longer than it takes to send a request with each token.
const AMPLE: Duration = Duration::from_secs(600);

pub(crate) async fn measure(yard: &Yard<'_>) -> Result<Table> {
    let database = filled(yard, "users").await?;
    let (rivals, others) = (filled(yard, "rival").await?, filled(yard, "pgbench").await?);
    let server = Server::start(&database, yard.place).await?;
    let rival_server = Server::start_rival(&rivals, yard.place).await?;
    let tokens = yard.tokens(TENANTS).await?;
    let insert = insert(TENANTS, 1, USERS);

    // The first token is seen by this alone.
    let warm = yard.many(&server).run(|| Some(request(0, tokens.first()?))).await?;
    let load = |of| Load { warm_up: Duration::ZERO, time: AMPLE, ..yard.many(of) };
    let [mut new, mut seen, mut rival, mut pgbench] = [(); 4].map(|()| Sample::default());
    for turn in tokens.chunks(tokens.len().div_ceil(yard.pace.rounds)) {
        new += load(&server).run(each(turn)).await?;
        seen += load(&server).run(each(turn)).await?;
        rival += load(&rival_server).run(each(turn)).await?;
        pgbench += yard.pgbench.run(&others, &insert, MANY, yard.pace.turn).await?;
    }
    let memory = Value::Mebibytes(server.memory("VmRSS")?);
    database.expect(warm.created + new.created + seen.created);
    database.check().await?;
    rivals.expect(rival.created);
    rivals.check().await?;

    let mut table = Table::new(&format!("user states, 500 tenants, {} tokens", tokens.len()));
    let late = |sample: &Sample, percent| sample.percentile(Kind::Create, percent);
    for (what, measured, name, beside, target) in [
        ("creates", seen.rate(), "pgbench", pgbench.rate(), Target::AtLeast(1.0)),
        ("creates", seen.rate(), "rival", rival.rate(), Target::AtLeast(4.0)),
        ("p99", late(&seen, 99), "rival's p50", late(&rival, 50), Target::AtMost(1.0)),
        ("creates, new tokens", new.rate(), "tokens seen before", seen.rate(), Target::Open),
        ("p50, new tokens", late(&new, 50), "seen before", late(&seen, 50), Target::Open),
        ("p99, new tokens", late(&new, 99), "seen before", late(&seen, 99), Target::Open),
    ] {
        table.compare(&format!("{MANY} connections: {what}"), measured, (name, beside), target);
    }
    table.add("memory of the server after", memory);
    Ok(table)
}

async fn filled(yard: &Yard<'_>, name: &str) -> Result<Database> {
    let database = yard.cluster.database(name).await?;
    database.fill_scripts(TENANTS, 1, USERS).await?;
    Ok(database)
}

/// A run state with each token once.
fn each(tokens: &[String]) -> impl FnMut() -> Option<Request> {
    let mut numbered = (0..).zip(tokens);
    move || numbered.next().map(|(number, token)| request(number, token))
}

/// What the device of a number reports.
fn request(number: u32, token: &str) -> Request {
    let user = number / TENANTS % USERS;
    let path = format!("{}/userRunStates/user-{user}/deviceRunStates", script_path(0));
    Request::state(&path, token)
}
