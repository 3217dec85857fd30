//! What a fault happens to: a PostgreSQL of the test's own, the network before it, and servers on
//! it, with a script and a user state to report to.

use std::collections::BTreeSet;
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

use crate::link::Link;
use crate::load::{Load, Record};
use crate::server::{Reply, Server};
use crate::system::{Scratch, eventually, postmaster, processes, signal, supervisors};

const SCRIPTS: &str = "beta/deviceManagement/deviceManagementScripts";
const SCOPE: &str = "DeviceManagementManagedDevices.ReadWrite.All";
/// How soon a server notices, and how soon it recovers once the database is back: two seconds and a
/// half at most, and what a busy machine adds to it.
const SOON: Duration = Duration::from_secs(10);
/// How soon a refusal comes once the server has noticed: at once, and as above.
const AT_ONCE: Duration = Duration::from_secs(2);

/// A database, the link to it, and the first server.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) link: Link,
    /// Where the user's run states are.
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

    /// With the database's files below `place`.
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
        Server::start(&self.place_of_servers(), &self.url, &self.token).await
    }

    /// With the server, which has ended, started again where it was.
    pub(crate) async fn with_server_again(mut self) -> Self {
        self.server = self.server.restart(&self.scratch.0.join("server"), &self.url).await;
        self
    }

    pub(crate) fn place_of_servers(&self) -> PathBuf {
        self.scratch.0.join("server")
    }

    /// The path of another script.
    pub(crate) async fn new_script(&self) -> String {
        new_script(&self.server).await
    }

    /// Clients that post to the server.
    pub(crate) fn load(&self) -> Load {
        self.load_on(self.server.base())
    }

    /// Clients that post to what serves at `base`.
    pub(crate) fn load_on(&self, base: &str) -> Load {
        Load::start(&format!("{base}/{}", self.states), &self.token)
    }

    /// A connection to the database past server and link.
    pub(crate) async fn database(&self) -> PgConnection {
        self.options().connect().await.unwrap()
    }

    fn options(&self) -> PgConnectOptions {
        self.postgres.as_ref().unwrap().connect_options()
    }

    pub(crate) async fn run(&self, statement: &str) {
        let mut database = self.database().await;
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut database).await.unwrap();
        database.close().await.unwrap();
    }

    /// A server's URL of the database as another role.
    pub(crate) fn url_of(&self, role: &str, password: &str) -> String {
        format!("postgres://{role}:{password}@{}/runstate", self.link.address())
    }

    /// Sends a signal to the first process of PostgreSQL.
    pub(crate) fn signal_postgres(&self, name: &str) {
        signal(name, &[postmaster(&self.place.join("postgres"))]);
    }

    /// Sends a signal to all processes of PostgreSQL, the first one first: it makes no more then.
    pub(crate) fn signal_all_of_postgres(&self, name: &str) {
        let first = postmaster(&self.place.join("postgres"));
        let children = std::fs::read_to_string(format!("/proc/{first}/task/{first}/children"));
        signal(name, &[first]);
        for child in children.unwrap().split_whitespace() {
            signal_if_there(name, child);
        }
    }

    /// Keeps PostgreSQL from being started again, until [`World::let_postgres_return`].
    pub(crate) fn hold_postgres(&self) {
        signal("STOP", &self.shells());
    }

    pub(crate) fn let_postgres_return(&self) {
        for shell in self.shells() {
            signal_if_there("CONT", &shell.to_string());
        }
    }

    fn shells(&self) -> Vec<u32> {
        supervisors(self.place.to_str().unwrap())
    }

    /// Waits until the server knows that the database is away; from then on it refuses at once.
    pub(crate) async fn notices(&self) {
        eventually("the server notices", SOON, async || !self.server.is_healthy().await).await;
        for _ in 0..3 {
            let refusal = self.server.get(&self.states).await;
            assert!(refusal.is_refusal() && refusal.took < AT_ONCE, "{refusal:?}");
        }
    }

    /// Waits until requests are refused, one by one, whatever the server knows.
    pub(crate) async fn refuses(&self, request: impl AsyncFn(&Server) -> Reply) {
        let limit = SOON;
        eventually("it refuses", limit, async || request(&self.server).await.is_refusal()).await;
    }

    /// Waits until the server serves again.
    pub(crate) async fn recovers(&self) {
        let options = self.options();
        let returned = async || match options.connect().await {
            Ok(connection) => connection.close().await.is_ok(),
            Err(_) => false,
        };
        eventually("the database returns", Duration::from_secs(30), returned).await;
        let start = Instant::now();
        let served = async || {
            let reply = self.server.post(&self.states, &json!({ "runState": "pending" })).await;
            assert!(reply.status == 201 || reply.is_refusal(), "{reply:?}");
            reply.status == 201 && self.server.is_healthy().await
        };
        eventually("the server serves again", SOON, served).await;
        println!("served {:?} after the database had returned", start.elapsed());
    }

    /// Holds where what was acknowledged is there, once, nothing is there that nobody posted, and
    /// the counters say what the rows say.
    pub(crate) async fn kept(&self, record: &Record) {
        let mut rows = Vec::new();
        let mut page = format!("{}?$select=id,runState", self.states);
        loop {
            let body = self.server.get(&page).await.with(200);
            rows.extend(body["value"].as_array().unwrap().clone());
            let Some(next) = body["@odata.nextLink"].as_str() else { break };
            page = next.split_once("/beta").map(|(_, rest)| format!("beta{rest}")).unwrap();
        }
        let of_clients = rows.iter().map(|row| row["id"].as_str().unwrap().to_owned());
        let of_clients: Vec<_> = of_clients.filter(|id| id.starts_with("client-")).collect();
        let ids: BTreeSet<_> = of_clients.iter().cloned().collect();
        assert_eq!(ids.len(), of_clients.len(), "a row is there twice");
        let lost: Vec<_> = record.acknowledged.difference(&ids).collect();
        assert!(lost.is_empty(), "acknowledged, but not there: {lost:?}");
        let unexpected: Vec<_> = ids.iter().filter(|id| !record.knows(id)).collect();
        assert!(unexpected.is_empty(), "nobody posted {unexpected:?}");

        let count = |state: &str| rows.iter().filter(|row| row["runState"] == state).count();
        let counted = json!([count("success"), count("fail")]);
        let user = self.server.get(&format!("{}/userRunStates/user", self.script)).await.with(200);
        assert_eq!(json!([user["successDeviceCount"], user["errorDeviceCount"]]), counted);
        let all = self.server.get(&format!("{}/runSummary", self.script)).await.with(200);
        assert_eq!(json!([all["successDeviceCount"], all["errorDeviceCount"]]), counted);
        // The link, through which it goes, is driven by this thread.
        let mut check = tokio::process::Command::new(env!("CARGO_BIN_EXE_runstate"));
        let check = check.args(["recount", "--check"]).env("DATABASE_URL", &self.url);
        let check = check.env("RUNSTATE_DATA_DIR", self.place_of_servers()).output().await.unwrap();
        let said = String::from_utf8(check.stdout).unwrap();
        assert_eq!(said, "Every counter matches the rows.\n", "{:?}", check.stderr);
    }

    /// Ends everything, and holds where nothing of it is left.
    pub(crate) async fn end(mut self) {
        let place = self.place.clone();
        self.postgres.take().unwrap().stop().await;
        drop(self);
        assert_eq!(processes(place.to_str().unwrap()), []);
    }
}

async fn new_script(server: &Server) -> String {
    let script = server.post(SCRIPTS, &json!({ "displayName": "Faults" })).await.with(201);
    format!("{SCRIPTS}/{}", script["id"].as_str().unwrap())
}

fn token(place: &Path) -> String {
    std::fs::create_dir_all(place).unwrap();
    let request = TokenRequest {
        tenant: FIRST_TENANT,
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
