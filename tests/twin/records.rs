//! The control API of rules, of the throttle, of the record and of assertions.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::world::{SCRIPTS, World};

#[tokio::test]
async fn rules_are_made_shown_counted_and_removed() {
    let world = World::start().await;
    let tenant = world.tenant(json!({})).await;
    let rules = tenant.path("/rules");
    let rule = json!({ "id": "a", "when": { "method": "GET", "first": 1 },
                       "then": { "status": { "code": 500 } } });
    let mut shown = rule.clone();
    (shown["matched"], shown["hits"]) = (json!(0), json!(0));
    assert_eq!(world.post(&rules, rule.clone()).await.json(201), shown);
    world.post(&rules, rule).await.error(409, "Conflict");
    for status in [500, 200] {
        assert_eq!(tenant.send(Method::GET, SCRIPTS, Json::Null).await.status, status);
    }
    (shown["matched"], shown["hits"]) = (json!(2), json!(1));
    assert_eq!(world.get(&rules).await.json(200), json!({ "value": [shown] }));
    assert_eq!(world.get(&format!("{rules}/a")).await.json(200), shown);
    assert_eq!(world.delete(&format!("{rules}/a")).await.status, 204);
    world.delete(&format!("{rules}/a")).await.error(404, "ResourceNotFound");
    let refused = json!({ "when": { "inBatch": true }, "then": { "cut": "half" } });
    let message = world.post(&rules, refused).await.error(400, "BadRequest");
    assert_eq!(
        message,
        "The member 'then' is an object, and must be a fault that can happen inside a batch, since \
         when.inBatch is true."
    );
    assert_eq!(world.get(&rules).await.json(200), json!({ "value": [] }));
}

#[tokio::test]
async fn a_tenant_has_a_hundred_rules_at_most() {
    let world = World::start().await;
    let rules: Vec<Json> = (0..100).map(|_| json!({ "then": { "pretend": true } })).collect();
    let tenant = world.tenant(json!({ "rules": rules })).await;
    let one_more = world.post(&tenant.path("/rules"), rules[0].clone()).await;
    let message = one_more.error(409, "Conflict");
    let full = "The tenant has 100 rules already, which is the limit. Delete some.";
    assert_eq!(message, full);
    let too_many: Vec<Json> = (0..101).map(|_| json!({ "then": { "pretend": true } })).collect();
    let refused = world.post("/tenants", json!({ "rules": too_many })).await;
    assert_eq!(
        refused.error(400, "BadRequest"),
        "The member 'rules' is an array, and must be a list of at most 100 rules."
    );
    let wrong = json!({ "rules": [{ "then": { "pretend": false } }] });
    let message = world.post("/tenants", wrong).await.error(400, "BadRequest");
    assert!(message.contains("'then.pretend'"), "{message}");
}

#[tokio::test]
async fn a_tenant_is_throttled_in_its_own_time_and_each_item_of_a_batch_counts() {
    let world = World::start().await;
    let tenant =
        world.tenant(json!({ "clock": { "now": "2026-11-27T01:00:00Z", "rate": 0 } })).await;
    let settings = json!({ "profile": "intune-devices", "scale": 0.01 });
    let shown = json!({ "profile": "intune-devices", "scale": 0.01, "retryAfter": "seconds",
                        "onBatch": "items", "early": "ignore", "custom": [] });
    let path = tenant.path("/throttle");
    assert_eq!(world.control(Method::PUT, &path, settings).await.json(200), shown);
    assert_eq!(world.get(&path).await.json(200), shown);
    let item = |id: &str| {
        json!({ "id": id, "method": "POST", "url": "/deviceManagement/deviceManagementScripts",
                "headers": { "Content-Type": "application/json" }, "body": { "displayName": id },
                "dependsOn": [] })
    };
    let batch = json!({ "requests": [item("1"), item("2"), item("3")] });
    let reply = tenant.send(Method::POST, "/beta/$batch", batch.clone()).await.json(200);
    let mut statuses: Vec<u64> = reply["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["status"].as_u64().unwrap())
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 429]);
    world.post(&tenant.path("/clock/advance"), json!({ "by": "19s" })).await.json(200);
    let reply = tenant.send(Method::POST, SCRIPTS, json!({ "displayName": "x" })).await;
    assert_eq!((reply.status, &reply.headers["retry-after"]), (429, &"1".parse().unwrap()));
    world.post(&tenant.path("/clock/advance"), json!({ "by": "1s" })).await.json(200);
    tenant.new_script("x").await;
    let wrong = json!({ "custom": [{ "limit": 0 }] });
    let message = world.control(Method::PUT, &path, wrong).await.error(400, "BadRequest");
    assert!(message.contains("'custom[0].limit'"), "{message}");
    assert_eq!(world.get(&path).await.json(200), shown);
}

