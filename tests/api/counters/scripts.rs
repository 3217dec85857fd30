//! Do the counters of a script match its rows, and does `$count` read them instead of the rows?

use runstate::store::Store;
use serde_json::json;
use sqlx::Executor;

use crate::harness::{Client, Server};

/// A script with three run states, and a user state with two.
async fn with_states(client: &Client) -> (String, String) {
    let script = client.new_script().await;
    let user = client.new_user_state(&script, "adele").await;
    for (collection, states) in [(&script, "success fail pending"), (&user, "success unknown")] {
        for state in states.split(' ') {
            let new = json!({ "id": format!("{state}-{}", collection.len()), "runState": state });
            client.post(&format!("{collection}/deviceRunStates"), &new).await.created();
        }
    }
    (script, user)
}

async fn count(client: &Client, collection: &str) -> String {
    let count = client.get(&format!("{collection}/$count")).await;
    assert_eq!(count.status, 200, "{}", count.body);
    count.body
}

async fn miscounted(server: &Server) -> Vec<String> {
    let wrong = Store::find_miscounted(server.options()).await.unwrap();
    wrong.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn counts_follow_creates_updates_and_deletes() {
    let server = Server::start().await;
    let client = server.client();
    let (script, user) = with_states(&client).await;
    let [of_script, of_user] = [&script, &user].map(|it| format!("{it}/deviceRunStates"));
    let users = format!("{script}/userRunStates");
    assert_eq!(count(&client, &of_script).await, "5");
    assert_eq!(count(&client, &of_user).await, "2");
    assert_eq!(count(&client, &users).await, "1");

    let state = format!("{of_user}/success-{}", user.len());
    client.patch(&state, &json!({ "runState": "pending" })).await.ok();
    assert_eq!(count(&client, &of_script).await, "5");
    assert_eq!(client.delete(&state).await.status, 204);
    assert_eq!(count(&client, &of_script).await, "4");
    assert_eq!(count(&client, &of_user).await, "1");
    assert_eq!(miscounted(&server).await, Vec::<String>::new());

    assert_eq!(client.delete(&user).await.status, 204);
    assert_eq!(count(&client, &of_script).await, "3");
    assert_eq!(count(&client, &users).await, "0");
    assert_eq!(miscounted(&server).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_count_without_a_filter_reads_the_stored_counter() {
    let server = Server::start().await;
    let client = server.client();
    let (script, user) = with_states(&client).await;
    let mut database = server.database().await;
    database.execute("UPDATE script_counts SET counted_device_states = 70").await.unwrap();
    database.execute("UPDATE script_counts SET counted_user_states = 80").await.unwrap();
    database.execute("UPDATE user_state SET counted_device_states = 90").await.unwrap();

    let states = format!("{script}/deviceRunStates");
    assert_eq!(count(&client, &states).await, "70");
    assert_eq!(count(&client, &format!("{script}/userRunStates")).await, "80");
    assert_eq!(count(&client, &format!("{user}/deviceRunStates")).await, "90");
    let page = client.get(&format!("{states}?$count=true&$top=1")).await.ok();
    assert_eq!(page["@odata.count"], 70);
    let expand = "$expand=deviceRunStates($count=true;$top=1)";
    let expanded = client.get(&format!("{script}?{expand}")).await.ok();
    assert_eq!(expanded["deviceRunStates@odata.count"], 70);
    let scripts = script.rsplit_once('/').unwrap().0;
    let filter = "$filter=deviceRunStates/$count eq 70&$select=id";
    let found = client.get(&format!("{scripts}?{filter}")).await.ok();
    assert_eq!(found["value"].as_array().unwrap().len(), 1);

    let filter = "$filter=runState eq 'success'";
    let filtered = client.get(&format!("{states}/$count?{filter}")).await;
    assert_eq!(filtered.body, "2");
    let page = client.get(&format!("{states}?$count=true&$top=1&{filter}")).await.ok();
    assert_eq!(page["@odata.count"], 2);
}

#[tokio::test]
async fn a_recount_corrects_counters_and_moves_the_visible_counts_by_the_same_amount() {
    let server = Server::start().await;
    let client = server.client();
    let (script, user) = with_states(&client).await;
    let summary = format!("{script}/runSummary");
    client.patch(&summary, &json!({ "successDeviceCount": 100 })).await.ok();
    let mut database = server.database().await;
    let lost = "UPDATE script_counts SET counted_success_devices = 0, counted_user_states = 7";
    database.execute(lost).await.unwrap();
    database.execute("UPDATE user_state SET counted_error = counted_error - 1").await.unwrap();

    let (tenant, script_id) = (server.tenant(), script.rsplit_once('/').unwrap().1);
    let script_is = format!("tenant {tenant}, script {script_id}");
    let wrong = [
        format!("{script_is}: counted_success_devices is 0, should be 2"),
        format!("{script_is}: counted_user_states is 7, should be 1"),
        format!("{script_is}, user state adele: counted_error is -1, should be 0"),
    ];
    assert_eq!(miscounted(&server).await, wrong);
    Store::recount(server.options()).await.unwrap();
    assert_eq!(miscounted(&server).await, Vec::<String>::new());
    assert_eq!(client.get(&summary).await.ok()["successDeviceCount"], 102);
    assert_eq!(client.get(&user).await.ok()["errorDeviceCount"], 1);
}
