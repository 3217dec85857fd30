//! The surroundings of a test: its own PostgreSQL, the link to it, and a server with a script and a
//! user state that clients report to.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use embedded_postgres::EmbeddedPostgres;
use runstate::auth::{LocalIssuer, TokenRequest};
use runstate::config::FIRST_TENANT;
use serde_json::json;
#[expect(clippy::disallowed_types, reason = "the tests' own SQL takes names and numbers")]
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use uuid::Uuid;

use crate::kept::Kept;
use crate::link::Link;
use crate::load::{Load, Record};
use crate::server::{Reply, Server};
use crate::system::{PATIENCE, Scratch, eventually, postmaster, processes, signal, supervisors};

const SCRIPTS: &str = "beta/deviceManagement/deviceManagementScripts";
const SCOPE: &str = "DeviceManagementManagedDevices.ReadWrite.All";
/// A refusal that does not wait for the database takes less. One that waits for a connection takes more,
/// and so does one that waits for a statement.
const AT_ONCE: Duration = Duration::from_secs(2);

/// A database, the link to it, and the first server.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) link: Link,
    /// The path of the user's run states.
    pub(crate) states: String,
    pub(crate) token: String,
    script: String,
    url: String,
    postgres: Option<EmbeddedPostgres>,
    place: PathBuf,
    scratch: Scratch,
}

impl World {
    pub(crate) async fn new() -> Self {
        let scratch = Scratch::new();
        let place = scratch.0.clone();
        Self::at(&place, scratch).await
    }

    /// Surroundings with the files of the database below `place`.
    pub(crate) async fn at(place: &Path, scratch: Scratch) -> Self {
        let postgres = EmbeddedPostgres::start("runstate", &place.join("postgres")).await.unwrap();
        let socket = postgres.connect_options().get_socket().unwrap().join(".s.PGSQL.5432");
        let link = Link::to(socket).await;
        let password = std::fs::read_to_string(place.join("postgres/password")).unwrap();
        let address = link.address();
        let url = format!("postgres://runstate:{}@{address}/runstate", password.trim());
        let token = token(&scratch.0.join("server"));
        let server = Server::start(&scratch.0.join("server"), &url, &token).await;
        let script = new_script(&server).await;
        let users = format!("{script}/userRunStates");
        server.post(&users, &json!({ "id": "user" })).await.with(201);
        let states = format!("{users}/user/deviceRunStates");
        let (place, postgres) = (place.to_owned(), Some(postgres));
        Self { server, link, states, token, script, url, postgres, place, scratch }
    }

    /// Another server on the same database.
    pub(crate) async fn another_server(&self) -> Server {
        self.server_at(&self.server_folder()).await
    }

    /// Another server on the same database, with this data directory.
    pub(crate) async fn server_at(&self, folder: &Path) -> Server {
        Server::start(folder, &self.url, &self.token).await
    }

    /// The same surroundings with the stopped server started again, at its address.
    pub(crate) async fn with_restarted_server(mut self) -> Self {
        self.server = self.server.restart(&self.scratch.0.join("server"), &self.url).await;
        self
    }

    pub(crate) fn server_folder(&self) -> PathBuf {
        self.scratch.0.join("server")
    }

    /// The program with the database in its environment. It uses the link, which runs on this thread, so
    /// it must not block.
    pub(crate) fn program(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut program = tokio::process::Command::new(env!("CARGO_BIN_EXE_runstate"));
        program.args(arguments).env("DATABASE_URL", &self.url).stdin(Stdio::null());
        program.env("RUNSTATE_DATA_DIR", self.server_folder());
        program.env("RUNSTATE_BACKUP_PASSPHRASE", "correct horse");
        program
    }

    /// The path of another script.
    pub(crate) async fn new_script(&self) -> String {
        new_script(&self.server).await
    }

    /// Starts clients that post to the server.
    pub(crate) fn load(&self) -> Load {
        self.load_on(self.server.base())
    }

    /// Starts clients that post to the server or balancer at `base`.
    pub(crate) fn load_on(&self, base: &str) -> Load {
        Load::start(&format!("{base}/{}", self.states), &self.token)
    }

    /// A connection to the database that does not use the link.
    pub(crate) async fn database(&self) -> PgConnection {
        self.options().connect().await.unwrap()
    }

    /// How to connect to the database without the link.
    pub(crate) fn options(&self) -> PgConnectOptions {
        self.postgres.as_ref().unwrap().connect_options()
    }

    /// Waits until a statement waits for a lock.
    pub(crate) async fn wait_for_blocked(&self) {
        let blocked = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock')";
        let mut database = self.database().await;
        eventually("a statement waits for a lock", PATIENCE, async || {
            sqlx::query_scalar(blocked).fetch_one(&mut database).await.unwrap()
        })
        .await;
    }

