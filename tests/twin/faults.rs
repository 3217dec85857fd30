//! What a client sees of each fault, and what has happened in the tenant, in single requests and in
//! batches.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::world::{Reply, SCRIPTS, Tenant, World};

/// A tenant with one rule.
async fn ruled<'a>(world: &'a World, when: Json, then: Json) -> Tenant<'a> {
    let tenant = world.tenant(json!({})).await;
    add_rule(world, &tenant, when, then).await;
    tenant
}

async fn add_rule(world: &World, tenant: &Tenant<'_>, when: Json, then: Json) {
    let rule = json!({ "when": when, "then": then });
    world.post(&tenant.path("/rules"), rule).await.json(201);
}

async fn create(tenant: &Tenant<'_>, name: &str) -> Reply {
    tenant.send(Method::POST, SCRIPTS, json!({ "displayName": name })).await
}

/// The replies to a batch of these requests, in their order.
async fn batch(tenant: &Tenant<'_>, requests: &[(&str, &str, Json)]) -> Vec<Json> {
    let requests = requests.iter().enumerate().map(|(index, (method, url, body))| {
        let mut request = json!({ "id": index.to_string(), "method": method, "url": url });
        if !body.is_null() {
            request["headers"] = json!({ "Content-Type": "application/json" });
            request["body"] = body.clone();
        }
        request
    });
    let body = json!({ "requests": requests.collect::<Vec<_>>() });
    let reply = tenant.send(Method::POST, "/beta/$batch", body).await.json(200);
    reply["responses"].as_array().unwrap().clone()
}

/// The number of scripts, without the rules.
async fn scripts(world: &World, tenant: &Tenant<'_>) -> usize {
    world.delete(&tenant.path("/rules")).await.json(204);
    tenant.scripts().await.len()
}

#[tokio::test]
async fn a_status_is_answered_and_nothing_is_done() {
    let world = World::start().await;
    let then = json!({ "status": { "code": 503, "error": "Busy", "message": "Come back.",
                                   "headers": { "Retry-After": "7" } } });
    let tenant = ruled(&world, json!({ "method": "POST", "operation": "create" }), then).await;
    let reply = create(&tenant, "a").await;
    assert_eq!(reply.headers["retry-after"], "7");
    let mut body = reply.json(503);
    let inner = body["error"]["innerError"].take();
    let names: Vec<_> = inner.as_object().unwrap().keys().collect();
    assert_eq!(names, ["client-request-id", "date", "request-id"]);
    let expected =
        json!({ "error": { "code": "Busy", "message": "Come back.", "innerError": null } });
    assert_eq!(body, expected);
    let item = &batch(&tenant, &[("POST", SCRIPTS_BELOW, json!({ "displayName": "b" }))]).await[0];
    assert_eq!((&item["status"], &item["headers"]["Retry-After"]), (&json!(503), &json!("7")));
    assert_eq!(scripts(&world, &tenant).await, 0);
}

/// The path of the scripts inside a batch.
const SCRIPTS_BELOW: &str = "/deviceManagement/deviceManagementScripts";

#[tokio::test]
async fn a_status_may_have_the_page_of_a_gateway() {
    let world = World::start().await;
    let then = json!({ "status": { "code": 502, "message": "Bad Gateway", "body": "html" } });
    let tenant = ruled(&world, json!({}), then).await;
    let reply = create(&tenant, "a").await;
    assert_eq!(
        (reply.status, &reply.headers["content-type"]),
        (502, &"text/html".parse().unwrap())
    );
    let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 \
                Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";
    assert_eq!(reply.text, page);
    // A client that repeats the batch sees the page for the batch, too.
    let batch = tenant.send(Method::POST, "/beta/$batch", json!({ "requests": [] })).await;
    assert_eq!((batch.status, &*batch.text), (502, page));
}

