//! Replies that differ from the documentation of Graph as those of Graph do.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::ruled::{SCRIPTS_IN_BATCH, add_rule, batch, create, ruled};
use crate::world::{SCRIPTS, World};

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
            batch(&tenant, &[("GET", &format!("{SCRIPTS_IN_BATCH}?{query}"), Json::Null)]).await;
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
    // The window of 20 seconds does not pass.
    let clock = json!({ "rate": 0 });
    let body = json!({ "throttle": throttle, "rules": rules, "clock": clock });
    let tenant = world.tenant(body).await;
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
