//! Whether the database is there. A task asks it again and again, on a connection of its own, so
//! that nobody waits for a database that is away, and its return is seen at once. Knows nothing of
//! what else is asked of the database, except whether it was answered.

use std::io::ErrorKind;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Error as Driver};
use tokio::sync::watch;
use tokio::time;
use tokio_util::sync::CancellationToken;

use super::failure;

/// The pause between two questions. With the patience below it decides how soon a database counts
/// as away, and as there again: both within two seconds and a half, mostly at once.
const PAUSE: Duration = Duration::from_millis(300);
/// How long the database may take to do what costs it nothing.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// What is known of the database; every clone learns the same.
#[derive(Clone, Debug)]
pub(crate) struct Presence {
    state: watch::Receiver<State>,
    /// Whether anything was answered since the last question.
    answered: Arc<AtomicBool>,
    /// Ends the task.
    stop: CancellationToken,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// It has answered since then, and connections from before are given up.
    There(Instant),
    Away,
}

/// How the database has answered.
enum Answer {
    /// As one that is there does.
    There,
    /// On a new connection, while the one before was silent.
    Anew,
}

/// The task that asks, and what it says of it.
struct Watcher {
    options: PgConnectOptions,
    connection: Option<PgConnection>,
    state: watch::Sender<State>,
    answered: Arc<AtomicBool>,
}

impl Presence {
    /// A database that is there, which a task watches from now on.
    pub(crate) async fn open(options: PgConnectOptions) -> Result<Self, Driver> {
        let connection = Some(PgConnection::connect_with(&options).await?);
        let (sender, state) = watch::channel(State::There(Instant::now()));
        let answered = Arc::new(AtomicBool::new(false));
        let stop = CancellationToken::new();
        let presence = Self { state, answered: Arc::clone(&answered), stop: stop.clone() };
        let watcher = Watcher { options, connection, state: sender, answered };
        tokio::spawn(async move { stop.run_until_cancelled(watcher.run()).await });
        Ok(presence)
    }

    /// Since when the database has been there; `None` while it is away.
    pub(crate) fn since(&self) -> Option<Instant> {
        match *self.state.borrow() {
            State::There(since) => Some(since),
            State::Away => None,
        }
    }

    /// Over once the database is not there any more as it was at that time, which
    /// [`Presence::since`] gave: it is away, or was, or its connections from then are given up.
    pub(crate) async fn lost(&self, since: Option<Instant>) {
        let changed = |state: &State| !matches!(*state, State::There(now) if Some(now) == since);
        // Without its sender the state changes no more, which is at the end of the program.
        self.state.clone().wait_for(changed).await.ok();
    }

    /// Ends the task, so that a database which stops next is not reported as one that does not answer.
    pub(crate) async fn stop_watching(&self) {
        self.stop.cancel();
        // The task has ended once its sender is gone.
        let mut state = self.state.clone();
        while state.changed().await.is_ok() {}
    }

    /// Notes that the database has answered, whatever it was.
    pub(crate) fn note_answer(&self) {
        self.answered.store(true, Ordering::Relaxed);
    }
}

impl Watcher {
    /// Asks until nobody wants to know any more.
    async fn run(mut self) {
        while !self.state.is_closed() {
            self.answered.store(false, Ordering::Relaxed);
            match self.ask().await {
                Ok(Answer::There) => self.there(),
                Ok(Answer::Anew) => self.anew(),
                // A busy database may leave this question waiting while it answers others.
                Err(_) if self.answered.load(Ordering::Relaxed) => {}
                Err(cause) => self.away(&cause),
            }
            tokio::select! {
                () = time::sleep(PAUSE) => {}
                () = self.state.closed() => {}
            }
        }
    }

    /// One question. That a connection breaks says nothing of the next one; but one that is silent
    /// while the next one, asked later, is answered will be silent for ever.
    async fn ask(&mut self) -> Result<Answer, Driver> {
        if let Some(mut old) = self.connection.take() {
            let answered = {
                let mut answer = pin!(old.ping());
                match time::timeout(PATIENCE, &mut answer).await {
                    Ok(answered) => answered.is_ok(),
                    Err(_) => tokio::select! {
                        biased;
                        answered = answer => answered.is_ok(),
                        connected = self.connect() => return connected.map(|()| Answer::Anew),
                    },
                }
            };
            if answered {
                self.connection = Some(old);
                return Ok(Answer::There);
            }
        }
        self.connect().await.map(|()| Answer::There)
    }

    /// Asks on a new connection.
    async fn connect(&mut self) -> Result<(), Driver> {
        let connected = async {
            let mut new = PgConnection::connect_with(&self.options).await?;
            new.ping().await.map(|()| new)
        };
        self.connection = Some(in_time(connected).await?);
        Ok(())
    }

    fn there(&self) {
        let returned = self.state.send_if_modified(|state| {
            let returned = matches!(state, State::Away);
            if returned {
                *state = State::There(Instant::now());
            }
            returned
        });
        if returned {
            tracing::info!("the database answers again");
        }
    }

    /// The database answers on a new connection alone, as after a change of route: those from before
    /// would be waited for in vain.
    fn anew(&self) {
        self.state.send_replace(State::There(Instant::now()));
        tracing::warn!("connections to the database have fallen silent, and are given up");
    }

    fn away(&self, cause: &Driver) {
        let lost = self.state.send_if_modified(|state| {
            !matches!(std::mem::replace(state, State::Away), State::Away)
        });
        if lost {
            let cause = failure::told(cause);
            tracing::error!(cause, "the database does not answer; requests are refused until then");
        }
    }
}

/// What has to come within [`PATIENCE`].
pub(crate) async fn in_time<T>(
    answer: impl Future<Output = Result<T, Driver>>,
) -> Result<T, Driver> {
    let late = |_| Driver::Io(ErrorKind::TimedOut.into());
    time::timeout(PATIENCE, answer).await.map_err(late)?
}