#[tokio::test]
async fn a_throttled_request_has_the_documented_body_and_the_asked_retry_after() {
    let world = World::start().await;
    let tenant =
        world.tenant(json!({ "clock": { "now": "2026-11-27T01:00:00Z", "rate": 0 } })).await;
    for (then, expected) in [
        (json!({ "retryAfter": 2 }), Some("2")),
        (json!({ "retryAfter": 2.128 }), Some("2.128")),
        (json!({ "retryAfter": 10, "form": "date" }), Some("Fri, 27 Nov 2026 01:00:10 GMT")),
        (json!({ "retryAfter": 10, "form": "absent" }), None),
        (json!({ "retryAfter": 10, "form": "zero" }), Some("0")),
        (json!({ "retryAfter": 10, "form": "lie" }), Some("5")),
    ] {
        world.delete(&tenant.path("/rules")).await;
        add_rule(&world, &tenant, json!({ "operation": "create" }), json!({ "throttle": then }))
            .await;
        let reply = create(&tenant, "a").await;
        let retry_after = reply.headers.get("retry-after").map(|it| it.to_str().unwrap());
        assert_eq!(retry_after, expected, "{then}");
        let mut body = reply.json(429);
        let inner = &mut body["error"]["innerError"];
        (inner["request-id"], inner["client-request-id"]) = (json!("r"), json!("c"));
        assert_eq!(
            body,
            json!({ "error": {
                "code": "TooManyRequests",
                "message": "Please retry again later.",
                "innerError": {
                    "code": "429", "date": "2026-11-27T01:00:00", "message": "Please retry after",
                    "request-id": "r", "client-request-id": "c", "status": "429"
                }
            } })
        );
        let create = ("POST", SCRIPTS_BELOW, json!({ "displayName": "b" }));
        let item = &batch(&tenant, &[create]).await[0];
        assert_eq!(item["status"], 429);
        assert_eq!(item["headers"].get("Retry-After").and_then(Json::as_str), expected);
    }
    assert_eq!(scripts(&world, &tenant).await, 0);
}

#[tokio::test]
async fn a_delayed_request_is_carried_out() {
    let world = World::start().await;
    for place in ["before", "after"] {
        let then = json!({ "delay": { "place": place, "ms": 300, "jitter": 10 } });
        let tenant = ruled(&world, json!({ "operation": "create" }), then).await;
        let begun = std::time::Instant::now();
        create(&tenant, "a").await.json(201);
        batch(&tenant, &[("POST", SCRIPTS_BELOW, json!({ "displayName": "b" }))]).await;
        // It cannot be earlier; how late it is says nothing.
        assert!(begun.elapsed() >= std::time::Duration::from_millis(600), "{place}");
        assert_eq!(tenant.scripts().await, ["a", "b"]);
    }
}

#[tokio::test]
async fn a_pretended_write_has_a_full_reply_and_is_rolled_back() {
    let world = World::start().await;
    let tenant = world.tenant(json!({})).await;
    let script = tenant.new_script("old").await;
    let writes = json!({ "method": "PATCH" });
    for when in [json!({ "method": "POST" }), json!({ "method": "DELETE" }), writes] {
        add_rule(&world, &tenant, when, json!({ "pretend": true })).await;
    }
    let created = create(&tenant, "new").await.json(201);
    assert_eq!(created["displayName"], "new");
    let changed =
        tenant.send(Method::PATCH, &script, json!({ "displayName": "x" })).await.json(200);
    assert_eq!(changed["displayName"], "x");
    assert_eq!(tenant.send(Method::DELETE, &script, Json::Null).await.status, 204);
    let items = batch(&tenant, &[("POST", SCRIPTS_BELOW, json!({ "displayName": "b" }))]).await;
    assert_eq!((&items[0]["status"], &items[0]["body"]["displayName"]), (&json!(201), &json!("b")));
    // A write that fails, fails as ever.
    let unknown = format!("{SCRIPTS}/00000000-0000-4000-8000-000000000000");
    let failed = tenant.send(Method::PATCH, &unknown, json!({ "displayName": "x" })).await;
    failed.error(404, "ResourceNotFound");
    assert_eq!(tenant.scripts().await, ["old"]);
}

#[tokio::test]
async fn a_pretended_upsert_creates_and_changes_nothing() {
    let world = World::start().await;
    let tenant = world.tenant(json!({})).await;
    let script = tenant.new_script("s").await;
    add_rule(&world, &tenant, json!({ "operation": "update" }), json!({ "pretend": true })).await;
    let state = format!("{script}/deviceRunStates/a");
    let reply = tenant.upsert(&state, json!({ "runState": "fail" })).await;
    assert_eq!(reply.json(201)["runState"], "fail");
    let found = tenant.send(Method::GET, &state, Json::Null).await;
    found.error(404, "ResourceNotFound");
}