    pub(crate) async fn run(&self, statement: &str) {
        let mut database = self.database().await;
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut database).await.unwrap();
        database.close().await.unwrap();
    }

    /// The URL of the database, for a server.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The URL of the database with another role, for a server.
    pub(crate) fn url_of(&self, role: &str, password: &str) -> String {
        format!("postgres://{role}:{password}@{}/runstate", self.link.address())
    }

    /// Sends a signal to PostgreSQL's first process.
    pub(crate) fn signal_postgres(&self, name: &str) {
        signal(name, &[postmaster(&self.place.join("postgres"))]);
    }

    /// Sends a signal to all processes of PostgreSQL; to the first one first, so that it starts no
    /// others.
    pub(crate) fn signal_all_postgres_processes(&self, name: &str) {
        let first = postmaster(&self.place.join("postgres"));
        let children = std::fs::read_to_string(format!("/proc/{first}/task/{first}/children"));
        signal(name, &[first]);
        for child in children.unwrap().split_whitespace() {
            signal_if_there(name, child);
        }
    }

    /// Prevents a restart of PostgreSQL until [`World::allow_postgres_restart`].
    pub(crate) fn prevent_postgres_restart(&self) {
        signal("STOP", &self.shells());
    }

    pub(crate) fn allow_postgres_restart(&self) {
        for shell in self.shells() {
            signal_if_there("CONT", &shell.to_string());
        }
    }

    fn shells(&self) -> Vec<u32> {
        supervisors(self.place.to_str().unwrap())
    }

    /// Waits until the server has detected that the database is away. Then it refuses at once.
    pub(crate) async fn wait_for_outage(&self) {
        eventually("the server detects the outage", PATIENCE, async || {
            !self.server.is_healthy().await
        })
        .await;
        // On a slow machine one of them may take long for another reason.
        eventually("three refusals in a row come at once", PATIENCE, async || {
            for _ in 0..3 {
                let refusal = self.server.get(&self.states).await;
                assert!(refusal.is_refusal(), "{refusal:?}");
                if refusal.took >= AT_ONCE {
                    return false;
                }
            }
            true
        })
        .await;
    }

    /// Waits until this request is refused, whatever the health check says.
    pub(crate) async fn wait_for_refusal(&self, request: impl AsyncFn(&Server) -> Reply) {
        eventually("the request is refused", PATIENCE, async || {
            request(&self.server).await.is_refusal()
        })
        .await;
    }

    /// Waits until the server serves again.
    pub(crate) async fn wait_for_recovery(&self) {
        let options = self.options();
        let returned = async || match options.connect().await {
            Ok(connection) => connection.close().await.is_ok(),
            Err(_) => false,
        };
        eventually("the database accepts connections", PATIENCE, returned).await;
        let start = Instant::now();
        let served = async || {
            let reply = self.server.post(&self.states, &json!({ "runState": "pending" })).await;
            assert!(reply.status == 201 || reply.is_refusal(), "{reply:?}");
            reply.status == 201 && self.server.is_healthy().await
        };
        eventually("the server serves again", PATIENCE, served).await;
        println!("served {:?} after the database had returned", start.elapsed());
    }

    /// Asserts that nothing acknowledged was lost.
    pub(crate) async fn assert_kept(&self, record: &Record) {
        let Self { server, script, states, url, .. } = self;
        let kept = Kept { server, script, states, url, folder: &self.server_folder() };
        kept.assert(record).await;
    }

    /// Stops everything, and asserts that no process is left.
    pub(crate) async fn end(mut self) {
        let place = self.place.clone();
        self.postgres.take().unwrap().stop().await;
        drop(self);
        assert_eq!(processes(place.to_str().unwrap()), []);
    }
}

pub(crate) async fn new_script(server: &Server) -> String {
    let script = server.post(SCRIPTS, &json!({ "displayName": "Faults" })).await.with(201);
    format!("{SCRIPTS}/{}", script["id"].as_str().unwrap())
}

pub(crate) fn token(place: &Path) -> String {
    token_of(place, FIRST_TENANT)
}

/// A token of another tenant.
pub(crate) fn token_of(place: &Path, tenant: Uuid) -> String {
    std::fs::create_dir_all(place).unwrap();
    let request = TokenRequest {
        tenant,
        user: None,
        scopes: vec![SCOPE.into()],
        roles: Vec::new(),
        application: false,
        client: None,
        expires_in: Duration::from_secs(3600),
    };
    LocalIssuer::open(place).unwrap().token(&request).unwrap()
}

/// Sends a signal to a process that may be short-lived.
fn signal_if_there(name: &str, process: &str) {
    Command::new("kill").args(["-s", name, process]).stderr(Stdio::null()).status().unwrap();
}
