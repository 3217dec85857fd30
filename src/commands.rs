//! What each command does: opens what it needs, in order, and closes it again.

use std::error::Error;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use tokio::signal::unix::{SignalKind, signal};
use ureq::Agent;

use crate::auth::{IssuerConfig, Issuers, LocalIssuer, TokenRequest};
use crate::config::{Command, Config, RecountOptions, Settings, TokenOptions};
use crate::embedded::EmbeddedPostgres;
use crate::getting_started;
use crate::http;
use crate::log;
use crate::model::API_VERSION;
use crate::service::Service;
use crate::store::Store;

/// What a command fails with: a sentence for whoever started it.
pub type Failure = Box<dyn Error + Send + Sync>;

/// How long the health command waits for an answer.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(5);
/// For how long a server that a service manager ends still answers what comes, so that those who
/// distribute requests see it and send them elsewhere.
const NOTICE: Duration = Duration::from_secs(2);
/// How many files are open besides those of clients' connections, at most.
const OTHER_FILES: u64 = 256;

/// Runs the program: reads the configuration, starts the log, and does what the command line says.
///
/// It is here and not in `main.rs` because a future is compiled by the crate that awaits it: the
/// program would compile again most of what the library has.
#[tokio::main(flavor = "current_thread")]
pub async fn main() -> ExitCode {
    let config = Config::read();
    log::start(config.settings.log_format);
    match run(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(config: Config) -> Result<(), Failure> {
    let settings = config.settings;
    open_data_directory(&settings.data_dir)?;
    match config.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(&settings).await,
        Command::Token(options) => token(&settings, options),
        Command::Migrate => migrate(&settings).await,
        Command::Recount(options) => recount(&settings, options).await,
        Command::Health => health(settings.listen),
    }
}

async fn serve(settings: &Settings) -> Result<(), Failure> {
    let (trusted, local) = issuers(settings)?;
    open_many_files()?;
    let listen = settings.listen;
    let listener = TcpListener::bind(listen)
        .map_err(|error| format!("cannot listen on {listen}: {error}. Set RUNSTATE_LISTEN."))?;
    let address = listener.local_addr()?;
    let database = Database::open(settings).await?;
    Store::migrate(&database.options).await?;
    let store = Store::open(database.options.clone()).await?;
    let profile = settings.permissions.into();
    let service = Arc::new(Service::new(trusted, profile, store));

    let base = settings.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    println!("Runstate serves {base}/{API_VERSION}");
    if let Some(local) = &local {
        let curl = Box::pin(getting_started::curl_line(&service, local, &base)).await?;
        println!("\nTry it:\n\n{curl}\n\nMore tokens: `runstate token --help`.");
    }
    let workers = thread::available_parallelism()?.get();
    let options = http::Options {
        public_url: settings.public_url.clone(),
        origins: settings.cors_origins.clone(),
        timeouts: http::Timeouts::default(),
        workers,
    };
    http::serve(listener, Arc::clone(&service), options, stop_signal()?)?.await?;
    service.store.close().await;
    database.close().await;
    Ok(())
}

/// Each connection is an open file, of which a shell usually allows 1,024 where the system would
/// allow many more.
fn open_many_files() -> Result<(), Failure> {
    let wanted = http::MAX_CONNECTIONS as u64 + OTHER_FILES;
    let allowed = rlimit::increase_nofile_limit(wanted)?;
    if allowed < wanted {
        tracing::warn!(allowed, wanted, "the system allows few open files, so few connections");
    }
    Ok(())
}

fn token(settings: &Settings, options: TokenOptions) -> Result<(), Failure> {
    let mut scopes = options.scope;
    if scopes.is_empty() && !options.app {
        let all = getting_started::scopes(settings.permissions.into());
        scopes.extend(all.into_iter().map(str::to_owned));
    }
    let token = LocalIssuer::open(&settings.data_dir)?.token(&TokenRequest {
        tenant: options.tenant,
        user: options.user,
        scopes,
        roles: options.role,
        application: options.app,
        client: None,
        expires_in: options.expires,
    })?;
    println!("{token}");
    Ok(())
}

async fn migrate(settings: &Settings) -> Result<(), Failure> {
    let database = Database::open(settings).await?;
    let migrated = Store::migrate(&database.options).await;
    database.close().await;
    Ok(migrated?)
}

async fn recount(
    settings: &Settings,
    RecountOptions { check }: RecountOptions,
) -> Result<(), Failure> {
    let database = Database::open(settings).await?;
    let wrong = Store::miscounted(&database.options).await;
    let done = match &wrong {
        Ok(wrong) if !check && !wrong.is_empty() => Store::recount(&database.options).await,
        _ => Ok(()),
    };
    database.close().await;
    let wrong = wrong?;
    done?;
    for counter in &wrong {
        println!("{counter}");
    }
    match (wrong.len(), check) {
        (0, _) => println!("Every counter says what the rows say."),
        (count, false) => println!("{count} counters were set to what the rows say."),
        (count, true) => {
            return Err(format!("{count} counters do not say what the rows say").into());
        }
    }
    Ok(())
}

/// Asks a running server on this machine, as a health check of a container does.
fn health(listen: SocketAddr) -> Result<(), Failure> {
    let host = match listen.ip() {
        ip if !ip.is_unspecified() => ip.to_string(),
        _ => "127.0.0.1".into(),
    };
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    let url = format!("http://{host}:{}/health", listen.port());
    let config = Agent::config_builder().timeout_global(Some(HEALTH_TIMEOUT)).proxy(None).build();
    config.new_agent().get(url).call()?;
    Ok(())
}

/// Makes the data directory. Others may enter it, since the database's processes may have to run as
/// another user; what is secret in it, nobody else may read.
fn open_data_directory(directory: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(directory).map_err(|error| {
        let directory = directory.display();
        format!("the data directory {directory} cannot be made: {error}. Set RUNSTATE_DATA_DIR.")
            .into()
    })
}

/// The issuers whose tokens are trusted, and the local one if it is among them.
fn issuers(settings: &Settings) -> Result<(Issuers, Option<LocalIssuer>), Failure> {
    let mut configured = match &settings.issuers {
        Some(file) => IssuerConfig::from_file(file)?,
        None => Vec::new(),
    };
    let local = match settings.trusts_local_issuer() {
        true => Some(LocalIssuer::open(&settings.data_dir)?),
        false => None,
    };
    configured.extend(local.as_ref().map(LocalIssuer::issuer));
    if configured.is_empty() {
        return Err("no issuer of tokens is trusted, so nobody could use the server. Set \
                    RUNSTATE_ISSUERS to a JSON file of issuers, or RUNSTATE_LOCAL_ISSUER=true to \
                    trust tokens of `runstate token`."
            .into());
    }
    Ok((Issuers::new(configured)?, local))
}

/// The database that is configured, or one of our own that ends with the server.
struct Database {
    options: PgConnectOptions,
    embedded: Option<EmbeddedPostgres>,
}

impl Database {
    async fn open(settings: &Settings) -> Result<Self, Failure> {
        if let Some(url) = &settings.database_url {
            // The driver's own message might repeat the password.
            let options = PgConnectOptions::from_str(url).map_err(
                |_| "DATABASE_URL is not of the form postgres://user:password@host:port/database",
            )?;
            return Ok(Self { options, embedded: None });
        }
        let embedded = EmbeddedPostgres::start(&settings.data_dir.join("postgres")).await?;
        Ok(Self { options: embedded.connect_options(), embedded: Some(embedded) })
    }

    async fn close(self) {
        if let Some(embedded) = self.embedded {
            embedded.stop().await;
        }
    }
}

/// Over once the process is told to end: at once by Ctrl-C, after the notice by a service manager.
fn stop_signal() -> std::io::Result<impl Future<Output = Duration> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => Duration::ZERO,
            _ = terminate.recv() => NOTICE,
        }
    })
}