#[tokio::test]
async fn a_create_without_an_id_is_carried_out_twice() {
    let world = World::start().await;
    let tenant = ruled(&world, json!({}), json!({ "twice": true })).await;
    let script = create(&tenant, "a").await.json(201);
    let items = batch(&tenant, &[("POST", SCRIPTS_BELOW, json!({ "displayName": "b" }))]).await;
    assert_eq!(items[0]["status"], 201);
    assert_eq!(tenant.scripts().await, ["a", "a", "b", "b"]);
    let states = format!("{SCRIPTS}/{}/deviceRunStates", script["id"].as_str().unwrap());
    let state = json!({ "id": "own", "runState": "fail" });
    tenant.send(Method::POST, &states, state).await.json(201);
    tenant.send(Method::POST, &states, json!({ "runState": "fail" })).await.json(201);
    assert_eq!(tenant.get(&states).await["value"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn stale_reads_see_the_moment_before_the_write() {
    let world = World::start().await;
    let tenant =
        world.tenant(json!({ "clock": { "now": "2026-11-27T01:00:00Z", "rate": 0 } })).await;
    tenant.new_script("a").await;
    add_rule(
        &world,
        &tenant,
        json!({ "operation": "create" }),
        json!({ "stale": { "for": "2s" } }),
    )
    .await;
    let new = create(&tenant, "b").await.json(201);
    let path = format!("{SCRIPTS}/{}", new["id"].as_str().unwrap());
    assert_eq!(tenant.scripts().await, ["a"]);
    tenant.send(Method::GET, &path, Json::Null).await.error(404, "ResourceNotFound");
    let items = batch(&tenant, &[("GET", SCRIPTS_BELOW, Json::Null)]).await;
    assert_eq!(items[0]["body"]["value"].as_array().unwrap().len(), 1);
    world.post(&tenant.path("/clock/advance"), json!({ "by": "PT2S" })).await.json(200);
    assert_eq!(tenant.scripts().await, ["a", "b"]);
}

#[tokio::test]
async fn at_most_four_tenants_have_stale_reads() {
    let world = World::start().await;
    let mut tenants = Vec::new();
    for _ in 0..4 {
        let tenant = ruled(&world, json!({}), json!({ "stale": { "for": "60s" } })).await;
        create(&tenant, "a").await.json(201);
        assert_eq!(tenant.scripts().await, [""; 0]);
        tenants.push(tenant);
    }
    let fifth = ruled(&world, json!({}), json!({ "stale": { "for": "60s" } })).await;
    let message = create(&fifth, "a").await.error(409, "Conflict");
    assert!(message.contains('4'), "{message}");
    assert_eq!(scripts(&world, &fifth).await, 0);
}

#[tokio::test]
async fn quirks_are_those_that_graph_is_known_for() {
    let world = World::start().await;
    let tenant = world.tenant(json!({})).await;
    for name in ["a", "b", "c"] {
        tenant.new_script(name).await;
    }
    let names = |page: &Json| -> Vec<String> {
        let scripts = page["value"].as_array().unwrap().iter();
        scripts.map(|it| it["displayName"].as_str().unwrap().to_owned()).collect()
    };
    for (quirk, query, expected, has_next) in [
        (json!("noNextLink"), "$top=2&$orderby=displayName", &["a", "b"][..], false),
        (
            json!("ignoreFilter"),
            "$filter=displayName eq 'a'&$orderby=displayName",
            &["a", "b", "c"],
            false,
        ),
        (json!({ "firstPage": 1 }), "$orderby=displayName", &["a"], true),
        (json!("ignoreOrderBy"), "$orderby=displayName desc", &["a", "b", "c"], false),
    ] {
        world.delete(&tenant.path("/rules")).await;
        add_rule(&world, &tenant, json!({}), json!({ "quirk": quirk })).await;
        let page = tenant.get(&format!("{SCRIPTS}?{query}")).await;
        assert_eq!(names(&page), expected, "{quirk}");
        assert_eq!(page.get("@odata.nextLink").is_some(), has_next, "{quirk}");
        let items =
            batch(&tenant, &[("GET", &format!("{SCRIPTS_BELOW}?{query}"), Json::Null)]).await;
        assert_eq!(names(&items[0]["body"]), expected, "{quirk} in a batch");
    }
    // The second page is not limited.
    world.delete(&tenant.path("/rules")).await;
    add_rule(&world, &tenant, json!({}), json!({ "quirk": { "firstPage": 1 } })).await;
    let page = tenant.get(&format!("{SCRIPTS}?$orderby=displayName")).await;
    let next = page["@odata.nextLink"].as_str().unwrap().replace(&world.base, "");
    assert_eq!(names(&tenant.get(&next).await), ["b", "c"]);
}

#[tokio::test]
async fn quirks_of_errors_and_nulls_change_names_only() {
    let world = World::start().await;
    let tenant = ruled(&world, json!({}), json!({ "quirk": "innererror" })).await;
    let missing = format!("{SCRIPTS}/00000000-0000-4000-8000-000000000000");
    let body = tenant.send(Method::GET, &missing, Json::Null).await.json(404);
    let names: Vec<_> = body["error"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["code", "innererror", "message"]);
    world.delete(&tenant.path("/rules")).await;
    add_rule(&world, &tenant, json!({}), json!({ "quirk": "nullsLeftOut" })).await;
    let created = create(&tenant, "a").await.json(201);
    assert_eq!(created["displayName"], "a");
    assert!(created.as_object().unwrap().values().all(|value| !value.is_null()), "{created}");
    assert!(created.get("description").is_none());
}

#[tokio::test]
async fn a_429_may_come_without_its_retry_after() {
    let world = World::start().await;
    let throttle = json!({ "custom": [{ "match": { "method": "POST" }, "limit": 1 }] });
    let rules = json!([{ "then": { "quirk": "noRetryAfter" } }]);
    let tenant = world.tenant(json!({ "throttle": throttle, "rules": rules })).await;
    create(&tenant, "a").await.json(201);
    let reply = create(&tenant, "b").await;
    assert_eq!((reply.status, reply.headers.get("retry-after")), (429, None));
    world.delete(&tenant.path("/rules")).await;
    assert_eq!(create(&tenant, "b").await.headers["retry-after"], "20");
}

#[tokio::test]
async fn the_seed_has_three_run_states() {
    let world = World::start().await;
    let tenant = ruled(&world, json!({ "method": "GET" }), json!({ "enum": "seed" })).await;
    let states = format!("{}/deviceRunStates", tenant.new_script("s").await);
    let run_states = ["fail", "notApplicable", "pending", "scriptError", "success", "unknown"];
    for state in run_states {
        tenant
            .send(Method::POST, &states, json!({ "id": state, "runState": state }))
            .await
            .json(201);
    }
    let page = tenant.get(&format!("{states}?$orderby=id")).await;
    let shown: Vec<_> =
        page["value"].as_array().unwrap().iter().map(|it| &it["runState"]).collect();
    assert_eq!(shown, ["fail", "unknown", "unknown", "unknown", "success", "unknown"]);
    world.delete(&tenant.path("/rules")).await;
    let stored = tenant.get(&format!("{states}/pending")).await;
    assert_eq!(stored["runState"], "pending");
}

#[tokio::test]
async fn a_request_asks_for_a_fault_only_where_the_tenant_allows_it() {
    let world = World::start().await;
    let tenant = world.tenant(json!({ "headerFaults": true })).await;
    let ask = async |value: &str| tenant.with_header(SCRIPTS, "X-Runstate-Fault", value).await;
    let reply = ask("throttle; retry-after=2").await;
    assert_eq!((reply.status, &reply.headers["retry-after"]), (429, &"2".parse().unwrap()));
    let message = ask("explode").await.error(400, "BadRequest");
    assert!(message.contains("'then'"), "{message}");
    let message = ask("pretend").await.error(400, "BadRequest");
    assert!(message.contains("X-Runstate-Fault"), "{message}");
    world
        .control(Method::PATCH, &tenant.path(""), json!({ "headerFaults": false }))
        .await
        .json(200);
    assert_eq!(ask("throttle; retry-after=2").await.status, 200);
}
