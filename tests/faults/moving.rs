//! A tenant is moved from one database to another: under load behind `HAProxy`, with commands that are
//! killed, and with files that do not fit.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::Method;
use runstate::config::FIRST_TENANT;
use serde_json::{Value as Json, json};
use sqlx::{ConnectOptions, Connection, Row};
use tokio::process::Command;
use tokio::task::JoinHandle;

use crate::backup::{kill_after, succeed, text};
use crate::haproxy::Haproxy;
use crate::kept::Kept;
use crate::server::Server;
use crate::system::{PATIENCE, eventually};
use crate::world::World;

const DEVICES: &str = "beta/deviceManagement/managedDevices";
/// When an import is killed, in milliseconds after its start.
const KILLS: [u64; 6] = [50, 150, 300, 450, 600, 900];

/// The first part, with its tenant, and a second part without one. No list of tenants keeps the servers
/// apart: both would take writes of the tenant.
struct Parts {
    world: World,
    second: Server,
    second_url: String,
    file: PathBuf,
}

impl Parts {
    async fn start() -> Self {
        let world = World::new().await;
        world.run("CREATE DATABASE second").await;
        let second_url = format!("{}second", world.url().strip_suffix("runstate").unwrap());
        let second = Server::start(&world.server_folder(), &second_url, &world.token).await;
        // The first start of a server with the local issuer makes the same tenant everywhere.
        let mut database = world.options().database("second").connect().await.unwrap();
        for table in ["script", "tenant", "audit_event"] {
            let delete = sqlx::AssertSqlSafe(format!("DELETE FROM {table}"));
            sqlx::query(delete).execute(&mut database).await.unwrap();
        }
        database.close().await.unwrap();
        let file = world.server_folder().join("tenant.tar");
        Self { world, second, second_url, file }
    }

    /// The program on the first database.
    fn at_first(&self, arguments: &[&str]) -> Command {
        self.world.program(&[&["tenant"], arguments].concat())
    }

    /// The program on the second database.
    fn at_second(&self, arguments: &[&str]) -> Command {
        let mut program = self.at_first(arguments);
        program.env("DATABASE_URL", &self.second_url);
        program
    }

    fn export(&self, options: &[&str]) -> Command {
        let (tenant, file) = (FIRST_TENANT.to_string(), self.file.to_str().unwrap());
        self.at_first(&[&["export", &tenant, file], options].concat())
    }

    fn import(&self) -> Command {
        self.at_second(&["import", self.file.to_str().unwrap()])
    }

    /// How many rows the tenant has in a database, and the state of the tenant.
    async fn rows(&self, database: &str) -> (i64, Option<String>) {
        let mut connection = self.world.options().database(database).connect().await.unwrap();
        let tables = "SELECT attrelid::regclass::text AS name FROM pg_attribute
                      JOIN pg_class ON pg_class.oid = attrelid
                      WHERE attname = 'tenant_id' AND relkind IN ('r', 'p') AND NOT relispartition";
        let mut rows = 0;
        for table in sqlx::query(tables).fetch_all(&mut connection).await.unwrap() {
            let name: String = table.get("name");
            let count = format!("SELECT count(*) FROM {name} WHERE tenant_id = '{FIRST_TENANT}'");
            let count = sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(count));
            rows += count.fetch_one(&mut connection).await.unwrap();
        }
        let state = sqlx::query_scalar("SELECT state FROM closed_tenant WHERE tenant = $1");
        let state = state.bind(FIRST_TENANT).fetch_optional(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        (rows, state)
    }

    /// Waits until the database has ended the sessions of an import that was killed.
    async fn wait_for_end_of_import(&self) {
        let mut connection = self.world.options().database("second").connect().await.unwrap();
        // Those of the server have a name.
        let sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'second'
                        AND backend_type = 'client backend' AND application_name = ''
                        AND pid <> pg_backend_pid()";
        eventually("the sessions of the import end", PATIENCE, async || {
            let sessions = sqlx::query_scalar::<_, i64>(sessions).fetch_one(&mut connection);
            sessions.await.unwrap() == 0
        })
        .await;
        connection.close().await.unwrap();
    }

