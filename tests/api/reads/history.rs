//! The versions of a run state: are all of them there, in order, and without a gap?

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{Client, DEVICES, SCRIPTS, Server, send};

/// Reports a run state with this error code.
async fn report(client: &Client, state: &str, code: i32) {
    let body = json!({ "runState": "fail", "errorCode": code }).to_string();
    let request = client.request(Method::PATCH, state).header("Prefer", "create-if-missing");
    let reply = send(request.header("Content-Type", "application/json").body(body)).await;
    assert!(matches!(reply.status, 200 | 201), "{}", reply.body);
}

/// A run state of a new script that was reported with these error codes.
async fn reported(client: &Client, codes: &[i32]) -> String {
    let state = format!("{}/deviceRunStates/one", client.new_script().await);
    for code in codes {
        report(client, &state, *code).await;
    }
    state
}

/// The values of a page.
async fn values(client: &Client, path: &str) -> Vec<Json> {
    client.get(path).await.ok()["value"].as_array().unwrap().clone()
}

/// A member of each value of a page.
async fn column(client: &Client, path: &str, name: &str) -> Vec<Json> {
    values(client, path).await.into_iter().map(|mut value| value[name].take()).collect()
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap()
}

#[tokio::test]
async fn the_current_version_comes_first_and_each_begins_where_the_next_ends() {
    let server = Server::start().await;
    let client = server.client();
    let state = reported(&client, &[1, 2]).await;
    let mut page = client.get(&format!("{state}/history")).await.ok();
    let times: Vec<Json> = page["value"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .flat_map(|version| {
            let version = version.as_object_mut().unwrap();
            ["validFrom", "validTo"].map(|name| version.remove(name).unwrap())
        })
        .collect();
    let [newest_from, newest_to, oldest_from, oldest_to] = &times[..] else { panic!("{times:?}") };
    assert_eq!((newest_from, newest_to), (oldest_to, &Json::Null));
    assert!(text(oldest_from) < text(oldest_to), "{times:?}");
    let script = state.split('/').nth_back(2).unwrap();
    let version = |number: i32| {
        json!({
            "@odata.type": "#runstate.runStateVersion",
            "id": number.to_string(),
            "runState": "fail",
            "resultMessage": null,
            "lastStateUpdateDateTime": "0001-01-01T00:00:00Z",
            "errorCode": number,
            "errorDescription": null,
            "version": number,
        })
    };
    let expected = json!({
        "@odata.context": format!(
            "{}/beta/$metadata#deviceManagement/deviceManagementScripts('{script}')\
             /deviceRunStates('one')/history",
            server.base()
        ),
        "value": [version(2), version(1)],
    });
    assert_eq!(page, expected);
}

#[tokio::test]
async fn a_version_is_an_entity_of_its_own() {
    let server = Server::start().await;
    let client = server.client();
    let state = reported(&client, &[7, 8]).await;
    let of_list = values(&client, &format!("{state}/history")).await;
    for (number, expected) in ["2", "1"].into_iter().zip(of_list) {
        let mut version = client.get(&format!("{state}/history/{number}")).await.ok();
        version.as_object_mut().unwrap().remove("@odata.context");
        assert_eq!(version, expected);
    }
    assert_eq!(client.get(&format!("{state}/history('1')/errorCode/$value")).await.body, "7");
    for unknown in ["3", "0", "-1", "one", "01"] {
        assert_eq!(
            client.get(&format!("{state}/history/{unknown}")).await.status,
            404,
            "{unknown}"
        );
    }
}

#[tokio::test]
async fn an_identical_report_makes_no_version_and_keeps_the_tag() {
    let server = Server::start().await;
    let client = server.client();
    let state = reported(&client, &[5]).await;
    let tag = client.get(&state).await.header("etag").unwrap().to_owned();
    report(&client, &state, 5).await;
    client.patch(&state, &json!({})).await.ok();
    assert_eq!(client.get(&state).await.header("etag"), Some(&*tag));
    assert_eq!(column(&client, &format!("{state}/history"), "version").await, [1]);
}

#[tokio::test]
async fn a_state_of_a_user_has_versions_on_both_paths() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let user = client.new_user_state(&script, "adele").await;
    for code in [1, 2] {
        report(&client, &format!("{user}/deviceRunStates/one"), code).await;
    }
    for parent in [&script, &user] {
        let history = format!("{parent}/deviceRunStates/one/history");
        assert_eq!(column(&client, &history, "errorCode").await, [2, 1]);
    }
}

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
async fn a_version_follows_when_the_device_is_deleted() {
    let server = Server::start().await;
    let client = server.client();
    client.post(DEVICES, &json!({ "id": "laptop" })).await.created();
    let script = client.new_script().await;
    let state = json!({ "id": "one", "managedDevice@odata.bind": format!("{DEVICES}/laptop") });
    client.post(&format!("{script}/deviceRunStates"), &state).await.created();
    assert_eq!(client.delete(&format!("{DEVICES}/laptop")).await.status, 204);
    let history = format!("{script}/deviceRunStates/one/history");
    assert_eq!(column(&client, &history, "version").await, [2, 1]);
}

