//! Does `$orderby` sort entities, and do pages of any size keep the order?

use std::cmp::Ordering;

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{Client, DEVICES, Server, encoded, members, send};

/// Creates twelve run states with nulls, equal values and devices. Returns their path.
async fn run_states(client: &Client) -> String {
    for (id, name) in [("d1", json!("One")), ("d2", Json::Null), ("d3", json!("a"))] {
        client.post(DEVICES, &json!({ "id": id, "deviceName": name })).await.created();
    }
    let states = format!("{}/deviceRunStates", client.new_script().await);
    let kinds = ["success", "fail", "pending", "unknown"];
    let texts = [json!("b"), Json::Null, json!("B"), json!(""), json!("ä")];
    for number in 0..12_usize {
        let mut state = json!({
            "id": format!("{:02}", number * 7 % 12),
            "runState": (kinds[number % 4]),
            "errorCode": ([3, -1, 3][number % 3]),
            "resultMessage": (texts[number % 5]),
            "lastStateUpdateDateTime": format!("2020-01-0{}T00:00:00Z", 1 + number % 6),
        });
        if number % 4 > 0 {
            let url = format!("{DEVICES}/d{}", number % 4);
            state["managedDevice@odata.bind"] = json!(url);
        }
        client.post(&states, &state).await.created();
    }
    states
}

/// The sort position of a member of an enumeration.
fn rank(value: &Json) -> Json {
    let members = ["unknown", "success", "fail", "scriptError", "pending", "notApplicable"];
    let place = value.as_str().and_then(|text| members.iter().position(|it| *it == text));
    place.map_or_else(|| value.clone(), |place| json!(place))
}

fn compare(left: &Json, right: &Json) -> Ordering {
    match (left, right) {
        (Json::Null, Json::Null) => Ordering::Equal,
        (Json::Null, _) => Ordering::Less,
        (_, Json::Null) => Ordering::Greater,
        (Json::Number(left), Json::Number(right)) => left.as_i64().cmp(&right.as_i64()),
        _ => left.as_str().cmp(&right.as_str()),
    }
}

/// The ids of rows, sorted here as `$orderby` should sort them.
fn sorted(rows: &Json, order: &str) -> Vec<String> {
    let mut rows = rows["value"].as_array().unwrap().clone();
    rows.sort_by(|left, right| {
        let keys = order.split(',').map(|key| {
            let (path, direction) = key.split_once(' ').unwrap_or((key, "asc"));
            let value = |row: &Json| {
                let value = path.split('/').fold(row.clone(), |row, name| row[name].clone());
                if path == "runState" { rank(&value) } else { value }
            };
            let ordering = compare(&value(left), &value(right));
            if direction == "desc" { ordering.reverse() } else { ordering }
        });
        let tie = || left["id"].as_str().cmp(&right["id"].as_str());
        keys.fold(Ordering::Equal, Ordering::then).then_with(tie)
    });
    rows.iter().map(|row| row["id"].as_str().unwrap().into()).collect()
}

#[tokio::test]
async fn pages_of_any_size_add_up_to_the_sorted_list() {
    let server = Server::start().await;
    let client = server.client();
    let states = run_states(&client).await;
    let rows = client.get(&format!("{states}?$expand=managedDevice")).await.ok();
    for order in [
        "id desc",
        "id,errorCode",
        "lastStateUpdateDateTime",
        "lastStateUpdateDateTime desc",
        "lastStateUpdateDateTime desc,id desc",
        "lastStateUpdateDateTime,runState desc,resultMessage",
        "errorCode",
        "errorCode desc,resultMessage",
        "resultMessage",
        "resultMessage desc",
        "runState desc,errorCode asc",
        "managedDevice/deviceName",
        "managedDevice/deviceName desc,lastStateUpdateDateTime desc",
        "managedDevice/id,resultMessage desc,errorCode",
    ] {
        let expected = sorted(&rows, order);
        for size in [1, 2, 3, 5, 11, 12, 13] {
            let first = format!("{states}?$select=id&$top={size}&$orderby={}", encoded(order));
            let pages = client.pages(&first, "id").await;
            assert_eq!(pages.concat(), expected, "{order} by {size}");
            assert_eq!(pages.len(), expected.len().div_ceil(size), "{order} by {size}");
        }
    }
}

#[tokio::test]
async fn orderby_accepts_expressions() {
    let server = Server::start().await;
    let client = server.client();
    let states = run_states(&client).await;
    let by = |order: &str| format!("{states}?$top=5&$orderby={}", encoded(order));
    let rows = client.get(&states).await.ok();
    assert_eq!(client.ids(&by("errorCode mul -1")).await, sorted(&rows, "errorCode desc"));
    let lengths = client.ids(&by("length(resultMessage) desc,id desc")).await;
    assert_eq!(lengths.len(), 12);
    for bad in ["nonsense", "errorCode up", "errorCode,", "managedDevice", "frob(id)"] {
        client.get(&by(bad)).await.refused(400, "BadRequest");
    }
}

