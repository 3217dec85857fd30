//! Keeps a program running as a child of ours that does not outlive us. A shell stands between:
//! it stops the program when the pipe that we hold closes, which the system does for us even
//! after `kill -9`. Runs on a thread, so that it depends on no runtime of its user's.

use super::cluster::Cluster;
use super::owner::Owner;
use super::{files, processes};
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

const SCRIPT: &str = include_str!("supervisor.sh");

/// The pause before the program is started again: from the first to the longest, doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// After so long a run the pauses begin anew.
const STEADY: Duration = Duration::from_secs(60);
/// How long a dropped supervisor waits for a fast shutdown before it insists.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is to run, and what is removed when we are gone.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) owner: Owner,
    pub(super) directory: PathBuf,
    pub(super) log: PathBuf,
    pub(super) leftover: PathBuf,
}

impl Job {
    /// Starts the job; it ends when the pipe is dropped.
    pub(super) fn spawn(&self) -> io::Result<(Child, Option<ChildStdin>)> {
        let mut shell = self.owner.command("/bin/sh", &self.directory);
        shell.args(["-c", SCRIPT, "runstate-supervisor"]).arg(&self.log).arg(&self.leftover);
        shell.arg(&self.program).args(&self.arguments);
        // In a group of its own: Ctrl-C in a terminal is for the server, which drains first.
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let mut child = shell.spawn()?;
        let lifeline = child.stdin.take();
        Ok((child, lifeline))
    }
}

/// Runs `postgres` until it is dropped, and again whenever it ends by itself.
#[derive(Debug)]
pub(super) struct Supervisor {
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
    lifeline: Option<ChildStdin>,
    stopping: bool,
    ended: bool,
    failures: u32,
}

impl Supervisor {
    pub(super) fn start(cluster: Arc<Cluster>, job: Job) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let supervisor = Self { shared: Arc::clone(&shared), cluster: Arc::clone(&cluster) };
        thread::Builder::new()
            .name("postgres".into())
            .spawn(move || {
                run(&shared, &cluster, &job);
                // Whoever waits for the end shall be the last to hold the cluster.
                drop(cluster);
                shared.lock().ended = true;
                shared.changed.notify_all();
            })
            .inspect_err(|_| supervisor.shared.lock().ended = true)?;
        Ok(supervisor)
    }

    /// How often the program could not be started or ended by itself.
    pub(super) fn failures(&self) -> u32 {
        self.shared.lock().failures
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.stopping = true;
        state.lifeline = None;
        drop(state);
        self.shared.changed.notify_all();
        if !self.shared.wait(PATIENCE, |state| state.ended) {
            tracing::warn!("PostgreSQL does not stop; it is stopped less gently");
            processes::abort(&self.cluster.data);
            self.shared.wait(PATIENCE, |state| state.ended);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the state is as wanted, and says whether it came to be.
    fn wait(&self, limit: Duration, wanted: impl Fn(&State) -> bool) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), limit, |state| !wanted(state));
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        wanted(&state)
    }

    /// Keeps the pipe, or closes it at once if the stop came in between.
    fn hold(&self, lifeline: Option<ChildStdin>) {
        let mut state = self.lock();
        state.lifeline = lifeline.filter(|_| !state.stopping);
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
        state.lifeline = None;
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

/// One life of `postgres`, from clearing away what its predecessor left to its end.
fn run_once(shared: &Shared, cluster: &Cluster, job: &Job) -> String {
    processes::stop(&cluster.data);
    if let Err(error) = processes::disown(&cluster.data, &cluster.owner) {
        return error.to_string();
    }
    for name in [".s.PGSQL.5432", ".s.PGSQL.5432.lock"] {
        if let Err(error) = files::remove_file(&cluster.sockets().join(name)) {
            tracing::warn!("could not remove the old {name}: {error}");
        }
    }
    let started = job.spawn().and_then(|(mut child, lifeline)| {
        shared.hold(lifeline);
        child.wait()
    });
    match started {
        Ok(status) => status.to_string(),
        Err(error) => format!("it could not be started: {error}"),
    }
}
