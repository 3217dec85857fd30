//! Liveness of the database. A task probes it at an interval on a connection of its own, so that no
//! request waits for an unavailable database, and requests succeed soon after it is available again.
//! The task also asks for the database's condition. Knows no other statement, only whether one had a
//! response.

use std::io::ErrorKind;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnection;
use sqlx::{Connection, Error as Driver};
use tokio::sync::watch;
use tokio::time;
use tokio_util::sync::CancellationToken;

use super::condition::Condition;
use super::failure;
use super::hosts::Hosts;

/// The pause between two probes. Together with [`PROBE_TIMEOUT`] it decides how soon we notice that
/// the database is unavailable or available again: within two and a half seconds, mostly at once.
const PROBE_INTERVAL: Duration = Duration::from_millis(300);
/// How long the database may take for a statement that costs it nothing.
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);
/// How long the probe waits for the lock of a table: less than [`PROBE_TIMEOUT`], so that a locked table
/// is not taken for a database that does not respond.
const PROBE_LOCK_TIMEOUT_MS: &str = "500";

/// Whether the database is available. All clones share one state.
#[derive(Clone, Debug)]
pub(crate) struct Liveness {
    state: watch::Receiver<State>,
    condition: watch::Receiver<Condition>,
    /// Whether any statement had a response since the last probe started.
    responded: Arc<AtomicBool>,
    /// Ends the monitor.
    stop: CancellationToken,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Available since this time. Connections opened earlier are dropped.
    Available(Instant),
    Unavailable,
}

enum Probe {
    /// The database responded, on the old connection or on a new one after the old one broke.
    Responded,
    /// A new connection works, while the old one does not respond or belongs to another host.
    Reconnected,
}

/// The task that probes the database and publishes the state.
struct Monitor {
    hosts: Hosts,
    connection: Option<PgConnection>,
    state: watch::Sender<State>,
    condition: watch::Sender<Condition>,
    responded: Arc<AtomicBool>,
}

impl Liveness {
    /// Connects to the database, and spawns the task that probes it.
    pub(crate) async fn start(hosts: Hosts) -> Result<Self, Driver> {
        let hosts =
            hosts.with(|options| options.options([("lock_timeout", PROBE_LOCK_TIMEOUT_MS)]));
        let mut connection = hosts.connect().await?.0;
        let found = Condition::of(&mut connection).await?;
        if found != Condition::Complete {
            found.log();
        }
        let (found, condition) = watch::channel(found);
        let (sender, state) = watch::channel(State::Available(Instant::now()));
        let responded = Arc::new(AtomicBool::new(false));
        let stop = CancellationToken::new();
        let liveness =
            Self { state, condition, responded: Arc::clone(&responded), stop: stop.clone() };
        let connection = Some(connection);
        let monitor = Monitor { hosts, connection, state: sender, condition: found, responded };
        tokio::spawn(async move { stop.run_until_cancelled(monitor.run()).await });
        Ok(liveness)
    }

    /// Since when the database is available; `None` if it is unavailable.
    pub(crate) fn available_since(&self) -> Option<Instant> {
        match *self.state.borrow() {
            State::Available(since) => Some(since),
            State::Unavailable => None,
        }
    }

    /// The condition of the database when it last responded to a probe.
    pub(crate) fn condition(&self) -> Condition {
        *self.condition.borrow()
    }

    /// Completes when the state differs from `since`, a result of [`Liveness::available_since`]: the
    /// database is unavailable, was so in between, or the connections of that time are dropped.
    pub(crate) async fn until_unavailable(&self, since: Option<Instant>) {
        let changed =
            |state: &State| !matches!(*state, State::Available(now) if Some(now) == since);
        // An error means that the monitor has ended, which happens when the program ends.
        self.state.clone().wait_for(changed).await.ok();
    }

    /// Stops the monitor, so that a database which ends together with the server is not logged as
    /// unavailable.
    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        // The monitor has ended once its sender is dropped.
        let mut state = self.state.clone();
        while state.changed().await.is_ok() {}
    }

    /// Records that some statement had a response, be it an error.
    pub(crate) fn record_response(&self) {
        self.responded.store(true, Ordering::Relaxed);
    }
}

