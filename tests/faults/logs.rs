//! What the log contains about failed requests, and what it never contains.

use serde_json::{Value as Json, json};

use crate::server::Server;
use crate::system::{PATIENCE, eventually};
use crate::world::World;

/// Part of everything that must not be logged.
const SECRET: &str = "marker-of-a-secret";

/// The events of a request with this level.
fn of<'a>(log: &'a [Json], id: &str, level: &str) -> Vec<&'a Json> {
    let wanted = |event: &&Json| event["fields"]["id"] == id && event["level"] == level;
    log.iter().filter(wanted).collect()
}

#[tokio::test]
async fn the_log_is_json_and_names_failed_requests_without_secrets() {
    let mut world = World::new().await;
    let guest = format!(
        "CREATE ROLE guest LOGIN PASSWORD '{SECRET}'; GRANT runstate, runstate_server TO guest"
    );
    world.run(&guest).await;
    let (url, place) = (world.url_of("guest", SECRET), world.server_folder());
    world.server = Server::start_with_full_log(&place, &url, &world.token).await;
    let script = world.new_script().await;
    let content = json!({ "scriptContent": "bWFya2VyLW9mLWEtc2VjcmV0" });
    world.server.patch(&script, &content).await.with(200);
    let row = json!({ "id": "row", "resultMessage": SECRET });
    world.server.post(&world.states, &row).await.with(201);
    let filter = format!("{}?$filter=resultMessage eq '{SECRET}'", world.states);
    let read = world.server.get(&filter).await;
    assert_eq!(read.body["value"][0]["id"], "row", "{read:?}");
    let refused = world.server.get_with(SECRET, &world.states).await;
    assert_eq!(refused.status, 401, "{refused:?}");

    world.run("ALTER ROLE guest SET default_transaction_read_only = on").await;
    // It waits until they have ended.
    let end = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
               WHERE usename = 'guest'";
    world.run(end).await;
    world.wait_for_refusal(async |server| server.post(&world.states, &row).await).await;
    // The first ones may fail for the end of their connections.
    let (mut update, read_only) = (String::new(), "SQLSTATE 25006");
    eventually("an update fails because the database is read-only", PATIENCE, async || {
        let refused = world.server.patch(&script, &json!({ "displayName": SECRET })).await;
        assert!(refused.is_refusal(), "{refused:?}");
        update = refused.id;
        let log = world.server.log();
        of(&log, &update, "WARN").iter().any(|event| event.to_string().contains(read_only))
    })
    .await;
    let create = world.server.post(&world.states, &json!({ "resultMessage": SECRET })).await;
    assert!(create.is_refusal(), "{create:?}");

    let log = world.server.log();
    let of = |id: &str, level: &str| of(&log, id, level);
    let [answered, ..] = of(&read.id, "DEBUG")[..] else { panic!("{} is not logged", read.id) };
    assert_eq!(answered["fields"]["tenant"], "7e570000-0000-4000-8000-000000000001");
    let [failed] = of(&update, "WARN")[..] else { panic!("{update} is not logged once") };
    let cause = failed["fields"]["cause"].as_str().unwrap();
    assert!(cause.contains(read_only) && failed["fields"]["status"] == 503, "{failed}");
    assert_eq!(of(&create.id, "WARN").len(), 0);
    assert!(of(&create.id, "DEBUG").iter().any(|event| event["fields"]["status"] == 503));
    let is_of_writes = |event: &Json| event["fields"]["message"] == "a batch of writes failed";
    assert!(log.iter().any(is_of_writes));
    let signature = world.token.rsplit('.').next().unwrap();
    for secret in [SECRET, "bWFya2VyLW9mLWEtc2VjcmV0", signature] {
        let found = log.iter().find(|event| event.to_string().contains(secret));
        assert_eq!(found, None, "{secret}");
    }
    world.end().await;
}
