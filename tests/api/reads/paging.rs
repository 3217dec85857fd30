//! Does a client that follows the nextLinks of a list get each entity exactly once?

use serde_json::json;

use crate::harness::{Client, SCRIPTS, Server, members};

/// Creates run states with the ids `000`, `001`, … in a new script. Returns their path.
async fn states(client: &Client, count: usize) -> String {
    let states = format!("{}/deviceRunStates", client.new_script().await);
    for number in 0..count {
        let body = json!({ "id": format!("{number:03}"), "errorCode": number });
        client.post(&states, &body).await.created();
    }
    states
}

#[tokio::test]
async fn next_links_lead_through_the_whole_list() {
    let server = Server::start().await;
    let client = server.client();
    let states = states(&client, 7).await;
    let expected = [&["000", "001", "002"][..], &["003", "004", "005"], &["006"]];
    assert_eq!(client.pages(&format!("{states}?$top=3"), "id").await, expected);
    assert_eq!(client.pages(&format!("{states}?top=7"), "id").await.len(), 1);
    assert_eq!(client.pages(&states, "id").await.len(), 1);
}

#[tokio::test]
async fn a_next_link_is_absolute_and_keeps_the_options() {
    let server = Server::start().await;
    let client = server.client();
    let states = states(&client, 3).await;
    let page = client.get(&format!("{states}?$top=1&$skip=1&$count=true&$select=id")).await.ok();
    assert_eq!(members(&page, "id"), ["001"]);
    assert_eq!(page["@odata.count"], 3);
    let link = page["@odata.nextLink"].as_str().unwrap();
    let start = format!("{}{states}?$top=1&$count=true&$select=id&$skiptoken=", server.base());
    assert!(link.starts_with(&start), "{link}");
    let page = client.get(link).await.ok();
    assert_eq!(members(&page, "id"), ["002"]);
    assert_eq!(page["@odata.count"], 3);
    assert_eq!(page.get("@odata.nextLink"), None);
    let wider = client.get(&link.replace("$top=1", "$top=1000")).await.ok();
    assert_eq!(members(&wider, "id"), ["002"]);
}

#[tokio::test]
async fn a_place_is_replaced_however_its_name_is_encoded() {
    let server = Server::start().await;
    let client = server.client();
    let states = states(&client, 5).await;
    let written = format!("{states}?$top=2&%24s%6Bip=1&%73elect=id");
    assert_eq!(client.pages(&written, "id").await, [["001", "002"], ["003", "004"]]);
    let page = client.get(&format!("{states}?$top=2")).await.ok();
    let link = page["@odata.nextLink"].as_str().unwrap().replace("skiptoken", "skiptok%65n");
    assert_eq!(client.pages(&link, "id").await, [&["002", "003"][..], &["004"]]);
}

#[tokio::test]
async fn inserts_and_deletes_do_not_disturb_paging() {
    let server = Server::start().await;
    let client = server.client();
    let states = states(&client, 4).await;
    let page = client.get(&format!("{states}?$top=2")).await.ok();
    client.delete(&format!("{states}/000")).await;
    client.delete(&format!("{states}/001")).await;
    client.post(&states, &json!({ "id": "0005" })).await.created();
    let page = client.get(page["@odata.nextLink"].as_str().unwrap()).await.ok();
    assert_eq!(members(&page, "id"), ["002", "003"]);
}

#[tokio::test]
async fn generated_keys_sort_in_the_order_of_creation() {
    let server = Server::start().await;
    let client = server.client();
    let mut created = Vec::new();
    for _ in 0..5 {
        created.push(client.new_script().await.rsplit('/').next().unwrap().to_owned());
    }
    assert_eq!(client.pages(&format!("{SCRIPTS}?$top=2"), "id").await.concat(), created);
}

#[tokio::test]
async fn a_skip_token_is_valid_only_for_its_collection() {
    let server = Server::start().await;
    let client = server.client();
    let (one, other) = (states(&client, 2).await, states(&client, 2).await);
    let page = client.get(&format!("{one}?$top=1")).await.ok();
    let link = page["@odata.nextLink"].as_str().unwrap();
    let token = link.split("$skiptoken=").nth(1).unwrap();
    for url in [
        format!("{other}?$skiptoken={token}"),
        format!("{SCRIPTS}?$skiptoken={token}"),
        format!("{one}?$skiptoken={}", &token[1..]),
        format!("{one}?$skiptoken="),
        format!("{one}?$skiptoken=e30"),
    ] {
        let message = client.get(&url).await.refused(400, "BadRequest");
        assert!(message.contains("$skiptoken"), "{message}");
    }
}

#[tokio::test]
async fn select_returns_only_the_listed_properties() {
    let server = Server::start().await;
    let client = server.client();
    let states = states(&client, 1).await;
    let page = client.get(&format!("{states}?$select=errorCode,RunState")).await.ok();
    let shown = json!([{
        "@odata.type": "#microsoft.graph.deviceManagementScriptDeviceState",
        "runState": "unknown",
        "errorCode": 0
    }]);
    assert_eq!(page["value"], shown);
    let context = page["@odata.context"].as_str().unwrap();
    assert!(context.ends_with("/deviceRunStates(runState,errorCode)"), "{context}");
    let one = client.get(&format!("{states}/000?$select=id")).await.ok();
    assert_eq!(one["id"], "000");
    assert_eq!(one.get("errorCode"), None);
    assert_eq!(client.get(&format!("{states}?$select=*")).await.ok()["value"][0]["errorCode"], 0);
}

#[tokio::test]
async fn a_count_is_plain_text() {
    let server = Server::start().await;
    let client = server.client();
    let states = states(&client, 3).await;
    let count = client.get(&format!("{states}/$count")).await;
    assert_eq!((count.status, &*count.body), (200, "3"));
    assert_eq!(count.header("content-type"), Some("text/plain;charset=utf-8"));
}

#[tokio::test]
async fn invalid_and_unsupported_options_are_refused_by_name() {
    let server = Server::start().await;
    let client = server.client();
    let states = states(&client, 1).await;
    for (query, option) in [
        ("$search=x", "$search"),
        ("$apply=x", "$apply"),
        ("$top=-0", "$top"),
        ("$top=1001", "$top"),
        ("$top=x", "$top"),
        ("$top=1&$top=1", "$top"),
        ("$skip=-1", "$skip"),
        ("$count=1", "$count"),
        ("$select=nonsense", "'nonsense'"),
        ("$select=id,", "$select"),
        ("$format=xml", "'xml'"),
        ("nonsense=1", "nonsense"),
    ] {
        let reply = client.get(&format!("{states}?{query}")).await;
        let (status, code) =
            if query == "$format=xml" { (406, "NotAcceptable") } else { (400, "BadRequest") };
        let message = reply.refused(status, code);
        assert!(message.contains(option), "{query}: {message}");
    }
    let message = client.get(&format!("{states}/000?$top=1")).await.refused(400, "BadRequest");
    assert!(message.contains("'$top' is not supported on this request"), "{message}");
    let message = client.post(&format!("{states}?$select=id"), &json!({})).await;
    message.refused(400, "BadRequest");
    assert_eq!(client.get(&states).await.ok()["value"].as_array().unwrap().len(), 1);
}
