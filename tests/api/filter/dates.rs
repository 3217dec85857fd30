//! Is a date beside a date-time the start of that day in UTC, wherever a filter may be?

use super::results::{finds, run_states};
use crate::harness::{DEVICES, SCRIPTS, Server, encoded};
use serde_json::json;

#[tokio::test]
async fn a_date_beside_a_date_time_is_the_start_of_that_day_in_utc() {
    let server = Server::start().await;
    let client = server.client();
    let states = run_states(&client).await;
    let midnight = "2020-03-01T01:00:00+01:00";
    let body = json!({ "id": "f", "lastStateUpdateDateTime": midnight });
    client.post(&states, &body).await.created();
    let at = "lastStateUpdateDateTime";
    let table = [
        ("AT eq 2020-03-01", "f"),
        ("2020-03-01 eq AT", "f"),
        ("AT ne 2020-03-01", "a b c d e"),
        ("AT lt 2020-03-01", "a b d e"),
        ("AT le 2020-03-01", "a b d e f"),
        ("2020-03-01 le AT", "c f"),
        ("AT gt 2017-01-01 and AT lt 2020-03-01", "a b e"),
        ("AT in (2020-03-01,2020-02-29T23:30:00Z,0001-01-01)", "b d f"),
        ("not (AT in (2020-03-01))", "a b c d e"),
        ("AT sub 2020-03-01 eq duration'PT0S'", "f"),
        ("2020-03-02 sub AT eq duration'P1D'", "f"),
        ("AT add duration'P1D' eq 2020-03-02", "f"),
        ("now() gt 2017-01-01 and mindatetime() eq 0001-01-01", "a b c d e f"),
        ("2020-03-01 eq 2020-03-01T00:00:00Z and 2020-03-01 lt 2020-03-02", "a b c d e f"),
        ("date(AT) eq 2020-03-01", "f"),
    ];
    let table: Vec<_> = table.iter().map(|(it, ids)| (it.replace("AT", at), *ids)).collect();
    let table: Vec<_> = table.iter().map(|(it, ids)| (&**it, *ids)).collect();
    finds(&client, &states, "id", &table).await;
}

#[tokio::test]
async fn so_it_is_in_expansions_lambdas_and_counts() {
    let server = Server::start().await;
    let client = server.client();
    let state = |id: &str, at: &str| json!({ "id": id, "lastStateUpdateDateTime": at });
    let states = [state("old", "2021-12-31T23:59:59Z"), state("new", "2022-01-19T00:00:00Z")];
    client.post(SCRIPTS, &json!({ "deviceRunStates": states })).await.created();
    let device = json!({ "id": "d", "lastSyncDateTime": "2022-01-18T23:59:59.9999999Z" });
    client.post(DEVICES, &device).await.created();
    assert_eq!(
        client.ids(&format!("{DEVICES}?$filter=lastSyncDateTime le 2022-01-19")).await,
        ["d"]
    );
    let condition = "lastStateUpdateDateTime ge 2022-01-19";
    let expand = format!("deviceRunStates($filter={condition};$select=id)");
    let list = client.get(&format!("{SCRIPTS}?$expand={expand}")).await.ok();
    assert_eq!(list["value"][0]["deviceRunStates"].as_array().unwrap().len(), 1);
    for filter in [
        format!("deviceRunStates/any(s:s/{condition})"),
        format!("deviceRunStates/$count($filter={condition}) eq 1"),
    ] {
        let found = client.ids(&format!("{SCRIPTS}?$filter={}", encoded(&filter))).await;
        assert_eq!(found.len(), 1, "{filter}");
    }
}

#[tokio::test]
async fn quoted_dates_times_without_a_zone_and_impossible_dates_are_400() {
    let server = Server::start().await;
    let client = server.client();
    for literal in [
        "'2022-01-19'",
        "'2022-01-19T00:00:00Z'",
        "2022-01-19T00:00:00",
        "2022-01-19T",
        "2022-01-19Z",
        "2022-1-19",
        "2022-02-30",
        "2022-01",
        "20220119",
        "12:00:00",
        "0000-01-01",
    ] {
        for filter in [
            format!("lastSyncDateTime le {literal}"),
            format!("{literal} le lastSyncDateTime"),
            format!("lastSyncDateTime in (2022-01-19,{literal})"),
        ] {
            let reply = client.get(&format!("{DEVICES}?$filter={}", encoded(&filter))).await;
            let message = reply.refused(400, "BadRequest");
            assert!(message.contains("column"), "{filter}: {message}");
        }
    }
    for filter in ["date(lastSyncDateTime) eq lastSyncDateTime", "deviceName eq 2022-01-19"] {
        client.get(&format!("{DEVICES}?$filter={filter}")).await.refused(400, "BadRequest");
    }
}
