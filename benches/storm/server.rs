//! Server processes: Runstate as released, and the plain handler. A process ends when its `Server` is
//! dropped.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::sleep;
use tokio_rustls::TlsConnector;

use crate::connection::Connection;
use crate::database::Database;
use crate::{PLAIN_HANDLER, Result};

/// The measured program.
pub(crate) const RUNSTATE: &str = env!("CARGO_BIN_EXE_runstate");
/// The longest time a start may take.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) start: Instant,
    /// The time from the start of the process to the first 200 of `/health`.
    pub(crate) time_to_healthy: Duration,
    child: Child,
}

/// HTTPS of a server.
pub(crate) struct Https {
    pub(crate) address: SocketAddr,
    authority: CertificateDer<'static>,
}

impl Server {
    /// Starts Runstate. `data` is its data directory, with the key of the local issuer.
    pub(crate) async fn start(database: &Database, data: &Path) -> Result<Self> {
        Self::start_with(database, data, &[]).await
    }

    /// Starts Runstate with these environment variables.
    pub(crate) async fn start_with(
        database: &Database,
        data: &Path,
        variables: &[(&str, &str)],
    ) -> Result<Self> {
        let mut program = Command::new(RUNSTATE);
        Self::run(program.envs(variables.iter().copied()), database, data).await
    }

    /// Starts Runstate with HTTPS on a second address.
    pub(crate) async fn start_with_https(
        database: &Database,
        data: &Path,
    ) -> Result<(Self, Https)> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut program = Command::new(RUNSTATE);
        program.env("RUNSTATE_TLS_LISTEN", address.to_string());
        let server = Self::run(&mut program, database, data).await?;
        let authority = CertificateDer::from_pem_file(data.join("tls/ca.pem"))?;
        Ok((server, Https { address, authority }))
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
        program.env_remove("RUNSTATE_TLS_CERT").env_remove("RUNSTATE_TLS_KEY");
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
        let Ok(mut connection) = Connection::open(self.address, None).await else { return false };
        connection.ask_for_health().await.is_ok()
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

impl Https {
    /// What connects: with sessions that are resumed, or with full handshakes alone.
    pub(crate) fn connector(&self, resumes: bool) -> Result<TlsConnector> {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.clone())?;
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
        let builder = builder.with_safe_default_protocol_versions()?;
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        if !resumes {
            config.resumption = Resumption::disabled();
        }
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
