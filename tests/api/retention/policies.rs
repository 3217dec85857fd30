//! What do reads and writes of policies answer?

use serde_json::json;

use super::{TENANT, policy_of, put, report, shown};
use crate::harness::{Server, execute, send};

#[tokio::test]
async fn without_a_policy_the_servers_default_is_in_force() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let default = shown([Some(90), None, None], ["server"; 3]);
    for path in [TENANT.to_owned(), policy_of(&script)] {
        let reply = client.get(&path).await;
        assert_eq!((reply.status, &reply.body), (200, &default), "{path}");
        assert_eq!(reply.header("content-type"), Some("application/json"));
        assert_eq!(reply.header("odata-version"), Some("4.0"));
    }
}

#[tokio::test]
async fn a_patch_keeps_what_it_leaves_out() {
    let server = Server::start().await;
    let client = server.client();
    for (change, expected, source) in [
        (json!({ "historyDays": 30 }), [Some(30), None, None], ["tenant", "server", "server"]),
        (json!({}), [Some(30), None, None], ["tenant", "server", "server"]),
        (
            json!({ "historyVersions": 5, "runStateDays": 400 }),
            [Some(30), Some(5), Some(400)],
            ["tenant"; 3],
        ),
        (json!({ "historyDays": null }), [None, Some(5), Some(400)], ["tenant"; 3]),
        (
            json!({ "HistoryDays": 0, "historyVersions": null, "runStateDays": 1 }),
            [Some(0), None, Some(1)],
            ["tenant"; 3],
        ),
        (
            json!({ "historyVersions": 1_000_000, "runStateDays": 36_500, "@odata.type": "#x" }),
            [Some(0), Some(1_000_000), Some(36_500)],
            ["tenant"; 3],
        ),
    ] {
        let reply = client.patch(TENANT, &change).await;
        let expected = shown(expected, source);
        assert_eq!((reply.status, &reply.body), (200, &expected), "{change}");
        assert_eq!(client.get(TENANT).await.body, expected);
    }
}

#[tokio::test]
async fn a_put_leaves_what_it_leaves_out_to_the_tenant() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let path = policy_of(&script);
    client.patch(TENANT, &json!({ "historyVersions": 5 })).await.ok();
    let inherited = shown([Some(90), Some(5), None], ["server", "tenant", "server"]);
    for (policy, expected) in [
        (
            json!({ "historyDays": null, "runStateDays": 7 }),
            shown([None, Some(5), Some(7)], ["script", "tenant", "script"]),
        ),
        (
            json!({ "historyDays": 365, "historyVersions": null }),
            shown([Some(365), None, None], ["script", "script", "server"]),
        ),
        (json!({}), inherited.clone()),
        (
            json!({ "historyDays": 7 }),
            shown([Some(7), Some(5), None], ["script", "tenant", "server"]),
        ),
    ] {
        let reply = put(&client, &path, &policy).await;
        assert_eq!((reply.status, &reply.body), (200, &expected), "{policy}");
        assert_eq!(client.get(&path).await.body, expected);
    }
    let other = client.new_script().await;
    assert_eq!(client.get(&policy_of(&other)).await.body, inherited);
    for _ in 0..2 {
        let reply = client.delete(&path).await;
        assert_eq!((reply.status, &*reply.body), (204, ""));
        assert_eq!(client.get(&path).await.body, inherited);
    }
}

#[tokio::test]
async fn without_a_policy_of_the_tenant_the_server_decides_again() {
    let server = Server::start().await;
    let client = server.client();
    let before = client.get(TENANT).await.body;
    let days = json!({ "historyDays": 3e1, "historyVersions": 5.0 });
    let set = client.patch(TENANT, &days).await.ok();
    assert_eq!((&set["historyDays"], &set["historyVersions"]), (&json!(30), &json!(5)));
    let other = server.other_tenant();
    other.patch(TENANT, &json!({ "historyDays": 7 })).await.ok();
    for _ in 0..2 {
        let reply = client.delete(TENANT).await;
        assert_eq!((reply.status, &*reply.body), (204, ""));
        assert_eq!(client.get(TENANT).await.body, before);
    }
    assert_eq!(other.get(TENANT).await.ok()["historyDays"], 7);
}

#[tokio::test]
async fn a_policy_that_was_read_can_be_written_back() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    report(&client, &script, "a", 1).await;
    let read = client.get(TENANT).await.ok();
    let written = client.patch(TENANT, &read).await.ok();
    assert_eq!(written["source"]["historyDays"], "tenant");
    assert_eq!(written["versions"], 1);
    put(&client, &policy_of(&script), &read).await.ok();
}

#[tokio::test]
async fn a_write_with_return_minimal_has_no_body() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    for (method, path) in
        [(reqwest::Method::PATCH, TENANT.to_owned()), (reqwest::Method::PUT, policy_of(&script))]
    {
        let request = client.request(method, &path).header("Prefer", "return=minimal");
        let request = request.header("Content-Type", "application/json");
        let reply = send(request.body("{\"historyDays\":7}")).await;
        assert_eq!((reply.status, &*reply.body), (204, ""));
        assert_eq!(reply.header("preference-applied"), Some("return=minimal"));
        assert_eq!(client.get(&path).await.ok()["historyDays"], 7);
    }
}

#[tokio::test]
async fn the_numbers_are_those_of_the_stored_versions() {
    let server = Server::start().await;
    let client = server.client();
    let (script, other) = (client.new_script().await, client.new_script().await);
    report(&client, &script, "a", 2).await;
    report(&client, &other, "b", 1).await;
    let first = "SELECT date_time_offset(ticks(min(valid_from)), 0::smallint) \
                 FROM device_state_history WHERE id = 'b'";
    let mut database = server.database().await;
    let first: String = sqlx::query_scalar(first).fetch_one(&mut database).await.unwrap();
    let shown = client.get(&policy_of(&other)).await.ok();
    assert_eq!((&shown["versions"], &shown["isEstimate"]), (&json!(1), &json!(false)));
    assert_eq!(shown["oldestVersion"], json!(first));
    assert!(shown["bytes"].as_i64().is_some_and(|bytes| (50..500).contains(&bytes)), "{shown}");
    assert_eq!(client.get(TENANT).await.ok()["versions"], 3);
    assert_eq!(server.other_tenant().get(TENANT).await.ok()["versions"], 0);
}

#[tokio::test]
async fn the_numbers_of_a_large_history_are_estimates() {
    let server = Server::start().await;
    let client = server.client();
    report(&client, &client.new_script().await, "a", 1).await;
    let mut database = server.database().await;
    let copy = "INSERT INTO device_state_history
                SELECT versions.* FROM device_state_history AS versions, generate_series(1, $)";
    execute(&mut database, copy.replace('$', "9999")).await;
    let shown = client.get(TENANT).await.ok();
    assert_eq!((&shown["versions"], &shown["isEstimate"]), (&json!(10_000), &json!(false)));
    execute(&mut database, "DELETE FROM device_state_history".into()).await;
    report(&client, &client.new_script().await, "b", 1).await;
    execute(&mut database, copy.replace('$', "200000")).await;
    let shown = client.get(TENANT).await.ok();
    assert_eq!(shown["isEstimate"], true);
    let versions = shown["versions"].as_i64().unwrap();
    assert!((150_000..250_000).contains(&versions), "{shown}");
}