#[tokio::test]
async fn what_was_sent_is_recorded_without_the_token() {
    let world = World::start().await;
    let tenant =
        world.tenant(json!({ "clock": { "now": "2026-11-27T01:00:00Z", "rate": 0 } })).await;
    let script = tenant.new_script("a").await;
    tenant.get(&format!("{SCRIPTS}?$top=5")).await;
    let missing = format!("{script}/deviceRunStates('x')");
    tenant.send(Method::GET, &missing, Json::Null).await.error(404, "ResourceNotFound");
    let reply = world.get(&tenant.path("/requests")).await;
    assert!(!reply.text.to_lowercase().contains("bearer"), "{}", reply.text);
    let requests = reply.json(200)["value"].as_array().unwrap().clone();
    assert_eq!(requests.len(), 3);
    let first = &requests[0];
    for (name, expected) in [
        ("n", json!(1)),
        ("at", json!("2026-11-27T01:00:00.000Z")),
        ("method", json!("POST")),
        ("path", json!(SCRIPTS)),
        ("entity", json!("deviceManagementScript")),
        ("operation", json!("create")),
        ("body", json!({ "displayName": "a" })),
        ("status", json!(201)),
        ("rule", Json::Null),
        ("delivery", json!("whole")),
        ("retryOf", Json::Null),
        ("early", json!(false)),
        ("batch", Json::Null),
    ] {
        assert_eq!(first[name], expected, "{name}");
    }
    assert!(first["caller"]["application"].is_string() && first["caller"]["user"].is_string());
    assert_eq!(requests[1]["query"], json!({ "$top": "5" }));
    assert_eq!(requests[2]["path"], json!(format!("{script}/deviceRunStates/x")));
    for (query, numbers) in [
        ("?after=1", json!([2, 3])),
        ("?method=POST", json!([1])),
        ("?status=404", json!([3])),
        ("?path=/**/deviceRunStates/*", json!([3])),
        ("?limit=1", json!([1])),
    ] {
        let listed = world.get(&tenant.path(&format!("/requests{query}"))).await.json(200);
        let listed: Vec<&Json> =
            listed["value"].as_array().unwrap().iter().map(|it| &it["n"]).collect();
        assert_eq!(json!(listed), numbers, "{query}");
    }
    for query in ["?limit=0", "?limit=1001", "?after=x", "?status=", "?colour=1"] {
        world.get(&tenant.path(&format!("/requests{query}"))).await.error(400, "BadRequest");
    }
    assert_eq!(world.delete(&tenant.path("/requests")).await.status, 204);
    assert_eq!(world.get(&tenant.path("/requests")).await.json(200), json!({ "value": [] }));
}

#[tokio::test]
async fn items_of_a_batch_are_recorded_with_their_batch() {
    let world = World::start().await;
    let tenant = world.tenant(json!({})).await;
    let item = json!({ "id": "x", "method": "GET", "url": "/deviceManagement/managedDevices" });
    let batch = json!({ "requests": [item] });
    tenant.send(Method::POST, "/beta/$batch", batch).await.json(200);
    let requests = world.get(&tenant.path("/requests")).await.json(200);
    let (batch, item) = (&requests["value"][0], &requests["value"][1]);
    assert_eq!((&batch["path"], &batch["batch"]), (&json!("/beta/$batch"), &Json::Null));
    assert_eq!((&item["batch"], &item["item"]), (&json!(1), &json!("x")));
    assert_eq!(item["entity"], "managedDevice");
}

#[tokio::test]
async fn a_request_whose_token_is_refused_is_recorded_with_the_tenant_that_the_token_names() {
    let world = World::start().await;
    let rules = json!([{ "then": { "status": { "code": 500 } } }]);
    let tenant = world.tenant(json!({ "rules": rules })).await;
    let other = world.tenant(json!({ "record": false })).await;
    // A token of a personal account names another tenant.
    for (spoil, status, recorded) in
        [("expired", 401, 1), ("signature", 401, 2), ("noTenant", 401, 2), ("personal", 403, 2)]
    {
        for tenant in [&other, &tenant] {
            let token = world.post(&tenant.path("/tokens"), json!({ "spoil": spoil })).await;
            let token = token.json(201)["token"].as_str().unwrap().to_owned();
            let path = format!("{SCRIPTS}?$top=1");
            let reply = world.send(Method::GET, &path, &token, Json::Null).await;
            assert_eq!(reply.status, status, "{spoil}");
        }
        let requests = world.get(&tenant.path("/requests")).await.json(200);
        let requests = requests["value"].as_array().unwrap();
        assert_eq!(requests.len(), recorded, "{spoil}");
        let nobody = json!({ "user": null, "application": null, "permissions": [] });
        for (name, expected) in [
            ("status", json!(401)),
            ("path", json!(SCRIPTS)),
            ("query", json!({ "$top": "1" })),
            ("caller", nobody),
            ("rule", Json::Null),
        ] {
            assert_eq!(requests[recorded - 1][name], expected, "{spoil}: {name}");
        }
    }
    assert_eq!(world.get(&other.path("/requests")).await.json(200), json!({ "value": [] }));
}

