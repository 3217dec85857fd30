//! Server processes: Runstate as released, and the plain handler. A process ends when its `Server` is
//! dropped.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::connection::Connection;
use crate::database::Database;
use crate::{PLAIN_HANDLER, Result};

/// The measured program.
pub(crate) const RUNSTATE: &str = env!("CARGO_BIN_EXE_runstate");
/// The longest time a start may take.
const START_TIMEOUT: Duration = Duration::from_secs(60);
const HEALTH: &str = "GET /health HTTP/1.1\r\nHost: storm\r\n\r\n";

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) start: Instant,
    /// The time from the start of the process to the first 200 of `/health`.
    pub(crate) time_to_healthy: Duration,
    child: Child,
}

impl Server {
    /// Starts Runstate. `data` is its data directory, with the key of the local issuer.
    pub(crate) async fn start(database: &Database, data: &Path) -> Result<Self> {
        Self::run(&mut Command::new(RUNSTATE), database, data).await
    }

    /// Starts the plain handler with the same data directory.
    pub(crate) async fn start_plain_handler(database: &Database, data: &Path) -> Result<Self> {
        let program = std::env::current_exe()?;
        Self::run(Command::new(program).arg(PLAIN_HANDLER), database, data).await
    }

    async fn run(program: &mut Command, database: &Database, data: &Path) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let log = data.join(format!("{}.log", address.port()));
        program.env_remove("RUNSTATE_ISSUERS").env_remove("RUNSTATE_PUBLIC_URL");
        program.env_remove("RUNSTATE_PERMISSIONS").env_remove("RUST_LOG");
        program.env("RUNSTATE_LISTEN", address.to_string());
        program.env("RUNSTATE_DATA_DIR", data).env("RUNSTATE_LOCAL_ISSUER", "true");
        program.env("DATABASE_URL", database.url());
        program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&log)?);
        let start = Instant::now();
        let (time_to_healthy, child) = (Duration::ZERO, program.spawn()?);
        let mut server = Self { address, start, time_to_healthy, child };
        while !server.is_healthy().await {
            if server.child.try_wait()?.is_some() || start.elapsed() > START_TIMEOUT {
                let log = fs::read_to_string(&log)?;
                return Err(format!("a server does not start: {log}").into());
            }
            sleep(Duration::from_millis(1)).await;
        }
        server.time_to_healthy = start.elapsed();
        Ok(server)
    }

    async fn is_healthy(&self) -> bool {
        let Ok(mut connection) = Connection::open(self.address).await else { return false };
        let reply = connection.exchange(HEALTH).await;
        reply.is_ok_and(|reply| reply.success().is_ok())
    }

    /// Memory in MiB, as `/proc` reports it: `VmRSS` is the current value, `VmHWM` the peak.
    pub(crate) fn memory(&self, name: &str) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .map_err(|error| format!("memory can be measured on Linux only: {error}"))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let kibibytes = line.and_then(|line| line.split_whitespace().next());
        let kibibytes: f64 = kibibytes.ok_or_else(|| format!("there is no {name}"))?.parse()?;
        Ok(kibibytes / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
