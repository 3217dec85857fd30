//! Is what is another tenant's, or below another parent, answered like what never existed: by every
//! route, verb, option, condition, binding, page token and batch? Replies are compared whole, but
//! for the keys that they repeat.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{Client, send};
use crate::permissions::routes::{FAMILIES, Keys, Route, new_script, routes, with_device};

const ROOT: &str = "/deviceManagement";
/// As many requests as a batch may have.
const BATCH: usize = 20;

/// A request about something that is elsewhere, and the same about nothing; as items of a batch.
type Pair = [Json; 2];

fn item(method: &str, url: &str, header: Option<(&str, &str)>, body: Option<Json>) -> Json {
    let mut item = json!({ "method": method, "url": url, "headers": {} });
    if let Some(body) = body {
        item["body"] = body;
        item["headers"]["Content-Type"] = "application/json".into();
    }
    if let Some((name, value)) = header {
        item["headers"][name] = value.into();
    }
    item
}

/// Status and body without what differs between any two replies.
type Said = (u64, String);

fn said(status: u64, mut body: Json, keys: &Keys) -> Said {
    if let Some(error) = body.get_mut("error").and_then(Json::as_object_mut) {
        error.remove("innerError");
    }
    let keys = [&keys.assignment, &keys.script, keys.user, keys.of_script, keys.of_user];
    let named = |text: String, (at, key): (usize, &&str)| text.replace(*key, &format!("<{at}>"));
    (status, keys.iter().enumerate().fold(body.to_string(), named))
}

async fn ask(client: &Client, item: &Json, keys: &Keys) -> Said {
    let method = Method::from_bytes(item["method"].as_str().unwrap().as_bytes()).unwrap();
    let mut request = client.request(method, &format!("/beta{}", item["url"].as_str().unwrap()));
    for (name, value) in item["headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    if let Some(body) = item.get("body") {
        request = request.body(body.to_string());
    }
    let reply = send(request).await;
    let body = serde_json::from_str(&reply.body).unwrap_or(Json::String(reply.body));
    said(reply.status.into(), body, keys)
}

async fn ask_batch(client: &Client, items: impl Iterator<Item = &Json>, keys: &Keys) -> Vec<Said> {
    let numbered = items.enumerate().map(|(id, item)| {
        let mut item = item.clone();
        item["id"] = id.to_string().into();
        item
    });
    let requests: Vec<Json> = numbered.collect();
    let reply = client.post("/beta/$batch", &json!({ "requests": requests })).await.ok();
    let responses = reply["responses"].as_array().unwrap().iter();
    let told = responses.map(|it| said(it["status"].as_u64().unwrap(), it["body"].clone(), keys));
    told.collect()
}

/// Holds where both requests of each pair have the same answer with this status, by themselves and
/// in a batch.
async fn are_alike(client: &Client, status: u64, keys: [&Keys; 2], pairs: &[Pair]) {
    let mut differences = Vec::new();
    let mut check = |pair: &Pair, way: &str, found: &Said, none: &Said| {
        if found != none || found.0 != status {
            differences.push(format!("{way} {}\n  {found:?}\n  {none:?}", pair[0]));
        }
    };
    for pair in pairs {
        let found = ask(client, &pair[0], keys[0]).await;
        check(pair, "alone", &found, &ask(client, &pair[1], keys[1]).await);
    }
    for pairs in pairs.chunks(BATCH) {
        let found = ask_batch(client, pairs.iter().map(|pair| &pair[0]), keys[0]).await;
        let none = ask_batch(client, pairs.iter().map(|pair| &pair[1]), keys[1]).await;
        assert_eq!((found.len(), none.len()), (pairs.len(), pairs.len()));
        for (index, pair) in pairs.iter().enumerate() {
            check(pair, "in a batch", &found[index], &none[index]);
        }
    }
    assert!(!pairs.is_empty() && differences.is_empty(), "{}", differences.join("\n"));
}

/// What can be expanded where a path ends.
fn expand(collection: &str) -> Option<&'static str> {
    match collection {
        "deviceRunStates" => Some("managedDevice"),
        "userRunStates" => Some("deviceRunStates($count=true;$expand=managedDevice)"),
        "assignments" | "groupAssignments" | "runSummary" | "managedDevice" => None,
        _ => Some(
            "assignments,groupAssignments,runSummary,deviceRunStates($filter=id ne 'x'),\
             userRunStates($expand=deviceRunStates)",
        ),
    }
}