    async fn end(self) {
        drop(self.second);
        self.world.end().await;
    }
}

/// What a program that fails says.
async fn refusal(mut program: Command) -> String {
    let output = program.output().await.unwrap();
    assert!(!output.status.success(), "{}", text(&output.stdout));
    text(&output.stderr)
}

/// Reads a page again and again. Each reply is a page, or asks to come back.
fn read_on(url: String, token: String, stop: &Arc<AtomicBool>) -> JoinHandle<usize> {
    let stop = Arc::clone(stop);
    tokio::spawn(async move {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut pages = 0;
        while !stop.load(Ordering::Relaxed) {
            let reply = http.get(&url).bearer_auth(&token).send().await.unwrap();
            match reply.status().as_u16() {
                200 => pages += 1,
                503 => assert!(reply.headers().contains_key("retry-after"), "{reply:?}"),
                status => panic!("{status}"),
            }
        }
        pages
    })
}

/// Creates a device with an idempotency key.
async fn create_once(base: &str, token: &str) -> (u16, Option<String>, String) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = http.post(format!("{base}/{DEVICES}")).bearer_auth(token);
    let request = request.header("Idempotency-Key", "the-key-of-the-device");
    let reply = request.json(&json!({ "deviceName": "Once" })).send().await.unwrap();
    let replayed = reply.headers().get("idempotency-replayed");
    let replayed = replayed.map(|value| value.to_str().unwrap().to_owned());
    (reply.status().as_u16(), replayed, reply.text().await.unwrap())
}

#[tokio::test]
async fn a_tenant_moves_under_load_and_nothing_is_lost_or_doubled() {
    let parts = Parts::start().await;
    let Parts { world, second, .. } = &parts;
    let map = format!("{FIRST_TENANT} part1\n");
    let folder = world.server_folder();
    let Some(haproxy) = Haproxy::before([&world.server, second], &map, &folder).await else {
        return parts.end().await;
    };
    let base = haproxy.base();
    let (script, _) = world.states.split_once("/userRunStates").unwrap();
    let states = format!("{script}/deviceRunStates");
    for id in ["a", "b", "c"] {
        world.server.post(&states, &json!({ "id": id })).await.with(201);
    }
    let page = world.server.get(&format!("{states}?$filter=id lt 'client'&$top=2")).await.with(200);
    let next = page["@odata.nextLink"].as_str().unwrap().replace(world.server.base(), "");
    let created = create_once(&base, &world.token).await;
    assert_eq!((created.0, &created.1), (201, &None));

    let load = world.load_on(&base);
    let stop = Arc::default();
    let reader = read_on(format!("{base}/{script}"), world.token.clone(), &stop);
    load.rounds(2).await;
    let exported = succeed(parts.export(&["--close"])).await;
    assert!(exported.contains("The tenant is read-only from now on."), "{exported}");
    let imported = succeed(parts.import()).await;
    assert!(imported.contains("The tenant takes writes here."), "{imported}");
    haproxy.lead(FIRST_TENANT, "part2");
    load.rounds(2).await;
    let removed = succeed(parts.at_first(&["remove", &FIRST_TENANT.to_string()])).await;
    assert!(removed.contains("refused here from now on"), "{removed}");
    load.rounds(1).await;
    let record = load.stop().await;
    stop.store(true, Ordering::Relaxed);
    assert!(reader.await.unwrap() > 0);

    record.assert_some_refused();
    let kept = Kept {
        server: second,
        script,
        states: &world.states,
        url: &parts.second_url,
        folder: &folder,
    };
    kept.assert(&record).await;
    let rest = second.get(next.trim_start_matches('/')).await.with(200);
    assert_eq!(rest["value"].as_array().unwrap().len(), 1, "{rest}");
    assert_eq!(rest["value"][0]["id"], "c");
    let again = create_once(&base, &world.token).await;
    assert_eq!(again, (201, Some("true".into()), created.2));
    the_first_part_refuses(&parts, script).await;
    drop(haproxy);
    parts.end().await;
}

