//! Does `$count` with a filter on `runState` read counters, and are they right for every value?

use runstate::store::Store;
use serde_json::json;
use sqlx::Executor;

use crate::harness::{Client, Server};

const VALUES: [&str; 6] = ["unknown", "success", "fail", "scriptError", "pending", "notApplicable"];

/// `$count` of each value, in the order above, from `/$count` and from `$count=true`.
async fn counts(client: &Client, parent: &str) -> [i64; 6] {
    let mut counts = [0; 6];
    for (count, value) in counts.iter_mut().zip(VALUES) {
        let states = format!("{parent}/deviceRunStates");
        let filter = format!("$filter=runState eq '{value}'");
        *count = client.get(&format!("{states}/$count?{filter}")).await.body.parse().unwrap();
        let page = client.get(&format!("{states}?$top=1&$count=true&{filter}")).await.ok();
        assert_eq!(page["@odata.count"], *count, "{value} of {parent}");
    }
    counts
}

/// A script with two run states of each value, and a user state with one of each of them.
async fn with_states(client: &Client) -> (String, String) {
    let script = client.new_script().await;
    let user = client.new_user_state(&script, "adele").await;
    for value in VALUES {
        for (parent, id) in [(&script, "script"), (&user, "user")] {
            let new = json!({ "id": format!("{value}-{id}"), "runState": value });
            client.post(&format!("{parent}/deviceRunStates"), &new).await.created();
        }
    }
    (script, user)
}

#[tokio::test]
async fn each_value_is_counted_through_creates_updates_and_deletes() {
    let server = Server::start().await;
    let client = server.client();
    let (script, user) = with_states(&client).await;
    assert_eq!(counts(&client, &script).await, [2; 6]);
    assert_eq!(counts(&client, &user).await, [1; 6]);

    for (from, to) in [("pending", "scriptError"), ("scriptError", "fail"), ("success", "unknown")]
    {
        let state = format!("{user}/deviceRunStates/{from}-user");
        client.patch(&state, &json!({ "runState": to })).await.ok();
    }
    assert_eq!(counts(&client, &script).await, [3, 1, 3, 2, 1, 2]);
    assert_eq!(counts(&client, &user).await, [2, 0, 2, 1, 0, 1]);

    let state = format!("{script}/deviceRunStates/notApplicable-script");
    client.patch(&state, &json!({ "errorCode": 5 })).await.ok();
    assert_eq!(client.delete(&state).await.status, 204);
    assert_eq!(client.delete(&format!("{user}/deviceRunStates/pending-user")).await.status, 204);
    assert_eq!(counts(&client, &script).await, [3, 1, 3, 1, 1, 1]);
    assert_eq!(counts(&client, &user).await, [2, 0, 2, 0, 0, 1]);
    assert_eq!(Store::find_miscounted(server.options()).await.unwrap().len(), 0);

    assert_eq!(client.delete(&user).await.status, 204);
    assert_eq!(counts(&client, &script).await, [1, 1, 1, 1, 1, 0]);
    assert_eq!(Store::find_miscounted(server.options()).await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_filter_on_the_value_alone_reads_the_stored_counters() {
    let server = Server::start().await;
    let client = server.client();
    let (script, user) = with_states(&client).await;
    let mut database = server.database().await;
    for stored in [
        "UPDATE script_counts SET counted_unknown_devices = 1, counted_success_devices = 10,
             counted_error_devices = 1100, counted_script_error_devices = 1000,
             counted_pending_devices = 10000, counted_not_applicable_devices = 100000",
        "UPDATE user_state SET counted_unknown = 2, counted_success = 20, counted_error = 2200,
             counted_script_error = 2000, counted_pending = 20000, counted_not_applicable = 200000",
    ] {
        database.execute(stored).await.unwrap();
    }
    assert_eq!(counts(&client, &script).await, [1, 10, 100, 1_000, 10_000, 100_000]);
    assert_eq!(counts(&client, &user).await, [2, 20, 200, 2_000, 20_000, 200_000]);
    for (filter, count) in [
        ("runState ne 'success'", "111101"),
        ("runState in ('fail','scriptError')", "1100"),
        ("'fail' eq runState or runState eq 'pending'", "10100"),
        ("not (runState eq 'fail') and not (runState eq 'unknown')", "111010"),
        ("runState eq 'fail' and runState eq 'success'", "0"),
        ("runState eq 'fail' or true", "111111"),
        // These depend on more than the value, so rows are counted.
        ("runState eq 'fail' and errorCode eq 0", "2"),
        ("runState eq 'fail' or id eq 'pending-user'", "3"),
        ("runState gt 'fail'", "6"),
        ("true", "111111"),
    ] {
        let count_of = format!("{script}/deviceRunStates/$count?$filter={filter}");
        assert_eq!(client.get(&count_of).await.body, count, "{filter}");
    }
    let expand = "$expand=deviceRunStates($count=true;$top=1;$filter=runState eq 'pending')";
    let expanded = client.get(&format!("{script}?{expand}")).await.ok();
    assert_eq!(expanded["deviceRunStates@odata.count"], 10_000);
}

#[tokio::test]
async fn a_recount_corrects_the_counters_of_each_value_and_leaves_the_run_summary() {
    let server = Server::start().await;
    let client = server.client();
    let (script, user) = with_states(&client).await;
    client.patch(&format!("{script}/runSummary"), &json!({ "errorDeviceCount": 50 })).await.ok();
    let mut database = server.database().await;
    database.execute("UPDATE script_counts SET counted_pending_devices = 7").await.unwrap();
    database.execute("UPDATE user_state SET counted_script_error = 8").await.unwrap();

    let (tenant, script_id) = (server.tenant(), script.rsplit_once('/').unwrap().1);
    let wrong = Store::find_miscounted(server.options()).await.unwrap();
    let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    let script_is = format!("tenant {tenant}, script {script_id}");
    let expected = [
        format!("{script_is}: counted_pending_devices is 7, should be 2"),
        format!("{script_is}, user state adele: counted_script_error is 8, should be 1"),
    ];
    assert_eq!(wrong, expected);
    Store::recount(server.options()).await.unwrap();
    assert_eq!(Store::find_miscounted(server.options()).await.unwrap().len(), 0);
    assert_eq!(counts(&client, &script).await, [2; 6]);
    assert_eq!(counts(&client, &user).await, [1; 6]);
    let summary = client.get(&format!("{script}/runSummary")).await.ok();
    assert_eq!(summary["errorDeviceCount"], 50);
}
