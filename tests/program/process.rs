//! The program as a process, with a data directory of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use uuid::Uuid;

#[path = "../../crates/embedded-postgres/tests/embedded/system.rs"]
#[expect(dead_code, reason = "other tests use all of it")]
pub(crate) mod system;

/// The path of the program.
pub(crate) const RUNSTATE: &str = env!("CARGO_BIN_EXE_runstate");

/// A directory that is removed when the value is dropped.
pub(crate) struct Directory(pub(crate) PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("runstate-program-{}", Uuid::new_v4()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        system::remove(&self.0);
    }
}

/// The program with two settings: its data directory, and a free port.
pub(crate) fn runstate(data: &Path) -> Command {
    configured(Command::new(RUNSTATE), data)
}

/// A command with the settings of [`runstate`] in its environment.
pub(crate) fn configured(mut command: Command, data: &Path) -> Command {
    let others =
        ["DATABASE_URL", "RUNSTATE_ISSUERS", "RUNSTATE_LOCAL_ISSUER", "RUNSTATE_PUBLIC_URL"];
    let https = [
        "RUNSTATE_METRICS_LISTEN",
        "RUNSTATE_TLS_LISTEN",
        "RUNSTATE_TLS_NAMES",
        "RUNSTATE_TLS_CERT",
        "RUNSTATE_TLS_KEY",
        "RUNSTATE_IMPERSONATE_MICROSOFT",
    ];
    for name in others.into_iter().chain(https) {
        command.env_remove(name);
    }
    command.env("RUNSTATE_DATA_DIR", data).env("RUNSTATE_LISTEN", "127.0.0.1:0");
    command.stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A server that has printed its curl command. It is killed when the value is dropped.
pub(crate) struct Server {
    pub(crate) child: Child,
    /// The base URL for HTTP.
    pub(crate) http: String,
    /// The base URL for HTTPS, if it is served.
    pub(crate) https: Option<String>,
    /// The curl command.
    pub(crate) curl: String,
    /// The command that sets the variables of a shell, if HTTPS is served.
    pub(crate) set_up: Option<String>,
}

impl Server {
    /// A server with its own database in a data directory.
    pub(crate) fn start(data: &Path) -> Self {
        Self::of(runstate(data))
    }

    /// A server that a command starts. Its log is discarded.
    pub(crate) fn of(mut program: Command) -> Self {
        program.stderr(Stdio::null());
        Self::with_log(program)
    }

    /// A server that a command starts. The command decides where its log goes.
    pub(crate) fn with_log(mut program: Command) -> Self {
        let mut child = program.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut lines = lines.map(Result::unwrap);
        let base = |line: &str| line.strip_suffix("/beta").unwrap().to_owned();
        let http = lines.next().expect("the server prints where it is");
        let http = base(http.strip_prefix("Runstate serves ").unwrap());
        let https = lines.next().unwrap().strip_prefix("and ").map(base);
        let mut find = |start: &str| lines.find(|line| line.starts_with(start));
        let curl = find("curl ").expect("the server prints a curl command");
        let set_up = https.as_ref().and_then(|_| find("eval "));
        Self { child, http, https, curl, set_up }
    }

    /// Runs the curl command in a shell. Returns its output.
    pub(crate) fn paste(&self) -> String {
        let output = run(Command::new("sh").args(["-c", &self.curl]));
        text(&output.stdout)
    }

    /// The URL to which the curl command posts.
    pub(crate) fn url(&self) -> &str {
        self.curl.split('\'').nth(1).unwrap()
    }

    /// The token of the curl command.
    fn token(&self) -> &str {
        self.curl.split("Bearer ").nth(1).unwrap().split('\'').next().unwrap()
    }

    /// How many run states the script of the curl command has.
    pub(crate) async fn count(&self) -> String {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client.get(format!("{}/$count", self.url())).bearer_auth(self.token());
        request.send().await.unwrap().text().await.unwrap()
    }

    /// Sends a signal to the server, such as `-TERM`.
    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(run(Command::new("kill").args([signal, &pid])).status.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
