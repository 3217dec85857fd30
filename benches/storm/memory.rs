//! Resources: memory with many connections, the size of the program, the time to start.

use std::fs;
use std::time::Duration;

use crate::Result;
use crate::connection::Connection;
use crate::load::Load;
use crate::report::{Table, Value};
use crate::request::{Request, SCRIPTS, states};
use crate::server::{RUNSTATE, Server};
use crate::setup::Setup;

const MANY_SCRIPTS: u32 = 1_000;
const CONNECTIONS: usize = 1_000;
/// The number of open files of a process in addition to its connections.
const OTHER_FILES: usize = 100;

pub(crate) async fn measure(setup: &Setup<'_>) -> Result<Table> {
    let mut table = Table::new("resources");
    let files = max_open_files()?;
    let needed = CONNECTIONS + OTHER_FILES;
    if files < needed {
        return Err(format!("`ulimit -n` is {files}, too low: set it to {needed}").into());
    }
    let size = fs::metadata(RUNSTATE)?.len() as f64;
    table.add("size of the program", Value::Mebibytes(size / 1024.0 / 1024.0));

    let database = setup.cluster.empty_database("memory").await?;
    let server = Server::start(&database, setup.directory).await?;
    let milliseconds = |time: Duration| Value::Milliseconds(time.as_secs_f64() * 1000.0);
    let label = "from start to the first 200 of /health";
    table.add(&format!("{label}, empty database"), milliseconds(server.time_to_healthy));
    drop(server);
    let server = Server::start(&database, setup.directory).await?;
    table.add(&format!("{label}, schema up to date"), milliseconds(server.time_to_healthy));
    let list = Request::get(&format!("{SCRIPTS}?$top=1"), &setup.token);
    Connection::open(server.address, None).await?.exchange(&list.text).await?.success()?;
    table.add("from start to the first list", milliseconds(server.start.elapsed()));
    table.add("memory after start", Value::Mebibytes(server.memory("VmRSS")?));

    database.fill_scripts(1, MANY_SCRIPTS, 0).await?;
    let load = Load { connections: CONNECTIONS, ..setup.load(&server) };
    let sample = load.run(states(MANY_SCRIPTS, &setup.token)).await?;
    let after = Value::Mebibytes(server.memory("VmRSS")?);
    let peak = Value::Mebibytes(server.memory("VmHWM")?);
    database.expect(sample.created);
    database.check().await?;
    let label = |figure: &str| format!("{CONNECTIONS} connections, creates only: {figure}");
    table.add(&label("creates"), sample.rate());
    table.add(&label("peak memory"), peak);
    table.add(&label("memory afterwards"), after);
    Ok(table)
}

/// The limit of open files of this process. Its child processes inherit it.
fn max_open_files() -> Result<usize> {
    let limits = fs::read_to_string("/proc/self/limits")
        .map_err(|error| format!("memory can be measured on Linux only: {error}"))?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next());
    Ok(soft.ok_or("there is no limit of open files")?.parse().unwrap_or(usize::MAX))
}
