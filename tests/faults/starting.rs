//! What does a server answer while another program migrates its database, and it waits for that?

use std::os::unix::net::UnixDatagram;
use std::process::Stdio;

use reqwest::Method;
use serde_json::json;
use sqlx::migrate::Migrate;
use sqlx::postgres::PgConnection;
use sqlx::{ConnectOptions, Connection};
use tokio::process::Child;

use crate::server::send;
use crate::system::{PATIENCE, eventually, free_address, signal};
use crate::world::World;

const SCRIPTS: &str = "beta/deviceManagement/deviceManagementScripts";
const STARTING: &str =
    "the server is starting: it opens the database and brings the schema up to date";
/// A migration may take longer than the service manager waits for a start.
const EXTENSION: &str = "EXTEND_TIMEOUT_USEC=120000000";

/// A server on an empty database, whose migrations wait for a lock.
struct Starting {
    process: Child,
    base: String,
    manager: UnixDatagram,
    lock: PgConnection,
    http: reqwest::Client,
}

impl Starting {
    async fn on(world: &World) -> Self {
        world.run("CREATE DATABASE second").await;
        let mut lock = world.options().database("second").connect().await.unwrap();
        lock.lock().await.unwrap();
        let (address, folder) = (free_address(), world.server_folder());
        let manager = UnixDatagram::bind(folder.join("notify")).unwrap();
        manager.set_nonblocking(true).unwrap();
        let url = format!("{}second", world.url().strip_suffix("runstate").unwrap());
        let mut program = world.program(&["serve", "--listen", &address]);
        program.env("DATABASE_URL", url).env("RUNSTATE_LOCAL_ISSUER", "true");
        program.env("NOTIFY_SOCKET", folder.join("notify")).kill_on_drop(true);
        program.stdout(Stdio::null()).stderr(Stdio::null());
        let process = program.spawn().unwrap();
        world.wait_for_blocked().await;
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Self { process, base: format!("http://{address}"), manager, lock, http }
    }

    /// Status, text and `Retry-After` of a check of health.
    async fn health(&self, path: &str) -> (u16, String, Option<String>) {
        let reply = self.http.get(format!("{}{path}", self.base)).send().await.unwrap();
        let retry_after = reply.headers().get("retry-after");
        let retry_after = retry_after.map(|value| value.to_str().unwrap().to_owned());
        (reply.status().as_u16(), reply.text().await.unwrap(), retry_after)
    }

    /// The next message to the service manager, if there is one.
    fn message(&self) -> Option<String> {
        let mut bytes = [0; 64];
        let length = self.manager.recv(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes[..length]).trim().to_owned())
    }
}

#[tokio::test]
async fn a_server_that_migrates_lives_and_is_not_ready_and_requests_wait_for_it() {
    let world = World::new().await;
    let mut server = Starting::on(&world).await;
    let starting = (503, STARTING.to_owned(), Some("1".to_owned()));
    assert_eq!(server.health("/health/live").await, (200, "ok".into(), None));
    assert_eq!(server.health("/health/ready").await, starting);
    assert_eq!(server.health("/health").await, starting);
    let extended = async || server.message().is_some_and(|message| message == EXTENSION);
    eventually("the service manager gives more time", PATIENCE, extended).await;
    assert_eq!(server.message(), None, "the service manager was told too early");

    let url = format!("{}/{SCRIPTS}", server.base);
    let (http, script) = (server.http.clone(), json!({ "displayName": "Early" }));
    let create = async || send(&http, Method::POST, &url, Some(&script), &world.token).await;
    let refused = create().await;
    assert!(refused.is_refusal(), "{refused:?}");
    let text = "The server is starting. Please retry after the time that Retry-After gives.";
    assert_eq!(refused.body["error"]["message"], text);
    let release = async { server.lock.unlock().await.unwrap() };
    let (created, ()) = tokio::join!(create(), release);
    created.with(201);
    assert_eq!(server.health("/health/ready").await, (200, "ok".into(), None));
    let count = format!("{url}?$filter=displayName eq 'Early'&$count=true&$top=0");
    let list = send(&http, Method::GET, &count, None, &world.token).await.with(200);
    assert_eq!(list["@odata.count"], 1, "the refused one was executed");
    let told = async || server.message().is_some_and(|message| message == "READY=1");
    eventually("the service manager is told", PATIENCE, told).await;
    drop(server);
    world.end().await;
}

#[tokio::test]
async fn a_server_that_is_stopped_while_it_starts_ends_in_order_and_changes_nothing() {
    let world = World::new().await;
    let mut server = Starting::on(&world).await;
    let waits = server.http.get(format!("{}/{SCRIPTS}", server.base)).send();
    let stop = async {
        assert_eq!(server.health("/health/live").await.0, 200);
        signal("TERM", &[server.process.id().unwrap()]);
    };
    let (waited, ()) = tokio::join!(waits, stop);
    // A request that the server had not read yet has no reply.
    let waited = waited.map(|reply| reply.status().as_u16());
    assert!(matches!(waited, Ok(503) | Err(_)), "{waited:?}");
    assert!(server.process.wait().await.unwrap().success());
    let tables = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    let tables: i64 = sqlx::query_scalar(tables).fetch_one(&mut server.lock).await.unwrap();
    assert_eq!(tables, 0);
    server.lock.close().await.unwrap();
    world.end().await;
}
