//! A program that runs as a child of ours and does not outlive us. A shell stands between: it stops
//! the program when the pipe that we hold closes, which the system does for us even after `kill -9`.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Stdio};
use std::time::{Duration, Instant};

use crate::user::User;

const SCRIPT: &str = include_str!("supervisor.sh");

/// What is to run, and what is removed when we are gone.
#[derive(Debug)]
pub(crate) struct Job {
    /// What the list of processes shows for the shell.
    pub(crate) title: String,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) user: User,
    /// The working directory.
    pub(crate) directory: PathBuf,
    /// The file that the output is added to.
    pub(crate) log: PathBuf,
    /// The directory that is removed when we are gone.
    pub(crate) leftover: PathBuf,
}

impl Job {
    /// Starts the job; it ends when the pipe is dropped.
    pub(crate) fn spawn(&self) -> io::Result<(Child, Option<ChildStdin>)> {
        let mut shell = self.user.command("/bin/sh", &self.directory);
        shell.args(["-c", SCRIPT, &self.title]).arg(&self.log).arg(&self.leftover);
        shell.arg(&self.program).args(&self.arguments);
        // In a group of its own: Ctrl-C in a terminal is for the application, which stops first.
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let mut child = shell.spawn()?;
        let pipe = child.stdin.take();
        Ok((child, pipe))
    }

    /// Runs the job to its end, and says whether it succeeded within a time.
    pub(crate) fn run(&self, timeout: Duration) -> io::Result<bool> {
        let (mut child, pipe) = self.spawn()?;
        let end = Instant::now() + timeout;
        while Instant::now() < end {
            if let Some(status) = child.try_wait()? {
                return Ok(status.success());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(pipe);
        child.wait()?;
        Ok(false)
    }
}
