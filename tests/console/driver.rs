//! The browser's driver, a process of its own, and new sessions of it. Knows no page.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::browser::Browser;

const STARTED: &str = "was started successfully on port ";

/// `chromedriver`. It is killed when the value is dropped; its sessions must have ended before.
pub(crate) struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    /// Starts the driver. It keeps its profiles in `directory`. None if it is not installed.
    pub(crate) fn start(directory: &Path) -> Option<Self> {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").env("TMPDIR", directory);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().ok()?;
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let line = lines.find(|line| line.contains(STARTED)).expect("the driver says its port");
        let port = line.split(STARTED).nth(1).unwrap().trim_end_matches('.').parse().unwrap();
        // The driver would wait for a reader of what it writes.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { child, port })
    }

    /// A new browser with one window.
    pub(crate) async fn session(&self) -> Browser {
        let mut arguments = vec![
            "--headless=new",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--disable-background-networking",
            "--hide-scrollbars",
            "--lang=en",
        ];
        if is_root() {
            // Chromium refuses to sandbox the processes of root.
            arguments.push("--no-sandbox");
        }
        let driver = format!("http://127.0.0.1:{}", self.port);
        Browser::new(&driver, json!({ "args": arguments })).await
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
