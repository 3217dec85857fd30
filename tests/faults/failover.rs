//! The primary of a replicated database fails under load, and its synchronous standby takes over.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use crate::health::READ_ONLY;
use crate::kept::Kept;
use crate::load::{Load, Record};
use crate::replicated::Replicated;
use crate::server::Server;
use crate::system::{PATIENCE, Scratch, eventually};
use crate::world::{new_script, token};

/// A replicated database, and a server that knows both hosts.
struct World {
    server: Server,
    script: String,
    states: String,
    token: String,
    database: Replicated,
    scratch: Scratch,
}

impl World {
    async fn start() -> Option<Self> {
        let database = Replicated::start().await?;
        let scratch = Scratch::new();
        let folder = scratch.0.join("server");
        let token = token(&folder);
        let server = Server::start(&folder, &database.url(), &token).await;
        let script = new_script(&server).await;
        let users = format!("{script}/userRunStates");
        server.post(&users, &json!({ "id": "user" })).await.with(201);
        let states = format!("{users}/user/deviceRunStates");
        Some(Self { server, script, states, token, database, scratch })
    }

    fn folder(&self) -> PathBuf {
        self.scratch.0.join("server")
    }

    async fn load(&self) -> Load {
        let load = Load::start(&format!("{}/{}", self.server.base(), self.states), &self.token);
        load.rounds(1).await;
        load
    }

    async fn wait_for_outage(&self) {
        eventually("the server detects the outage", PATIENCE, async || {
            !self.server.is_healthy().await
        })
        .await;
        for refusal in
            [self.server.get(&self.states).await, self.server.post(&self.states, &json!({})).await]
        {
            assert!(refusal.is_refusal(), "{refusal:?}");
        }
    }

    async fn wait_for_recovery(&self) {
        eventually("the server writes to the new primary", PATIENCE, async || {
            let reply = self.server.post(&self.states, &json!({})).await;
            assert!(reply.status == 201 || reply.is_refusal(), "{reply:?}");
            reply.status == 201
        })
        .await;
    }

    async fn assert_kept(&self, record: &Record) {
        let Self { server, script, states, .. } = self;
        let url = self.database.url();
        Kept { server, script, states, url: &url, folder: &self.folder() }.assert(record).await;
    }

    /// Runs a command with the URL of both hosts, which fails. Returns its log.
    async fn refused_command(&self) -> String {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_runstate"));
        let command = command.arg("migrate").env("DATABASE_URL", self.database.url());
        let output = command.env("RUNSTATE_DATA_DIR", self.folder()).output().await.unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    }
}

#[tokio::test]
async fn after_a_failover_every_acknowledged_row_is_there_and_writes_go_on() {
    let Some(mut world) = World::start().await else { return };
    let load = world.load().await;
    world.database.primary.kill();
    world.wait_for_outage().await;
    let log = world.refused_command().await;
    assert!(log.contains("no host of the database takes writes (127.0.0.1:"), "{log}");
    assert!(log.contains("this host is read-only, as a standby is"), "{log}");
    world.database.standby.promote().await;
    world.wait_for_recovery().await;
    load.rounds(2).await;
    let record = load.stop().await;
    record.assert_some_refused();
    world.assert_kept(&record).await;
}

#[tokio::test]
async fn a_primary_that_wakes_up_after_the_failover_is_not_used_any_more() {
    let Some(world) = World::start().await else { return };
    let load = world.load().await;
    world.database.primary.signal("STOP");
    world.wait_for_outage().await;
    world.database.standby.promote().await;
    world.wait_for_recovery().await;
    world.database.primary.signal("CONT");
    // The server looks for its primary several times meanwhile.
    tokio::time::sleep(Duration::from_secs(2)).await;
    load.rounds(2).await;
    let record = load.stop().await;
    record.assert_some_refused();
    world.assert_kept(&record).await;
}

#[tokio::test]
async fn a_server_on_a_standby_serves_reads_and_refuses_writes_until_it_is_promoted() {
    let Some(mut world) = World::start().await else { return };
    world.database.wait_for_standby().await;
    let url = world.database.standby.url();
    let server = Server::start(&world.folder(), &url, &world.token).await;
    assert_eq!(server.all(&world.states).await.len(), 0);
    let refusal = server.post(&world.states, &json!({})).await;
    assert!(refusal.is_refusal(), "{refusal:?}");
    assert!(server.is_healthy().await);
    assert_eq!(server.health("/health/ready").await, (503, READ_ONLY.into()));
    world.server.post(&world.states, &json!({ "id": "one" })).await.with(201);
    eventually("the standby has the row", PATIENCE, async || {
        server.all(&world.states).await.len() == 1
    })
    .await;
    world.database.primary.kill();
    world.database.standby.promote().await;
    eventually("the server writes", PATIENCE, async || {
        let reply = server.post(&world.states, &json!({ "id": "two" })).await;
        reply.status == 201 || !reply.is_refusal() && panic!("{reply:?}")
    })
    .await;
    eventually("the server is ready", PATIENCE, async || {
        server.health("/health/ready").await == (200, "ok".into())
    })
    .await;
}

#[tokio::test]
async fn a_primary_whose_only_standby_has_failed_acknowledges_nothing_and_can_be_read() {
    let Some(mut world) = World::start().await else { return };
    world.database.standby.kill();
    let refusal = world.server.post(&world.states, &json!({ "id": "one" })).await;
    assert!(refusal.is_refusal(), "{refusal:?}");
    world.server.get(&world.states).await.with(200);
    assert!(world.server.is_healthy().await);
}
