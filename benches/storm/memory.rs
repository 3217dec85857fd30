//! What the server takes: memory with many connections, the program's size, the time until it serves.

use std::fs;
use std::time::Duration;

use crate::Result;
use crate::connection::Connection;
use crate::load::Load;
use crate::report::{Table, Value};
use crate::request::{Request, SCRIPTS, states};
use crate::server::{RUNSTATE, Server};
use crate::yard::Yard;

const MANY_SCRIPTS: u32 = 1_000;
const CONNECTIONS: usize = 1_000;
/// How many files a process has open besides its connections.
const OTHERS: usize = 100;

pub(crate) async fn measure(yard: &Yard<'_>) -> Result<Table> {
    let mut table = Table::new("what the server takes");
    let files = open_files()?;
    if files < CONNECTIONS + OTHERS {
        let needed = CONNECTIONS + OTHERS;
        return Err(format!("`ulimit -n` is {files}, too low: set it to {needed}").into());
    }
    let size = fs::metadata(RUNSTATE)?.len() as f64;
    table.add("the program's size", Value::Mebibytes(size / 1024.0 / 1024.0));

    let database = yard.cluster.empty_database("memory").await?;
    let server = Server::start(&database, yard.place).await?;
    let milliseconds = |time: Duration| Value::Milliseconds(time.as_secs_f64() * 1000.0);
    let label = "from start to the first 200 of /health";
    table.add(&format!("{label}, empty database"), milliseconds(server.healthy_after));
    drop(server);
    let server = Server::start(&database, yard.place).await?;
    table.add(&format!("{label}, schema up to date"), milliseconds(server.healthy_after));
    let list = Request::get(&format!("{SCRIPTS}?$top=1"), &yard.token);
    Connection::open(server.address).await?.exchange(&list.text).await?.success()?;
    table.add("from start to the first list", milliseconds(server.start.elapsed()));
    table.add("memory after the start", Value::Mebibytes(server.memory("VmRSS")?));

    database.fill_scripts(1, MANY_SCRIPTS, 0).await?;
    let load = Load { connections: CONNECTIONS, ..yard.many(&server) };
    let sample = load.run(states(MANY_SCRIPTS, &yard.token)).await?;
    let after = Value::Mebibytes(server.memory("VmRSS")?);
    let most = Value::Mebibytes(server.memory("VmHWM")?);
    database.expect(sample.created);
    database.check().await?;
    let label = |what: &str| format!("{CONNECTIONS} connections, all posting: {what}");
    table.add(&label("creates"), sample.rate());
    table.add(&label("memory at most"), most);
    table.add(&label("memory after"), after);
    Ok(table)
}

/// How many files this process may have open, and those that it starts.
fn open_files() -> Result<usize> {
    let limits = fs::read_to_string("/proc/self/limits")
        .map_err(|error| format!("memory is measured on Linux alone: {error}"))?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next());
    Ok(soft.ok_or("there is no limit of open files")?.parse().unwrap_or(usize::MAX))
}
