//! In which order do the items of a batch run, and which are not executed?

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::{after, answers, get, refused, refuses_whole_batch, send, statuses};
use crate::harness::{Client, SCRIPTS, Server};

/// Creates a script and returns the path of its run states.
async fn states(client: &Client) -> String {
    format!("{}/deviceRunStates", client.new_script().await)
}

fn create(id: &str, states: &str) -> Json {
    send(id, "POST", states, json!({ "id": id }))
}

#[tokio::test]
async fn a_dependent_item_sees_the_results_of_its_dependencies() {
    let server = Server::start().await;
    let client = server.client();
    let states = states(&client).await;
    let state = format!("{states}/a");
    let change = send("b", "PATCH", &state, json!({ "errorCode": 7 }));
    let requests = json!([
        after(get("last", &state), json!(["D"])),
        after(json!({ "id": "d", "method": "DELETE", "url": state }), json!(["c", "A", "c"])),
        after(get("c", &state), json!(["b"])),
        after(change, json!(["a"])),
        send("A", "POST", &states, json!({ "id": "a" })),
    ]);
    let answers = answers(&client, requests).await;
    assert_eq!(statuses(&answers), [404, 204, 200, 200, 201]);
    assert_eq!(answers[2]["body"]["errorCode"], 7);
}

#[tokio::test]
async fn dependencies_may_be_integers() {
    let server = Server::start().await;
    let client = server.client();
    let states = states(&client).await;
    let answers =
        answers(&client, json!([after(get("2", &states), json!([1])), create("1", &states)])).await;
    assert_eq!(answers[0]["body"]["value"][0]["id"], "1");
}

#[tokio::test]
async fn an_item_that_depends_on_a_failed_one_is_424_and_not_executed() {
    let server = Server::start().await;
    let client = server.client();
    let states = states(&client).await;
    let requests = json!([
        after(create("far", &states), json!(["near"])),
        after(create("near", &states), json!(["fine", "Fails"])),
        get("Fails", "nonsense"),
        create("fine", &states),
        after(create("also", &states), json!(["fine"])),
    ]);
    let answers = answers(&client, requests).await;
    assert_eq!(statuses(&answers), [424, 424, 400, 201, 201]);
    let message = refused(&answers[1], 424, "FailedDependency");
    assert_eq!(
        message,
        "The request was not run, because the request 'Fails', on which it depends, failed."
    );
    assert!(refused(&answers[0], 424, "FailedDependency").contains("'near'"));
    assert_eq!(client.get(&format!("{states}/$count")).await.body, "2");
}

#[tokio::test]
async fn an_item_with_an_invalid_url_fails_its_dependents() {
    let server = Server::start().await;
    let client = server.client();
    let wrong = get("1", "http://elsewhere.example/beta/x");
    let answers = answers(&client, json!([wrong, after(get("2", SCRIPTS), json!(["1"]))])).await;
    assert_eq!(statuses(&answers), [400, 424]);
}

#[tokio::test]
async fn circular_dependencies_refuse_the_whole_batch() {
    let create = |id: &str, on: Json| after(send(id, "POST", SCRIPTS, json!({})), on);
    let words = "dependsOn: the request depends on itself through other requests.";
    let two = json!([create("a", json!(["b"])), create("b", json!(["a"])), create("c", json!([]))]);
    refuses_whole_batch(two, &format!("requests[1].{words}")).await;
    let leads_to_a_circle = json!([
        create("x", json!(["a"])),
        create("a", json!(["c"])),
        create("b", json!(["a"])),
        create("c", json!(["free", "b"])),
        create("free", json!([])),
    ]);
    refuses_whole_batch(leads_to_a_circle, &format!("requests[3].{words}")).await;
}

#[tokio::test]
async fn a_chain_of_twenty_dependencies_runs_in_order() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let change = |number: u32| {
        let body = json!({ "displayName": number.to_string() });
        let request = send(&number.to_string(), "PATCH", &script, body);
        if number == 0 { request } else { after(request, json!([number - 1])) }
    };
    let requests: Vec<Json> = (0..20).rev().map(change).collect();
    assert_eq!(statuses(&answers(&client, requests.into()).await), [200; 20]);
    assert_eq!(client.get(&script).await.ok()["displayName"], "19");
}

/// Waits until a query returns this number.
async fn wait_for(database: &mut sqlx::PgConnection, query: &'static str, number: i64) {
    for _ in 0..6000 {
        let found: i64 = sqlx::query_scalar(query).fetch_one(&mut *database).await.unwrap();
        if found == number {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{query} never gave {number}");
}

#[tokio::test]
async fn at_most_four_independent_items_run_at_the_same_time() {
    let server = Server::start().await;
    let client = server.client();
    let locked = client.new_script().await;
    let (mut holder, mut watcher) = (server.database().await, server.database().await);
    sqlx::query("BEGIN").execute(&mut holder).await.unwrap();
    sqlx::query("SELECT 1 FROM script FOR UPDATE").execute(&mut holder).await.unwrap();

    let change = |id: &str| send(id, "PATCH", &locked, json!({ "displayName": id }));
    let mut requests: Vec<Json> = ["1", "2", "3"].iter().map(|id| change(id)).collect();
    requests.push(send("4", "POST", SCRIPTS, json!({})));
    requests.push(after(send("5", "POST", SCRIPTS, json!({})), json!(["1"])));
    requests.extend(["6", "7"].iter().map(|id| change(id)));
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                   AND wait_event_type = 'Lock'";
    let release = async {
        // 1, 2 and 3 wait for the lock. 4 runs and ends, then 6 waits too. 7 must wait for a free
        // place, and 5 for the end of 1.
        wait_for(&mut watcher, "SELECT count(*) FROM script", 2).await;
        wait_for(&mut watcher, waiting, 4).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        wait_for(&mut watcher, waiting, 4).await;
        wait_for(&mut watcher, "SELECT count(*) FROM script", 2).await;
        sqlx::query("COMMIT").execute(&mut holder).await.unwrap();
    };
    let (answers, ()) = tokio::join!(answers(&client, requests.into()), release);
    assert_eq!(statuses(&answers), [200, 200, 200, 201, 201, 200, 200]);
}

#[tokio::test]
async fn no_item_starts_after_the_replies_reach_32_mebibytes() {
    let server = Server::start().await;
    let client = server.client();
    let states = states(&client).await;
    let message = "x".repeat(4 * 1024 * 1024 - 100);
    let body = json!({ "id": "big", "resultMessage": message });
    client.post(&states, &body).await.created();
    let read = |number: u32| {
        let request = get(&number.to_string(), &format!("{states}/big"));
        if number == 0 { request } else { after(request, json!([number - 1])) }
    };
    let mut requests: Vec<Json> = (0..10).map(read).collect();
    requests.push(after(create("new", &states), json!(["7"])));
    let answers = answers(&client, requests.into()).await;
    let mut expected = vec![200; 8];
    expected.extend([507, 424, 507]);
    assert_eq!(statuses(&answers), expected);
    let message = refused(&answers[10], 507, "InsufficientStorage");
    assert!(message.contains("33554432 bytes. Send it in another batch."), "{message}");
    assert_eq!(client.get(&format!("{states}/$count")).await.body, "1");
}
