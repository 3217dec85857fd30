//! A tenant is moved from one database to another. `load` moves it under load behind `HAProxy`,
//! `interrupted` kills the commands, and `refusals` has files that do not fit.

mod interrupted;
mod load;
mod refusals;

use std::path::PathBuf;

use runstate::config::FIRST_TENANT;
use serde_json::json;
use sqlx::{ConnectOptions, Connection, Row};
use tokio::process::Command;

use crate::backup::{succeed, text};
use crate::server::Server;
use crate::system::{PATIENCE, eventually};
use crate::world::World;

const DEVICES: &str = "beta/deviceManagement/managedDevices";

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