/// The part that the tenant has left refuses it for ever, and has nothing of it.
async fn the_first_part_refuses(parts: &Parts, script: &str) {
    let Parts { world, .. } = parts;
    assert_eq!(parts.rows("runstate").await, (0, Some("moved".into())));
    let restarted = world.another_server().await;
    for server in [&world.server, &restarted] {
        assert_eq!(server.get(script).await.status, 421);
        assert_eq!(server.post(&world.states, &json!({})).await.status, 421);
        assert_eq!(server.post(DEVICES, &json!({})).await.status, 421);
    }
    drop(restarted);
    let listed = succeed(parts.at_first(&["list"])).await;
    let listed: Json = serde_json::from_str(&listed).unwrap();
    assert_eq!((&listed["id"], &listed["state"]), (&json!(FIRST_TENANT), &json!("moved")));
    let refused = refusal(parts.at_first(&["add", "--id", &FIRST_TENANT.to_string()])).await;
    assert!(refused.contains("has left this database"), "{refused}");
    assert_eq!(parts.rows("runstate").await, (0, Some("moved".into())));
}

#[tokio::test]
async fn an_import_that_is_killed_leaves_nothing_and_is_repeated() {
    let parts = Parts::start().await;
    let load = parts.world.load();
    load.rounds(20).await;
    let record = load.stop().await;
    succeed(parts.export(&["--close"])).await;
    let (rows, _) = parts.rows("runstate").await;
    for time in KILLS {
        kill_after(parts.import(), time).await;
        parts.wait_for_end_of_import().await;
        let found = parts.rows("second").await;
        let whole = [(rows, None), (0, Some("arriving".into())), (0, None)];
        assert!(whole.contains(&found), "{time} ms: {found:?} of {rows}");
        if found.1.is_some() {
            let refused = parts.second.get(DEVICES).await;
            assert!(refused.is_refusal(), "{refused:?}");
        }
    }
    succeed(parts.import()).await;
    let again = succeed(parts.import()).await;
    assert!(again.contains("are here already. Nothing was changed."), "{again}");
    assert_eq!(parts.rows("second").await, (rows, None));
    // A removal that is killed goes on where it was.
    let tenant = FIRST_TENANT.to_string();
    kill_after(parts.at_first(&["remove", &tenant]), 3200).await;
    succeed(parts.at_first(&["remove", &tenant])).await;
    assert_eq!(parts.rows("runstate").await, (0, Some("moved".into())));
    let (script, _) = parts.world.states.split_once("/userRunStates").unwrap();
    let (states, folder) = (&parts.world.states, &parts.world.server_folder());
    Kept { server: &parts.second, script, states, url: &parts.second_url, folder }
        .assert(&record)
        .await;
    parts.end().await;
}

#[tokio::test]
async fn a_tenant_that_came_back_is_served_again_and_a_copy_is_read_only() {
    let parts = Parts::start().await;
    let (first, second) = (&parts.world.server, &parts.second);
    let tenant = FIRST_TENANT.to_string();
    let write = async |server: &Server| server.post(DEVICES, &json!({})).await.status;
    let copied = succeed(parts.export(&[])).await;
    assert!(copied.contains("The tenant goes on here."), "{copied}");
    assert_eq!(write(first).await, 201);
    let imported = succeed(parts.import()).await;
    assert!(imported.contains("The tenant is read-only here."), "{imported}");
    assert_eq!((write(second).await, second.get(DEVICES).await.status), (503, 200));
    // The original goes, and the copy takes its place.
    let lost = "takes writes. Export it with --close first, or remove it with --without-export";
    let refused = refusal(parts.at_first(&["remove", &tenant])).await;
    assert!(refused.contains(lost), "{refused}");
    assert_eq!(write(first).await, 201);
    succeed(parts.at_first(&["remove", &tenant, "--without-export"])).await;
    let opened = succeed(parts.at_second(&["open", &tenant])).await;
    assert!(opened.contains("takes writes here"), "{opened}");
    assert_eq!((write(first).await, write(second).await), (421, 201));
    // Back again: to a database that it had left.
    let file = parts.file.to_str().unwrap();
    succeed(parts.at_second(&["export", &tenant, file, "--close", "--force"])).await;
    succeed(parts.at_first(&["import", file])).await;
    assert_eq!((write(first).await, write(second).await), (201, 503));
    succeed(parts.at_second(&["remove", &tenant])).await;
    assert_eq!(second.get(DEVICES).await.status, 421);
    let refused = refusal(parts.at_second(&["open", &tenant])).await;
    assert!(refused.contains("in this database is 'moved'; nothing was changed"), "{refused}");
    parts.end().await;
}

