//! `runstate serve`: the server, until the process is told to stop.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::task::AbortOnDropHandle;

use super::Failure;
use super::database::Database;
use super::https::Https;
use super::twin::server as twin;
use super::{env, first_run, metrics, output, served_tenants, service_manager};
use crate::auth::{ConsoleClient, IssuerConfig, Issuers, LocalIssuer};
use crate::config::{FIRST_TENANT, Settings, TwinMode};
use crate::getting_started;
use crate::http::{self, Listeners};
use crate::model::{API_VERSION, Surface};
use crate::proxies::TrustedProxies;
use crate::service::{Service, ServiceSlot};
use crate::store::{Condition, Store, TwinLock};

/// How long a server that a service manager stops still accepts requests. Load balancers see
/// `/health` change in that time, and send requests elsewhere.
const GRACE_PERIOD: Duration = Duration::from_secs(2);
/// How many files are open besides the connections of clients, at most.
const OTHER_FILES: u64 = 256;

pub(super) async fn run(settings: &Settings) -> Result<(), Failure> {
    twin::check(settings)?;
    let Trusted { issuers, local, console } = trusted(settings)?;
    let (served, tenant_file) = served_tenants::open(settings).await?;
    let trusted = Trusted { issuers: issuers.serving(served), local, console };
    raise_file_limit()?;
    let listen = settings.listen;
    let plain = TcpListener::bind(listen)
        .map_err(|error| format!("cannot listen on {listen}: {error}. Set RUNSTATE_LISTEN."))?;
    let address = plain.local_addr()?;
    let (tls, https) = Https::open(settings)?.unzip();
    let metrics = metrics::open(settings)?;

    // From here on, checks of health are answered, and a signal ends the server in order.
    let slot = ServiceSlot::default();
    let listeners = Listeners { plain, tls };
    let server = http::serve(listeners, slot.clone(), http_options(settings)?, stop_signal()?)?;
    let mut server = tokio::spawn(server);
    tracing::info!(%address, "the server listens, and opens its database");
    let opened = tokio::select! {
        opened = Box::pin(open(settings, trusted, https.as_ref())) => opened?,
        ended = &mut server => return Ok(ended??),
    };
    let Opened { service, database, twin_lock } = opened;
    let mut text = Box::pin(greeting(settings, &service, address, https.as_ref())).await?;
    text += &metrics::greeting(metrics.as_ref())?;
    slot.fill(Arc::clone(&service));
    output::print(text)?;
    let _current = match https {
        Some(https) => {
            Some(AbortOnDropHandle::new(tokio::spawn(https.certificates.keep_current()?)))
        }
        None => None,
    };
    let _current_list = match tenant_file {
        Some(file) => Some(AbortOnDropHandle::new(tokio::spawn(file.keep_current()?))),
        None => None,
    };
    service.store.start_maintenance();
    let _sweeper = twin_lock.map(|lock| twin::sweep(&service, lock));
    let _metrics = metrics::serve(metrics, &service)?;
    tracing::info!("the server serves");
    service_manager::ready();
    let _watchdog = service_manager::keep_watchdog(address);
    server.await??;
    service.store.close().await;
    database.close().await;
    Ok(())
}

/// What a server has once it serves.
struct Opened {
    service: Arc<Service>,
    database: Database,
    /// The lock of the test twin, if there is one.
    twin_lock: Option<TwinLock>,
}

/// Opens the database, brings its schema up to date, and makes the service.
async fn open(
    settings: &Settings,
    Trusted { issuers, local, console }: Trusted,
    https: Option<&Https>,
) -> Result<Opened, Failure> {
    let database = Database::open(settings).await?;
    {
        let _extended = service_manager::extend_start();
        Store::migrate(&database.options).await?;
    }
    let store = Store::open(database.hosts.clone(), settings.history_days).await?;
    let surface = if settings.extensions { Surface::Extended } else { Surface::Graph };
    let mut service = Service::new(issuers, settings.profile(), surface, store);
    if let Some(local) = local {
        if service.issuers.served().contains(FIRST_TENANT) {
            first_run::register(settings, &database.options).await?;
        }
        service = service.with_sign_in(Arc::new(local))?;
    }
    let twin_lock = match settings.twin.mode {
        TwinMode::False => {
            twin::switch_off(&database.options).await?;
            None
        }
        TwinMode::True | TwinMode::BesideRealIssuers => {
            let (twin, lock) = twin::open(settings, &database.options, &service).await?;
            service = service.with_twin(twin);
            Some(lock)
        }
    };
    if settings.console {
        service = service.with_console(console);
    }
    if let Some(https) = https {
        service = service.with_certificate(https.certificates.end());
    }
    Ok(Opened { service: Arc::new(service), database, twin_lock })
}

