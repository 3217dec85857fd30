//! The processes that answer HTTP: Runstate as released, and the plain rival, which is started in
//! the same way. Each ends with its value.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::connection::Connection;
use crate::database::Database;
use crate::{RIVAL, Result};

/// The program that is measured.
pub(crate) const RUNSTATE: &str = env!("CARGO_BIN_EXE_runstate");
/// How long a start may take.
const START: Duration = Duration::from_secs(60);
const HEALTH: &str = "GET /health HTTP/1.1\r\nHost: storm\r\n\r\n";

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) start: Instant,
    /// How long it took from the start of the process to its first 200.
    pub(crate) healthy_after: Duration,
    child: Child,
}

impl Server {
    /// Starts Runstate on a database; `place` has the local issuer's key.
    pub(crate) async fn start(database: &Database, place: &Path) -> Result<Self> {
        Self::of(&mut Command::new(RUNSTATE), database, place).await
    }

    /// Starts the rival on a database.
    pub(crate) async fn start_rival(database: &Database, place: &Path) -> Result<Self> {
        Self::of(Command::new(std::env::current_exe()?).arg(RIVAL), database, place).await
    }

    async fn of(program: &mut Command, database: &Database, place: &Path) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let log = place.join(format!("{}.log", address.port()));
        program.env_remove("RUNSTATE_ISSUERS").env_remove("RUNSTATE_PUBLIC_URL");
        program.env_remove("RUNSTATE_PERMISSIONS").env_remove("RUST_LOG");
        program.env("RUNSTATE_LISTEN", address.to_string());
        program.env("RUNSTATE_DATA_DIR", place).env("RUNSTATE_LOCAL_ISSUER", "true");
        program.env("DATABASE_URL", database.url());
        program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&log)?);
        let start = Instant::now();
        let (healthy_after, child) = (Duration::ZERO, program.spawn()?);
        let mut server = Self { address, start, healthy_after, child };
        while !server.is_healthy().await {
            if server.child.try_wait()?.is_some() || start.elapsed() > START {
                let said = fs::read_to_string(&log)?;
                return Err(format!("a server does not start: {said}").into());
            }
            sleep(Duration::from_millis(1)).await;
        }
        server.healthy_after = start.elapsed();
        Ok(server)
    }

    async fn is_healthy(&self) -> bool {
        let Ok(mut connection) = Connection::open(self.address).await else { return false };
        let reply = connection.exchange(HEALTH).await;
        reply.is_ok_and(|reply| reply.success().is_ok())
    }

    /// Memory in MiB, as `/proc` tells it: `VmRSS` now, `VmHWM` at most so far.
    pub(crate) fn memory(&self, name: &str) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .map_err(|error| format!("memory is measured on Linux alone: {error}"))?;
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