#[tokio::test]
async fn inserts_and_deletes_do_not_disturb_sorted_paging() {
    let server = Server::start().await;
    let client = server.client();
    let states = run_states(&client).await;
    let rows = client.get(&states).await.ok();
    let order = "resultMessage desc";
    let expected = sorted(&rows, order);
    let mut next = Some(format!("{states}?$top=2&$orderby={}", encoded(order)));
    let (mut seen, mut round) = (Vec::new(), 0);
    while let Some(url) = next {
        let page = client.get(&url).await.ok();
        seen.extend(crate::harness::members(&page, "id"));
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
        // Deletes an entity that was read, and inserts one before and one after the current place.
        client.delete(&format!("{states}/{}", seen[seen.len() - 1])).await;
        for (side, text) in [("before", json!("ω")), ("after", Json::Null)] {
            let id = format!("{side}{round}");
            let state = json!({ "id": id, "resultMessage": text });
            if round < 3 {
                client.post(&states, &state).await.created();
            }
        }
        round += 1;
    }
    seen.retain(|id| !id.starts_with("after"));
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_skip_token_is_valid_only_for_its_query() {
    let server = Server::start().await;
    let client = server.client();
    let states = run_states(&client).await;
    let other = format!("{}/deviceRunStates", client.new_script().await);
    let first = format!("{states}?$top=2&$orderby=errorCode&$filter=errorCode%20gt%200");
    let page = client.get(&first).await.ok();
    let link = page["@odata.nextLink"].as_str().unwrap().to_owned();
    let rest = client.ids(&link).await;
    assert_eq!(client.ids(&link.replace("$top=2", "$top=7")).await, rest);
    let token = link.rsplit_once("skiptoken=").unwrap().1.to_owned();
    let mut tampered = token.clone().into_bytes();
    tampered[60] = if tampered[60] == b'A' { b'B' } else { b'A' };
    let tampered = String::from_utf8(tampered).unwrap();
    for bad in [
        link.replace("orderby=errorCode", "orderby=resultMessage"),
        link.replace("orderby=errorCode", "orderby=errorCode%20desc"),
        link.replace("gt%200", "gt%201"),
        link.replace(&states, &other),
        link.replace(&token, &tampered),
        link.replace(&token, "nonsense"),
        format!("{states}?$skiptoken={token}"),
    ] {
        assert_ne!(bad, link);
        let message = client.get(&bad).await.refused(400, "BadRequest");
        assert!(message.contains("$skiptoken"), "{message}");
    }
}

#[tokio::test]
async fn a_preferred_page_size_is_applied_and_confirmed() {
    let server = Server::start().await;
    let client = server.client();
    let states = run_states(&client).await;
    let request = client.request(Method::GET, &format!("{states}?$orderby=id"));
    let reply = send(request.header("Prefer", "odata.maxpagesize=5")).await;
    assert_eq!(crate::harness::members(&reply.ok(), "id"), ["00", "01", "02", "03", "04"]);
    assert_eq!(reply.header("preference-applied"), Some("odata.maxpagesize=5"));
    assert!(reply.json()["@odata.nextLink"].is_string());
}

#[tokio::test]
async fn the_pages_of_a_range_of_time_follow_the_time_and_each_is_sorted_by_id() {
    let server = Server::start().await;
    let client = server.client();
    let states = run_states(&client).await;
    let path = "lastStateUpdateDateTime";
    for filter in [
        format!("{path} ge 2020-01-02T00:00:00Z"),
        format!("{path} gt 2020-01-02T00:00:00Z and runState ne 'fail'"),
        format!("2020-01-05T00:00:00Z ge {path} and {path} ge 2020-01-02T00:00:00Z"),
        format!("{path} le now() sub duration'P1D'"),
    ] {
        let expected = client.get(&format!("{states}?$filter={filter}")).await.ok();
        assert_eq!(members(&expected, "id"), sorted(&expected, "id"), "{filter}");
        for size in [1, 2, 5, 7, 12] {
            let first = format!("{states}?$select=id&$top={size}&$filter={}", encoded(&filter));
            let pages = client.pages(&first, "id").await;
            let by_time = sorted(&expected, path);
            let by_time = by_time.chunks(size).map(|page| {
                let mut page = page.to_vec();
                page.sort();
                page
            });
            assert_eq!(pages, by_time.collect::<Vec<_>>(), "{filter} by {size}");
        }
    }
}
