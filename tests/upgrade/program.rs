//! A program of one of the two versions: runs its commands and its server, on a data directory.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use reqwest::{Client, Method, RequestBuilder};

use crate::system::{PATIENCE, eventually, free_address, signal};

/// The variable with the path of the previous release's program. `tests/upgrade/run` sets it.
const PREVIOUS: &str = "RUNSTATE_PREVIOUS";
/// The start of all links, the same whichever port a server has.
pub(crate) const PUBLIC: &str = "https://graph.test";

/// A program with its settings.
#[derive(Clone)]
pub(crate) struct Program {
    path: PathBuf,
    data: PathBuf,
    database: Option<String>,
}

/// A running server. It is killed when the value is dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) base: String,
    http: Client,
}

/// The programs of the previous release and of this version, on one data directory. `None`, and a line
/// that says so, where the previous release was not built.
pub(crate) fn programs(data: &Path) -> Option<[Program; 2]> {
    let Some(previous) = std::env::var_os(PREVIOUS) else {
        println!("left out: {PREVIOUS} is not set; `tests/upgrade/run` builds the last release");
        return None;
    };
    let program = |path: PathBuf| Program { path, data: data.to_owned(), database: None };
    Some([program(previous.into()), program(env!("CARGO_BIN_EXE_runstate").into())])
}

impl Program {
    /// The same program with another data directory.
    pub(crate) fn at(&self, data: &Path) -> Self {
        Self { data: data.to_owned(), ..self.clone() }
    }

    /// The same program on a database of one's own.
    pub(crate) fn on(&self, database: &str) -> Self {
        Self { database: Some(database.to_owned()), ..self.clone() }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.env_remove("DATABASE_URL").env_remove("RUNSTATE_ISSUERS");
        command.envs(self.database.iter().map(|url| ("DATABASE_URL", url)));
        command.env("RUNSTATE_DATA_DIR", &self.data).env("RUNSTATE_LOCAL_ISSUER", "true");
        command.env("RUNSTATE_TLS_LISTEN", "off").env("RUNSTATE_METRICS_LISTEN", "off");
        command.env("RUNSTATE_PUBLIC_URL", PUBLIC).env("RUST_LOG", "warn");
        command.env("RUNSTATE_BACKUP_PASSPHRASE", "correct horse").stdin(Stdio::null());
        command
    }

    /// Runs a command of the program that succeeds. Returns what it prints.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self.command().args(arguments).output().unwrap();
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} {arguments:?}: {log}", self.path.display());
        String::from_utf8(output.stdout).unwrap()
    }

    /// Like [`Program::run`], for a command that others must not wait for.
    pub(crate) async fn run_beside(&self, arguments: &'static [&'static str]) -> String {
        let program = self.clone();
        tokio::task::spawn_blocking(move || program.run(arguments)).await.unwrap()
    }

    pub(crate) async fn serve(&self) -> Server {
        let address = free_address();
        std::fs::create_dir_all(&self.data).unwrap();
        let log = self.data.join(format!("{}.log", address.replace(':', "-")));
        let mut command = self.command();
        command.env("RUNSTATE_LISTEN", &address).stdout(Stdio::null());
        let process = command.stderr(File::create(log).unwrap()).spawn().unwrap();
        let http = Client::builder().no_proxy().build().unwrap();
        let server = Server { process, base: format!("http://{address}"), http };
        let health = server.request(Method::GET, "/health");
        eventually("the server serves", PATIENCE, async || {
            let reply = health.try_clone().unwrap().send().await;
            reply.is_ok_and(|reply| reply.status() == 200)
        })
        .await;
        server
    }
}

impl Server {
    /// A request to a path, or to a link that begins with [`PUBLIC`].
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let path = path.strip_prefix(PUBLIC).unwrap_or(path);
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// Stops the server as a service manager does.
    pub(crate) async fn stop(mut self) {
        signal("TERM", &[self.process.id()]);
        let process = &mut self.process;
        eventually("the server ends", PATIENCE, async || process.try_wait().unwrap().is_some())
            .await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
