//! The PostgreSQL processes that still run on a data directory, whoever started them, and how they
//! are stopped. The number in `postmaster.pid` alone is never trusted.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::error::{IoContext, Result};
use crate::files;
use crate::user::User;

/// How long a fast shutdown may take: it writes a checkpoint.
const FAST_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(20);
/// How long an immediate shutdown may take.
const ABORT_TIMEOUT: Duration = Duration::from_secs(5);

/// PostgreSQL accepts this as the number of a process, and no process ever has it.
const NO_PROCESS: &str = "2147483647";

/// Stops every process that still runs on the directory: by a fast shutdown, then without one.
pub(crate) fn stop(data: &Path) {
    if let Some(postmaster) = postmaster(data) {
        tracing::info!("a PostgreSQL (process {postmaster}) still runs on {}", data.display());
        signal("INT", &[postmaster]);
        wait(FAST_SHUTDOWN_TIMEOUT, || !belongs(postmaster, data));
    }
    abort(data);
}

/// Stops every process on the directory without a shutdown. PostgreSQL recovers from that.
pub(crate) fn abort(data: &Path) {
    for name in ["QUIT", "KILL"] {
        let running = running(data);
        if running.is_empty() {
            return;
        }
        signal(name, &running);
        wait(ABORT_TIMEOUT, || self::running(data).is_empty());
    }
}

/// Makes sure that a `postmaster.pid` left by a crash does not prevent a start where its number is
/// another process's now. Only the number is replaced: by the rest PostgreSQL sees whether processes
/// of the earlier server are still attached to the shared memory.
pub(crate) fn disown(data: &Path, user: &User) -> Result<()> {
    let path = pid_file(data);
    match files::read(&path) {
        Ok(text) if text.contains('\n') && !text.starts_with(NO_PROCESS) => {
            let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
            files::write(&path, &format!("{NO_PROCESS}\n{rest}"), 0o600, user)
        }
        // Written in part: PostgreSQL would refuse it, and no server ran with it for long.
        Ok(text) if !text.contains('\n') => files::remove_file(&path).context("remove", &path),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).context("read", &path),
        _ => Ok(()),
    }
}

/// Whether a process with this number exists.
pub(crate) fn exists(pid: u32) -> bool {
    if Path::new("/proc/self").exists() {
        return Path::new("/proc").join(pid.to_string()).exists();
    }
    let mut list = Command::new("ps");
    list.args(["-p", &pid.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
    list.status().is_ok_and(|status| status.success())
}

fn pid_file(data: &Path) -> PathBuf {
    data.join("postmaster.pid")
}

/// The first process of a PostgreSQL that runs on the directory.
fn postmaster(data: &Path) -> Option<u32> {
    let text = files::read(&pid_file(data)).ok()?;
    let pid = text.lines().next()?.trim().parse().ok()?;
    belongs(pid, data).then_some(pid)
}

/// All processes of PostgreSQL that run on the directory, as far as the system lists them.
fn running(data: &Path) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return postmaster(data).into_iter().collect();
    };
    let names = entries.flatten().map(|entry| entry.file_name());
    let numbers = names.filter_map(|name| name.to_str()?.parse().ok());
    numbers.filter(|pid| belongs(*pid, data)).collect()
}

/// Whether a process is one of PostgreSQL that runs on the directory. A zombie is not.
fn belongs(pid: u32, data: &Path) -> bool {
    let process = PathBuf::from(format!("/proc/{pid}"));
    if Path::new("/proc/self/cwd").exists() {
        // The working directory of each process of PostgreSQL is the data directory.
        let named = |name: String| name.contains("postgres") || name.contains("postmaster");
        return fs::read_link(process.join("cwd")).is_ok_and(|directory| directory == data)
            && fs::read_to_string(process.join("comm")).is_ok_and(named);
    }
    let output = Command::new("ps").args(["-o", "args=", "-p", &pid.to_string()]).output();
    output.is_ok_and(|output| {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.contains("postgres") && text.contains(&*data.to_string_lossy())
    })
}

fn signal(name: &str, pids: &[u32]) {
    // The shell's own `kill`: small systems do not have the program.
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "kill -s \"$@\"", "sh", name]).args(pids.iter().map(u32::to_string));
    let status = shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    tracing::debug!("sent {name} to {pids:?}: {status:?}");
}

fn wait(limit: Duration, done: impl Fn() -> bool) {
    let end = Instant::now() + limit;
    while !done() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(10));
    }
}
