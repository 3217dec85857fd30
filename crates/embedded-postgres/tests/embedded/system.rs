//! Temporary directories, free addresses, and the processes of the system. The tests of this crate and
//! those of the server that start the program share it.

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How long a test waits for something that takes a moment, on a machine that is ten times slower.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// A directory for one test, removed with all that lies in it.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        let name = format!("embedded-test-{}", uuid::Uuid::new_v4().simple());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// Removes a directory after the last process that works in it has ended: a PostgreSQL whose server was
/// killed still stops, and writes meanwhile.
pub(crate) fn remove(directory: &Path) {
    let end = Instant::now() + PATIENCE;
    let name = directory.to_str().unwrap();
    while !processes(name).is_empty() && Instant::now() < end {
        std::thread::sleep(PAUSE);
    }
    let removed = fs::remove_dir_all(directory);
    // A second panic would hide the first one.
    if !std::thread::panicking() {
        assert_eq!(processes(name), []);
        removed.unwrap();
    }
}

/// An address at which nothing listens. Ports of 32,768 and more are left out: the system gives them to
/// listeners and connections of other tests.
pub(crate) fn free_address() -> String {
    static GIVEN: Mutex<BTreeSet<u128>> = Mutex::new(BTreeSet::new());
    loop {
        let port = 10_000 + uuid::Uuid::new_v4().as_u128() % 20_000;
        let address = format!("127.0.0.1:{port}");
        if GIVEN.lock().unwrap().insert(port) && TcpListener::bind(&address).is_ok() {
            return address;
        }
    }
}

pub(crate) fn signal(name: &str, pids: &[u32]) {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "kill -s \"$@\"", "sh", name]).args(pids.iter().map(u32::to_string));
    assert!(shell.status().unwrap().success());
}

/// The living processes whose command line or working directory names `text`. None where the system
/// does not list them.
pub(crate) fn processes(text: &str) -> Vec<(u32, String)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| *pid != std::process::id())
        .filter_map(|pid| {
            let bytes = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
            let line = String::from_utf8_lossy(&bytes).replace('\0', " ");
            let directory = fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
            let named = line.contains(text) || directory.to_string_lossy().contains(text);
            named.then_some((pid, line))
        })
        .collect()
}

/// The two shells that stand between a server and its PostgreSQL.
pub(crate) fn supervisors(text: &str) -> Vec<u32> {
    let shells = processes(text).into_iter().filter(|(_, line)| line.contains("-supervisor"));
    shells.map(|(pid, _)| pid).collect()
}

pub(crate) fn postmaster(directory: &Path) -> u32 {
    let text = fs::read_to_string(directory.join("data/postmaster.pid")).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

pub(crate) async fn eventually(what: &str, limit: Duration, mut done: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + limit;
    while !done().await {
        assert!(Instant::now() < end, "{what}: not within {limit:?}");
        tokio::time::sleep(PAUSE).await;
    }
}
