//! Keeps `postgres` running on a cluster until it is told to stop. It runs on a thread, so that it
//! depends on no async runtime of the application.

use std::io;
use std::process::ChildStdin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::cluster::Cluster;
use crate::job::Job;
use crate::{files, processes};

/// The pause before a restart: from the first to the longest, doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// After a run of this length the pauses begin again with the first.
const STEADY: Duration = Duration::from_secs(60);
/// How long a dropped supervisor waits for a fast shutdown before it aborts the processes.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(20);

/// Runs `postgres` until it is dropped, and again whenever it ends by itself.
#[derive(Debug)]
pub(crate) struct Supervisor {
    shared: Arc<Shared>,
    cluster: Arc<Cluster>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The pipe whose end stops the program.
    pipe: Option<ChildStdin>,
    stopping: bool,
    ended: bool,
    failures: u32,
}

impl Supervisor {
    pub(crate) fn start(cluster: Arc<Cluster>, job: Job) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let supervisor = Self { shared: Arc::clone(&shared), cluster: Arc::clone(&cluster) };
        thread::Builder::new()
            .name("postgres".into())
            .spawn(move || {
                run(&shared, &cluster, &job);
                // The waiting thread must be the last that holds the cluster.
                drop(cluster);
                shared.lock().ended = true;
                shared.changed.notify_all();
            })
            .inspect_err(|_| supervisor.shared.lock().ended = true)?;
        Ok(supervisor)
    }

    /// How often the program could not be started or ended by itself.
    pub(crate) fn failures(&self) -> u32 {
        self.shared.lock().failures
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.stopping = true;
        state.pipe = None;
        drop(state);
        self.shared.changed.notify_all();
        if !self.shared.wait(SHUTDOWN_TIMEOUT, |state| state.ended) {
            tracing::warn!("PostgreSQL does not shut down in time; its processes are aborted");
            processes::abort(&self.cluster.data);
            self.shared.wait(SHUTDOWN_TIMEOUT, |state| state.ended);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the state is as wanted, and says whether it became so in time.
    fn wait(&self, timeout: Duration, wanted: impl Fn(&State) -> bool) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), timeout, |state| !wanted(state));
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        wanted(&state)
    }

    /// Keeps the pipe, or closes it at once if the server was stopped meanwhile.
    fn hold(&self, pipe: Option<ChildStdin>) {
        let mut state = self.lock();
        state.pipe = pipe.filter(|_| !state.stopping);
    }
}

fn run(shared: &Shared, cluster: &Cluster, job: &Job) {
    let mut pause = FIRST_PAUSE;
    loop {
        let began = Instant::now();
        let outcome = run_once(shared, cluster, job);
        if began.elapsed() > STEADY {
            pause = FIRST_PAUSE;
        }
        let mut state = shared.lock();
        state.pipe = None;
        if state.stopping {
            break;
        }
        state.failures += 1;
        drop(state);
        tracing::error!("PostgreSQL ended by itself ({outcome}); it is started again");
        if shared.wait(pause, |state| state.stopping) {
            break;
        }
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

/// Runs `postgres` once, after removing what the last run left, and says how it ended.
fn run_once(shared: &Shared, cluster: &Cluster, job: &Job) -> String {
    processes::stop(&cluster.data);
    if let Err(error) = processes::disown(&cluster.data, &cluster.user) {
        return error.to_string();
    }
    for name in [".s.PGSQL.5432", ".s.PGSQL.5432.lock"] {
        if let Err(error) = files::remove_file(&cluster.sockets().join(name)) {
            tracing::warn!("could not remove the old {name}: {error}");
        }
    }
    let started = job.spawn().and_then(|(mut child, pipe)| {
        shared.hold(pipe);
        child.wait()
    });
    match started {
        Ok(status) => status.to_string(),
        Err(error) => format!("it could not be started: {error}"),
    }
}
