//! Tells a service manager, such as systemd, that the server starts, is ready, is alive, or is about to stop.
//! Does nothing where none waits for that. Knows nothing of the server but its address.

use std::net::SocketAddr;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time;
use tokio_util::task::AbortOnDropHandle;

use super::health;

/// How much time the service manager gives a start that goes on, from each message, in microseconds.
const START_EXTENSION: u32 = 120_000_000;
/// The pause between two such messages.
const EXTENSION_PAUSE: Duration = Duration::from_secs(30);
/// How many times within the timeout of the watchdog the server is asked.
const PROBES: u32 = 3;

/// The server accepts requests.
pub(super) fn ready() {
    notify(&NotifyState::Ready);
}

/// The server accepts no more connections soon.
pub(super) fn stopping() {
    notify(&NotifyState::Stopping);
}

/// Extends the time in which the server has to be ready, until the value is dropped: the migration of a large
/// database takes hours, and has to be carried out at once.
pub(super) fn extend_start() -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async {
        let mut interval = time::interval(EXTENSION_PAUSE);
        loop {
            interval.tick().await;
            notify(&NotifyState::ExtendTimeoutUsec(START_EXTENSION));
        }
    }))
}

/// Tells the watchdog of the service manager that the server is alive, for as long as the server answers
/// requests at the address, and the value lives. `None` where no watchdog waits.
///
/// A database that is away is no reason to stop telling: a restart of the server would not help.
pub(super) fn keep_watchdog(listen: SocketAddr) -> Option<AbortOnDropHandle<()>> {
    let pause = sd_notify::watchdog_enabled().filter(|timeout| !timeout.is_zero())? / PROBES;
    Some(AbortOnDropHandle::new(tokio::spawn(async move {
        let mut interval = time::interval(pause);
        loop {
            interval.tick().await;
            if answers(listen, pause).await {
                notify(&NotifyState::Watchdog);
            }
        }
    })))
}

/// Whether the server answers within a time, whatever it says.
async fn answers(listen: SocketAddr, timeout: Duration) -> bool {
    let asked = tokio::task::spawn_blocking(move || health::ask(listen, "/health/live", timeout));
    let answer = asked.await.map_err(|error| ureq::Error::Io(error.into())).flatten();
    if let Err(error) = &answer {
        tracing::warn!(%error, "the server does not answer itself");
    }
    answer.is_ok()
}

fn notify(state: &NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(std::slice::from_ref(state)) {
        tracing::warn!(%error, "the service manager cannot be told the state of the server");
    }
}