/// The options that a route is tried with, none among them.
fn options(route: &Route) -> Vec<String> {
    let mut options = vec![String::new()];
    let path = route.path.trim_end_matches("/$count");
    let last = path.trim_end_matches("/{id}").rsplit('/').next().unwrap();
    let is_collection = !path.ends_with("{id}") && last.ends_with('s');
    if route.method == "GET" && path == route.path {
        options.push("?$select=id".into());
        options.extend(expand(last).map(|it| format!("?$expand={it}")));
    }
    if route.method == "GET" && is_collection {
        options.push("?$filter=id ne 'x'".into());
    }
    if route.method == "GET" && is_collection && path == route.path {
        options.extend(["?$count=true&$top=1", "?$orderby=id desc&$skip=1"].map(Into::into));
    }
    options
}

/// Every route of a family that names at least `least` keys, with every option and condition; in
/// `family` the first keys name what is elsewhere. `tag` gives the `ETag`s of what is there.
async fn every_way(
    family: &str,
    shown_as: &str,
    least: usize,
    keys: [&Keys; 2],
    tag: impl AsyncFn(&Route) -> Option<String>,
) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for route in routes().iter().filter(|it| it.family() == family && it.keys() >= least) {
        let paths = keys.map(|keys| route.filled(keys, shown_as).replacen("/beta", "", 1));
        let pair = |option: &str, header: Option<(&str, &str)>| {
            let [found, none] = &paths;
            [found, none]
                .map(|path| item(&route.method, &format!("{path}{option}"), header, route.body()))
        };
        pairs.extend(options(route).iter().map(|option| pair(option, None)));
        let condition = match &*route.method {
            "GET" => "If-None-Match",
            "PATCH" | "DELETE" => "If-Match",
            _ => continue,
        };
        if let Some(tag) = tag(route).await {
            pairs.extend(["*", &tag].map(|tag| pair("", Some((condition, tag)))));
        }
    }
    pairs
}

/// The `ETag` of what a route of a family leads to, where that is one entity.
async fn tag(client: &Client, route: &Route, script: &str) -> Option<String> {
    let path = route.filled(&Keys::of(script), route.family());
    client.get(&path).await.header("etag").map(str::to_owned)
}

#[tokio::test]
async fn entities_of_another_tenant_look_nonexistent_on_every_route() {
    let (server, client) = with_device().await;
    let (stranger, none) = (server.stranger(), Keys::of_none());
    for family in FAMILIES {
        let script = new_script(&client, family, true).await;
        let all = format!("/beta{ROOT}/{family}/{script}?$expand={}", expand(family).unwrap());
        let before = client.get(&all).await.ok();
        let keys = [&Keys::of(&script), &none];
        let tag = async |route: &Route| tag(&client, route, &script).await;
        let pairs = every_way(family, family, 1, keys, tag).await;
        assert!(pairs.len() > 100, "{}", pairs.len());
        are_alike(&stranger, 404, keys, &pairs).await;
        assert_eq!(client.get(&all).await.ok(), before);
    }
}

#[tokio::test]
async fn entities_of_another_parent_look_nonexistent_on_every_route() {
    let (_server, client) = with_device().await;
    for (index, family) in FAMILIES.into_iter().enumerate() {
        let script = new_script(&client, family, true).await;
        let bare = new_script(&client, family, false).await;
        let tag = async |route: &Route| tag(&client, route, &script).await;

        let keys = [&Keys::of(&script), &Keys::of_none()];
        let elsewhere = every_way(family, FAMILIES[(index + 1) % 3], 1, keys, tag).await;
        are_alike(&client, 404, keys, &elsewhere).await;

        let below = |keys: Keys| Keys { script: bare.clone(), ..keys };
        let keys = [&below(Keys::of(&script)), &below(Keys::of_none())];
        are_alike(&client, 404, keys, &every_way(family, family, 2, keys, tag).await).await;
    }
}

#[tokio::test]
async fn run_states_of_another_user_look_nonexistent_on_every_route() {
    let (_server, client) = with_device().await;
    for family in FAMILIES {
        let script = new_script(&client, family, true).await;
        let users = format!("/beta{ROOT}/{family}/{script}/userRunStates");
        client.post(&users, &json!({ "id": "another" })).await.created();
        let below = |keys: Keys| Keys { user: "another", script: script.clone(), ..keys };
        let keys = [&below(Keys::of(&script)), &below(Keys::of_none())];
        let tag = async |route: &Route| tag(&client, route, &script).await;
        are_alike(&client, 404, keys, &every_way(family, family, 3, keys, tag).await).await;
    }
}
