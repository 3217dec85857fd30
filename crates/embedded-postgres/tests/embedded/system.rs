//! Temporary directories, and the processes of the system. The tests of this crate and the `faults`
//! tests of the server share it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

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
        fs::remove_dir_all(&self.0).unwrap();
    }
}

pub(crate) fn signal(name: &str, pids: &[u32]) {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "kill -s \"$@\"", "sh", name]).args(pids.iter().map(u32::to_string));
    assert!(shell.status().unwrap().success());
}

/// The living processes whose command line or working directory names `text`.
pub(crate) fn processes(text: &str) -> Vec<(u32, String)> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
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
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