#[tokio::test]
async fn a_tenant_may_record_nothing() {
    let world = World::start().await;
    let tenant = world.tenant(json!({ "record": false })).await;
    tenant.new_script("a").await;
    assert_eq!(world.get(&tenant.path("/requests")).await.json(200), json!({ "value": [] }));
}

#[tokio::test]
async fn an_assertion_says_what_is_missing_and_what_is_nearest() {
    let world = World::start().await;
    let tenant = world.tenant(json!({})).await;
    tenant.get(&format!("{SCRIPTS}?$top=100")).await;
    let verify = tenant.path("/requests/verify");
    let wanted = json!({ "match": { "method": "GET", "query": { "$top": "1000" } },
                         "count": { "exactly": 1 } });
    assert_eq!(
        world.post(&verify, wanted.clone()).await.json(200),
        json!({ "ok": false, "matched": 0, "requests": [], "nearest": [
            { "n": 1, "differs": [{ "at": "query.$top", "is": "100", "wanted": "1000" }] }
        ] })
    );
    tenant.get(&format!("{SCRIPTS}?$top=1000")).await;
    assert_eq!(
        world.post(&verify, wanted).await.json(200),
        json!({ "ok": true, "matched": 1, "requests": [2] })
    );
    let manners = json!({ "manners": ["selects", "respectsRetryAfter"] });
    assert_eq!(
        world.post(&verify, manners).await.json(200),
        json!({ "ok": false, "matched": 2, "requests": [1, 2], "manners": [
            { "name": "selects", "ok": false, "requests": [1, 2] },
            { "name": "respectsRetryAfter", "ok": true, "requests": [] }
        ] })
    );
    let wrong = json!({ "count": { "exactly": 1, "atMost": 2 } });
    assert_eq!(
        world.post(&verify, wrong).await.error(400, "BadRequest"),
        "The member 'count' has 'exactly' beside 'atLeast' or 'atMost'. Give 'exactly' alone, or \
         leave it out."
    );
    let wrong = json!({ "match": { "colour": 1 } });
    let message = world.post(&verify, wrong).await.error(400, "BadRequest");
    assert!(message.contains("'match.colour'"), "{message}");
}

#[tokio::test]
async fn an_assertion_waits_for_requests_to_come() {
    let world = World::start().await;
    let tenant = world.tenant(json!({})).await;
    let verify = tenant.path("/requests/verify");
    let wanted = json!({ "match": { "method": "POST" }, "within": "PT30S" });
    let (verdict, _) = tokio::join!(world.post(&verify, wanted), tenant.new_script("late"));
    assert_eq!(verdict.json(200), json!({ "ok": true, "matched": 1, "requests": [1] }));
}

#[tokio::test]
async fn a_reset_forgets_rules_windows_and_requests_unless_they_are_kept() {
    let world = World::start().await;
    let start = json!({ "id": "start", "when": { "method": "PUT" }, "then": { "pretend": true } });
    let tenant = world.tenant(json!({ "rules": [start] })).await;
    let ids = async || -> Vec<String> {
        let rules = world.get(&tenant.path("/rules")).await.json(200);
        let rules = rules["value"].as_array().unwrap().iter();
        rules.map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    };
    let later = json!({ "id": "later", "then": { "pretend": true } });
    world.post(&tenant.path("/rules"), later).await.json(201);
    tenant.get(SCRIPTS).await;
    let keep = json!({ "keep": ["rules", "record"] });
    world.post(&tenant.path("/reset"), keep).await.json(200);
    assert_eq!(ids().await, ["start", "later"]);
    let requests = world.get(&tenant.path("/requests")).await.json(200);
    assert_eq!(requests["value"].as_array().unwrap().len(), 1);
    world.post(&tenant.path("/reset"), json!({})).await.json(200);
    assert_eq!(ids().await, ["start"]);
    assert_eq!(world.get(&tenant.path("/requests")).await.json(200), json!({ "value": [] }));
    let wrong = json!({ "keep": ["dinner"] });
    world.post(&tenant.path("/reset"), wrong).await.error(400, "BadRequest");
}