#[tokio::test]
async fn files_and_tenants_that_do_not_fit_are_refused_by_name() {
    let parts = Parts::start().await;
    let (tenant, file) = (FIRST_TENANT.to_string(), parts.file.to_str().unwrap());
    let whole = parts.world.server_folder().join("whole.tar");
    let whole = whole.to_str().unwrap();
    succeed(parts.world.program(&["backup", whole])).await;
    succeed(parts.export(&[])).await;
    let program = |arguments: &[&str]| parts.world.program(arguments);
    let unknown = "7e570000-0000-4000-8000-00000000000f";
    let empty = parts.world.server_folder().join("empty");
    let mut restore = program(&["restore", file]);
    restore.env_remove("DATABASE_URL").env("RUNSTATE_DATA_DIR", &empty);
    for (command, reason) in [
        (
            parts.at_second(&["import", whole]),
            "is a backup of a whole database. Use `runstate restore`",
        ),
        (restore, "has the rows of the tenant 7e570000-0000-4000-8000-000000000001 only. Use"),
        (parts.at_second(&["import", "/etc/hostname"]), "is not a backup of Runstate"),
        (parts.export(&[]), "it exists already; --force replaces it"),
        (parts.at_first(&["export", unknown, whole, "--force"]), "has nothing of the tenant"),
        (parts.at_first(&["open", unknown]), "has nothing of the tenant"),
        (parts.at_first(&["remove", unknown]), "has nothing of the tenant"),
    ] {
        let refused = refusal(command).await;
        assert!(refused.contains(reason), "{refused}");
        assert!(!refused.contains("may be read-only now"), "{refused}");
    }
    // What fails after the tenant was closed says so.
    let refused = refusal(parts.export(&["--close"])).await;
    let reason = format!(
        "it exists already; --force replaces it\nThe tenant may be read-only now. Repeat the export, or \
         run `runstate tenant open {tenant}`."
    );
    assert!(refused.contains(&reason), "{refused}");
    succeed(parts.at_first(&["open", &tenant])).await;
    let verified = succeed(program(&["backup", "verify", file])).await;
    assert!(verified.ends_with("Every counter matches the rows.\n"), "{verified}");
    // Other rows of the tenant.
    parts.second.post(DEVICES, &json!({})).await.with(201);
    let refused = refusal(parts.import()).await;
    let reason = format!("the tenant {tenant} is in the database already, with other rows in ");
    assert!(refused.contains(&reason), "{refused}");
    assert_eq!(parts.second.post(DEVICES, &json!({})).await.status, 201);
    assert_eq!(parts.rows("second").await.1, None);
    // A damaged file.
    damage(&parts.file);
    let refused = refusal(parts.import()).await;
    assert!(refused.contains("is damaged"), "{refused}");
    let found = parts.second.send(Method::GET, DEVICES, None, &parts.world.token).await;
    assert_eq!(found.with(200)["value"].as_array().unwrap().len(), 2);
    parts.end().await;
}

/// Changes a byte in the middle of a file.
fn damage(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(file, bytes).unwrap();
}