impl Monitor {
    /// Probes until every [`Liveness`] is dropped.
    async fn run(mut self) {
        while !self.state.is_closed() {
            self.responded.store(false, Ordering::Relaxed);
            match self.probe().await {
                Ok(Probe::Responded) => self.set_available(),
                Ok(Probe::Reconnected) => self.drop_old_connections(),
                // A busy database may delay the probe while it responds to other statements.
                Err(_) if self.responded.load(Ordering::Relaxed) => {}
                Err(cause) => self.set_unavailable(&cause),
            }
            self.update_condition().await;
            tokio::select! {
                () = time::sleep(PROBE_INTERVAL) => {}
                () = self.state.closed() => {}
            }
        }
    }

    /// Probes once. A broken connection does not prove that the next one fails too, so we open a new
    /// one. If an old connection is silent while a new one, opened later, has a response, the old one
    /// will never have one.
    async fn probe(&mut self) -> Result<Probe, Driver> {
        if let Some(mut old) = self.connection.take() {
            let responded = {
                let mut ping = pin!(old.ping());
                match time::timeout(PROBE_TIMEOUT, &mut ping).await {
                    Ok(pong) => pong.is_ok(),
                    Err(_) => tokio::select! {
                        biased;
                        pong = ping => pong.is_ok(),
                        connected = self.connect() => {
                            return connected.map(|_| Probe::Reconnected);
                        }
                    },
                }
            };
            if responded {
                self.connection = Some(old);
                return Ok(Probe::Responded);
            }
        }
        self.connect().await
    }

    /// Probes on a new connection.
    async fn connect(&mut self) -> Result<Probe, Driver> {
        let connected = async {
            let (mut new, is_other_host) = self.hosts.connect().await?;
            new.ping().await.map(|()| (new, is_other_host))
        };
        let (new, is_other_host) = with_probe_timeout(connected).await?;
        self.connection = Some(new);
        Ok(if is_other_host { Probe::Reconnected } else { Probe::Responded })
    }

    /// Asks for the condition, if the probe has left a connection. Without a response the condition
    /// stays as it was, and the next probe decides about the connection.
    async fn update_condition(&mut self) {
        let Some(connection) = &mut self.connection else { return };
        match with_probe_timeout(Condition::of(connection)).await {
            Ok(found) => {
                let was_other = self.condition.send_if_modified(|known| {
                    let was_other = *known != found;
                    *known = found;
                    was_other
                });
                if was_other {
                    found.log();
                }
            }
            Err(cause) => tracing::debug!(%cause, "the condition of the database is unknown"),
        }
    }

    fn set_available(&self) {
        let was_unavailable = self.state.send_if_modified(|state| {
            let was_unavailable = matches!(state, State::Unavailable);
            if was_unavailable {
                *state = State::Available(Instant::now());
            }
            was_unavailable
        });
        if was_unavailable {
            tracing::info!("the database is available again");
        }
    }

    /// Only a new connection works, as after a failover or a change of route: statements on older
    /// connections would wait in vain.
    fn drop_old_connections(&self) {
        let before = self.state.send_replace(State::Available(Instant::now()));
        match before {
            State::Available(_) => {
                tracing::warn!("old connections to the database do not respond; reconnecting");
            }
            State::Unavailable => tracing::info!("the database is available again"),
        }
    }

    fn set_unavailable(&self, cause: &Driver) {
        let was_available = self.state.send_if_modified(|state| {
            matches!(std::mem::replace(state, State::Unavailable), State::Available(_))
        });
        if was_available {
            let cause = failure::log_text(cause);
            tracing::error!(cause, "the database is unavailable; requests are rejected with 503");
        }
    }
}

/// Runs a statement that costs the database nothing.
pub(crate) async fn with_probe_timeout<T>(
    work: impl Future<Output = Result<T, Driver>>,
) -> Result<T, Driver> {
    let timed_out = |_| Driver::Io(ErrorKind::TimedOut.into());
    time::timeout(PROBE_TIMEOUT, work).await.map_err(timed_out)?
}