#[tokio::test]
async fn a_run_state_that_is_made_again_has_no_versions_of_its_former_life() {
    let server = Server::start().await;
    let client = server.client();
    let state = reported(&client, &[1, 2]).await;
    assert_eq!(client.delete(&state).await.status, 204);
    assert_eq!(client.get(&format!("{state}/history")).await.status, 404);
    report(&client, &state, 3).await;
    assert_eq!(column(&client, &format!("{state}/history"), "errorCode").await, [3]);
    report(&client, &state, 4).await;
    assert_eq!(column(&client, &format!("{state}/history"), "errorCode").await, [4, 3]);
    assert_eq!(column(&client, &format!("{state}/history"), "version").await, [2, 1]);
}

#[tokio::test]
async fn another_tenant_and_a_missing_state_have_no_history() {
    let server = Server::start().await;
    let client = server.client();
    let state = reported(&client, &[1, 2]).await;
    let (other, missing) = (server.other_tenant(), state.replace("/one", "/two"));
    for suffix in ["/history", "/history/1", "/history/$count", "?$at=2030-01-01"] {
        assert_eq!(other.get(&format!("{state}{suffix}")).await.status, 404, "{suffix}");
        assert_eq!(client.get(&format!("{missing}{suffix}")).await.status, 404, "{suffix}");
    }
}

#[tokio::test]
async fn versions_cannot_be_written() {
    let server = Server::start().await;
    let client = server.client();
    let state = reported(&client, &[1]).await;
    for path in [format!("{state}/history"), format!("{state}/history/1")] {
        for method in [Method::POST, Method::PATCH, Method::PUT, Method::DELETE] {
            let request = client.request(method.clone(), &path);
            let reply = send(request.header("Content-Type", "application/json").body("{}")).await;
            assert_eq!(reply.status, 405, "{method} {path}");
            assert_eq!(reply.header("allow"), Some("GET, HEAD, OPTIONS"), "{method} {path}");
        }
    }
    let body = json!({ "history": [] });
    let refused = client.patch(&state, &body).await.refused(400, "ModelValidationFailure");
    assert_eq!(refused, "The navigation property 'history' is read-only.");
}

#[tokio::test]
async fn wrong_options_are_refused_by_name() {
    let server = Server::start().await;
    let client = server.client();
    let state = reported(&client, &[1]).await;
    let states = state.trim_end_matches("/one");
    for (path, message) in [
        (
            format!("{state}/history?$filter=gone eq true"),
            "Could not find a property named 'gone' on type 'runstate.runStateVersion', at column 1 of \
          $filter.",
        ),
        (
            format!("{state}/history?$at=2026-01-01&$from=2026-01-01"),
            "The query options '$at' and '$from' exclude each other.",
        ),
        (
            format!("{state}/history?$to=2026-01-01&$toInclusive=2026-01-01"),
            "The query options '$to' and '$toInclusive' exclude each other.",
        ),
        (
            format!("{state}/history?$at=yesterday"),
            "The value 'yesterday' of $at is neither a date-time such as 2026-01-31T12:00:00Z nor a \
          date.",
        ),
        (
            format!("{state}/history?$expand=managedDevice"),
            "The query option '$expand' is not supported on this request. Supported options here are \
          $select, $filter, $orderby, $top, $skip, $count, $skiptoken, $at, $from, $to, \
          $toInclusive, $format.",
        ),
        (
            format!("{state}?$at=2026-01-01&$expand=managedDevice"),
            "The query option '$expand' is not supported on this request. Supported options here are \
          $at, $select, $format.",
        ),
        (
            format!("{state}?$from=2026-01-01"),
            "The query option '$from' is not supported on this request. Supported options here are \
          $select, $expand, $at, $format.",
        ),
        (
            format!("{states}?$at=2026-01-01"),
            "The query option '$at' is not supported on this request. Supported options here are \
          $select, $filter, $orderby, $expand, $top, $skip, $count, $skiptoken, $format.",
        ),
        (
            format!("{SCRIPTS}?$expand=deviceRunStates($expand=history($at=2026-01-01))"),
            "The value of $expand is not valid at column 33: the option '$at' is not supported here. \
          Supported options are $select, $filter, $orderby, $top, $skip, $count, $expand.",
        ),
    ] {
        assert_eq!(client.get(&path).await.refused(400, "BadRequest"), message, "{path}");
    }
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

#[tokio::test]
async fn without_extensions_there_is_no_history() {
    let server = Server::without_extensions().await;
    let client = server.client();
    let state = reported(&client, &[1, 2]).await;
    let states = state.trim_end_matches("/one");
    let unknown = "Resource not found for the segment 'history'.";
    for path in [format!("{state}/history"), format!("{state}/history/1")] {
        assert_eq!(client.get(&path).await.refused(400, "BadRequest"), unknown, "{path}");
        let options = send(client.request(Method::OPTIONS, &path)).await;
        assert_eq!(options.status, 400, "{path}");
    }
    for options in ["$expand=history", "$filter=history/any()", "$at=2030-01-01", "$select=history"]
    {
        assert_eq!(client.get(&format!("{states}?{options}")).await.status, 400, "{options}");
    }
    let all = client.get(&format!("{state}?$expand=*")).await.ok();
    assert_eq!(all.get("history"), None);
    let accept = "application/json;odata.metadata=full";
    let full = send(client.request(Method::GET, &state).header("Accept", accept)).await.ok();
    assert_eq!(full.get("history@odata.navigationLink"), None);
}
