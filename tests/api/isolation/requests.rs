//! Are entities of another tenant or parent answered like entities that never existed, for every route,
//! method, query option and condition, as a single request and in a batch? The tests compare whole
//! replies, except for the keys in them.

use reqwest::Method;
use runstate::model::{ENTITY_TYPES, EntityType, ROOT};
use serde_json::{Value as Json, json};

use crate::harness::{Client, send};
use crate::permissions::routes::{FAMILIES, Keys, Route, new_script, routes, with_device};

const DEVICE_MANAGEMENT: &str = "/deviceManagement";
/// The maximum number of requests in a batch.
const BATCH: usize = 20;

/// Two requests, in the form of a batch: for an entity of another tenant or parent, and for an entity
/// that does not exist.
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

/// The comparable part of a reply: status and body, without ids and dates.
type Comparable = (u64, String);

fn comparable(status: u64, mut body: Json, keys: &Keys) -> Comparable {
    if let Some(error) = body.get_mut("error").and_then(Json::as_object_mut) {
        error.remove("innerError");
    }
    let keys = [&keys.assignment, &keys.script, keys.user, keys.of_script, keys.of_user];
    let without_key =
        |text: String, (at, key): (usize, &&str)| text.replace(*key, &format!("<{at}>"));
    (status, keys.iter().enumerate().fold(body.to_string(), without_key))
}

async fn ask(client: &Client, item: &Json, keys: &Keys) -> Comparable {
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
    comparable(reply.status.into(), body, keys)
}

async fn ask_batch(
    client: &Client,
    items: impl Iterator<Item = &Json>,
    keys: &Keys,
) -> Vec<Comparable> {
    let numbered = items.enumerate().map(|(id, item)| {
        let mut item = item.clone();
        item["id"] = id.to_string().into();
        item
    });
    let requests: Vec<Json> = numbered.collect();
    let reply = client.post("/beta/$batch", &json!({ "requests": requests })).await.ok();
    let responses = reply["responses"].as_array().unwrap().iter();
    let status = |response: &Json| response["status"].as_u64().unwrap();
    responses.map(|it| comparable(status(it), it["body"].clone(), keys)).collect()
}

/// Asserts that both requests of each pair get the same reply with this status, as single requests and
/// in a batch.
async fn assert_same_replies(client: &Client, status: u64, keys: [&Keys; 2], pairs: &[Pair]) {
    let mut differences = Vec::new();
    let mut check = |pair: &Pair, context: &str, found: &Comparable, none: &Comparable| {
        if found != none || found.0 != status {
            differences.push(format!("{context} {}\n  {found:?}\n  {none:?}", pair[0]));
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

/// The type of the entities that a segment of a path leads to.
fn type_behind(segment: &str) -> &'static EntityType {
    let of_types = ENTITY_TYPES.iter().flat_map(|entity_type| entity_type.navigations);
    let mut navigations = ROOT.navigations.iter().chain(of_types);
    let leading = navigations.find(|navigation| navigation.name == segment);
    leading.unwrap_or_else(|| panic!("{segment} is no navigation property")).target
}

/// All navigation properties of a type, each with a filter and with those of its target, as `$expand`
/// has them; `None` if it has none.
fn expand(entity_type: &EntityType) -> Option<String> {
    let expanded = entity_type.navigations.iter().map(|navigation| {
        let filter = navigation.is_collection().then(|| "$count=true;$filter=id ne 'x'".to_owned());
        let below = expand(navigation.target).map(|below| format!("$expand={below}"));
        let options: Vec<String> = filter.into_iter().chain(below).collect();
        match options.is_empty() {
            true => navigation.name.to_owned(),
            false => format!("{}({})", navigation.name, options.join(";")),
        }
    });
    let expanded: Vec<String> = expanded.collect();
    (!expanded.is_empty()).then(|| expanded.join(","))
}

/// The query options to test with a route, including none.
fn options(route: &Route) -> Vec<String> {
    let mut options = vec![String::new()];
    let path = route.path.trim_end_matches("/$count");
    let last = path.trim_end_matches("/{id}").rsplit('/').next().unwrap();
    let is_collection = !path.ends_with("{id}") && last.ends_with('s');
    if route.method == "GET" && path == route.path {
        options.push("?$select=id".into());
        options.extend(expand(type_behind(last)).map(|it| format!("?$expand={it}")));
    }
    if route.method == "GET" && is_collection {
        options.push("?$filter=id ne 'x'".into());
    }
    if route.method == "GET" && is_collection && path == route.path {
        options.extend(["?$count=true&$top=1", "?$orderby=id desc&$skip=1"].map(Into::into));
    }
    options
}

/// The pairs for every route of a family with at least `min_keys` keys, with every option and
/// condition. The paths are those of the family `in_paths`. The first of `keys` exist elsewhere, the
/// second nowhere. `tag` returns the `ETag` of the existing entity.
async fn all_pairs(
    family: &str,
    in_paths: &str,
    min_keys: usize,
    keys: [&Keys; 2],
    tag: impl AsyncFn(&Route) -> Option<String>,
) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for route in routes().iter().filter(|it| it.family() == family && it.keys() >= min_keys) {
        let paths = keys.map(|keys| route.filled(keys, in_paths).replacen("/beta", "", 1));
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

/// The `ETag` of the entity at the end of a route, or `None` if there is not a single entity.
async fn tag(client: &Client, route: &Route, script: &str) -> Option<String> {
    let path = route.filled(&Keys::of(script), route.family());
    client.get(&path).await.header("etag").map(str::to_owned)
}

#[tokio::test]
async fn entities_of_another_tenant_look_nonexistent_on_every_route() {
    let (server, client) = with_device().await;
    let (other_tenant, none) = (server.other_tenant(), Keys::of_none());
    for family in FAMILIES {
        let script = new_script(&client, family, true).await;
        let contents = expand(type_behind(family)).unwrap();
        let all = format!("/beta{DEVICE_MANAGEMENT}/{family}/{script}?$expand={contents}");
        let before = client.get(&all).await.ok();
        let keys = [&Keys::of(&script), &none];
        let tag = async |route: &Route| tag(&client, route, &script).await;
        let pairs = all_pairs(family, family, 1, keys, tag).await;
        assert!(pairs.len() > 100, "{}", pairs.len());
        assert_same_replies(&other_tenant, 404, keys, &pairs).await;
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
        let elsewhere = all_pairs(family, FAMILIES[(index + 1) % 3], 1, keys, tag).await;
        assert_same_replies(&client, 404, keys, &elsewhere).await;

        let below = |keys: Keys| Keys { script: bare.clone(), ..keys };
        let keys = [&below(Keys::of(&script)), &below(Keys::of_none())];
        assert_same_replies(&client, 404, keys, &all_pairs(family, family, 2, keys, tag).await)
            .await;
    }
}

#[tokio::test]
async fn run_states_of_another_user_look_nonexistent_on_every_route() {
    let (_server, client) = with_device().await;
    for family in FAMILIES {
        let script = new_script(&client, family, true).await;
        let users = format!("/beta{DEVICE_MANAGEMENT}/{family}/{script}/userRunStates");
        client.post(&users, &json!({ "id": "another" })).await.created();
        let below = |keys: Keys| Keys { user: "another", script: script.clone(), ..keys };
        let keys = [&below(Keys::of(&script)), &below(Keys::of_none())];
        let tag = async |route: &Route| tag(&client, route, &script).await;
        assert_same_replies(&client, 404, keys, &all_pairs(family, family, 3, keys, tag).await)
            .await;
    }
}
