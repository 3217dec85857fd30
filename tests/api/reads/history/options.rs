//! Which versions do the options of a query choose?

use reqwest::Method;
use serde_json::{Value as Json, json};

use super::{column, reported, text, values};
use crate::harness::{Server, send};

#[tokio::test]
async fn every_option_of_a_list_works_on_versions() {
    let server = Server::start().await;
    let client = server.client();
    let state = reported(&client, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]).await;
    let history = format!("{state}/history");
    for (options, codes) in [
        ("$filter=errorCode gt 10", &[12, 11][..]),
        ("$filter=version le 2&$orderby=version", &[1, 2]),
        ("$filter=validTo eq null", &[12]),
        ("$orderby=id&$top=3", &[1, 10, 11]),
        ("$top=2&$skip=3", &[9, 8]),
        ("$filter=runState eq 'success'", &[]),
    ] {
        let path = format!("{history}?{options}");
        assert_eq!(column(&client, &path, "errorCode").await, codes, "{options}");
    }
    let selected = values(&client, &format!("{history}?$select=errorCode&$top=1")).await;
    let expected = json!([{ "@odata.type": "#runstate.runStateVersion", "errorCode": 12 }]);
    assert_eq!(Json::from(selected), expected);
    assert_eq!(client.get(&format!("{history}/$count")).await.body, "12");
    assert_eq!(client.get(&format!("{history}/$count?$filter=errorCode lt 4")).await.body, "3");
    let counted = client.get(&format!("{history}?$count=true&$top=0")).await.ok();
    assert_eq!(counted["@odata.count"], 12);
}

#[tokio::test]
async fn pages_of_versions_follow_one_another() {
    let server = Server::start().await;
    let client = server.client();
    let state = reported(&client, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]).await;
    let mut path = format!("{state}/history?$top=4&$select=errorCode");
    let mut codes = Vec::new();
    loop {
        let page = client.get(&path).await.ok();
        codes.extend(page["value"].as_array().unwrap().iter().map(|it| it["errorCode"].clone()));
        match page["@odata.nextLink"].as_str() {
            Some(next) => path = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(codes, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
}

#[tokio::test]
async fn versions_are_chosen_by_the_time_when_they_were_valid() {
    let server = Server::start().await;
    let client = server.client();
    let state = reported(&client, &[1, 2, 3]).await;
    let history = format!("{state}/history");
    let begins = column(&client, &history, "validFrom").await;
    let [third, second, first] = [0, 1, 2].map(|place| text(&begins[place]));
    let long_ago = "2001-01-01";
    for (options, codes) in [
        (format!("$at={first}"), &[1][..]),
        (format!("$at={third}"), &[3]),
        (format!("$at={long_ago}"), &[]),
        (format!("$from={second}"), &[3, 2]),
        (format!("$from={second}&$to={third}"), &[2]),
        (format!("$from={second}&$toInclusive={third}"), &[3, 2]),
        (format!("$to={first}"), &[]),
        (format!("$toInclusive={first}"), &[1]),
        (format!("$from={long_ago}&$filter=errorCode ne 2"), &[3, 1]),
        (format!("$AT={first}"), &[1]),
    ] {
        let path = format!("{history}?{options}");
        assert_eq!(column(&client, &path, "errorCode").await, codes, "{options}");
        let count = client.get(&format!("{history}/$count?{options}")).await.body;
        assert_eq!(count, codes.len().to_string(), "{options}");
    }
}

#[tokio::test]
async fn a_run_state_is_read_as_it_was() {
    let server = Server::start().await;
    let client = server.client();
    let state = reported(&client, &[1, 2]).await;
    let begins = column(&client, &format!("{state}/history"), "validFrom").await;
    let mut expected = client.get(&state).await.ok();
    assert_eq!(client.get(&format!("{state}?$at={}", text(&begins[0]))).await.ok(), expected);
    expected["errorCode"] = 1.into();
    assert_eq!(client.get(&format!("{state}?$at={}", text(&begins[1]))).await.ok(), expected);
    assert_eq!(client.get(&format!("{state}?$at=2001-01-01")).await.status, 404);
}

#[tokio::test]
async fn a_list_shows_run_states_with_their_versions() {
    let server = Server::start().await;
    let client = server.client();
    let state = reported(&client, &[1, 2, 3]).await;
    let states = state.trim_end_matches("/one");
    let expand = "$select=id&$expand=history($select=errorCode;$top=2)";
    let shown = values(&client, &format!("{states}?{expand}")).await;
    let version =
        |code: i32| json!({ "@odata.type": "#runstate.runStateVersion", "errorCode": code });
    assert_eq!(shown[0]["history"], json!([version(3), version(2)]));
    let next = shown[0]["history@odata.nextLink"].as_str().unwrap();
    assert_eq!(column(&client, next, "errorCode").await, [1]);
    let one = client.get(&format!("{state}?$expand=history,managedDevice")).await.ok();
    assert_eq!(one["history"].as_array().unwrap().len(), 3);
    let filter = "$filter=history/any(v: v/errorCode eq 1) and history/$count eq 3";
    assert_eq!(column(&client, &format!("{states}?{filter}"), "id").await, ["one"]);
    let filter = "$filter=history/any(v: v/errorCode eq 4)";
    assert!(values(&client, &format!("{states}?{filter}")).await.is_empty());
}

#[tokio::test]
async fn only_the_newest_twenty_versions_are_expanded() {
    let server = Server::start().await;
    let client = server.client();
    let codes: Vec<i32> = (1..=22).collect();
    let state = reported(&client, &codes).await;
    let one = client.get(&format!("{state}?$expand=history")).await.ok();
    assert_eq!(one["history"].as_array().unwrap().len(), 20);
    assert!(one["history@odata.nextLink"].is_string());
}

#[tokio::test]
async fn full_metadata_shows_the_history() {
    let server = Server::start().await;
    let client = server.client();
    let state = reported(&client, &[1]).await;
    let full = |path: String| {
        let accept = "application/json;odata.metadata=full";
        send(client.request(Method::GET, &path).header("Accept", accept))
    };
    let shown = full(state.clone()).await.ok();
    let link = shown["history@odata.navigationLink"].as_str().unwrap();
    assert_eq!(column(&client, link, "version").await, [1]);
    let version = &full(format!("{state}/history")).await.ok()["value"][0];
    let id = version["@odata.id"].as_str().unwrap();
    assert_eq!(client.get(&format!("/beta/{id}")).await.ok()["version"], 1);
    assert_eq!(version.get("@odata.editLink"), None);
}