fn http_options(settings: &Settings) -> io::Result<http::Options> {
    Ok(http::Options {
        public_url: settings.public_url.clone(),
        proxies: TrustedProxies::new(settings.trusted_proxies.clone()),
        origins: settings.cors_origins.clone(),
        timeouts: http::Timeouts::default(),
        workers: thread::available_parallelism()?.get(),
    })
}

/// What someone who starts the server reads: where it is, and how to try it. It is printed in one
/// piece, since whoever reads it may stop reading.
async fn greeting(
    settings: &Settings,
    service: &Service,
    address: SocketAddr,
    https: Option<&Https>,
) -> Result<String, Failure> {
    let base = settings.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let mut text = format!("Runstate serves {base}/{API_VERSION}\n");
    if let Some(https) = https.filter(|https| https.base != base) {
        text += &format!("and {}/{API_VERSION}\n", https.base);
    }
    if service.console.is_some() {
        text += &format!("\nThe console is at {base}/console/\n");
    }
    let Some(own) = &service.sign_in else { return Ok(text) };
    // The script that the line posts to may have to be created.
    let is_read_only = service.store.condition() == Condition::ReadOnly;
    if is_read_only || !own.served.contains(FIRST_TENANT) {
        return Ok(text);
    }
    let curl = match getting_started::curl_line(service, &own.issuer, &base).await {
        Err(error) if error.is_of_closed_tenant() => return Ok(text),
        curl => curl?,
    };
    text += &format!("\nTry it:\n\n{curl}\n\nMore tokens: `runstate token --help`.\n");
    if service.twin.is_some() {
        text += &twin::greeting(settings, own, &base)?;
    }
    if let Some(https) = https {
        let line = env::line(settings, https.address)?;
        text += &format!("\nFor SDKs, set the variables of a shell (`runstate env`):\n\n{line}\n");
    }
    Ok(text)
}

/// How many files a server may have open: each connection is one.
pub(super) fn wanted_files() -> u64 {
    http::MAX_CONNECTIONS as u64 + OTHER_FILES
}

/// A shell usually allows 1,024 open files, the system many more.
fn raise_file_limit() -> Result<(), Failure> {
    let wanted = wanted_files();
    let allowed = rlimit::increase_nofile_limit(wanted)?;
    if allowed < wanted {
        tracing::warn!(allowed, wanted, "the limit of open files is low, so connections are few");
    }
    Ok(())
}

/// Whose tokens are trusted.
struct Trusted {
    issuers: Issuers,
    /// The local issuer, if it is among them.
    local: Option<LocalIssuer>,
    /// How the console signs users in at the others.
    console: Vec<ConsoleClient>,
}

fn trusted(settings: &Settings) -> Result<Trusted, Failure> {
    let mut configured = match &settings.issuers {
        Some(file) => IssuerConfig::from_file(file)?,
        None => Vec::new(),
    };
    let local = match settings.trusts_local_issuer() {
        true => Some(LocalIssuer::open(&settings.data_dir)?),
        false => None,
    };
    let console = configured.iter().filter_map(|issuer| issuer.console.clone()).collect();
    configured.extend(local.as_ref().map(LocalIssuer::issuer));
    if configured.is_empty() {
        return Err("no issuer of tokens is trusted, so nobody could use the server. Set \
                    RUNSTATE_ISSUERS to a JSON file of issuers, or RUNSTATE_LOCAL_ISSUER=true to \
                    trust tokens of `runstate token`."
            .into());
    }
    Ok(Trusted { issuers: Issuers::new(configured)?, local, console })
}

/// Resolves when the process is told to stop, to the grace period: none for Ctrl-C, some for a
/// service manager.
fn stop_signal() -> std::io::Result<impl Future<Output = Duration> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        let grace_period = tokio::select! {
            _ = interrupt.recv() => Duration::ZERO,
            _ = terminate.recv() => GRACE_PERIOD,
        };
        service_manager::stopping();
        grace_period
    })
}
