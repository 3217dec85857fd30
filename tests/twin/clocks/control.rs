//! Clocks are set by the control API: forward only, and to times that leave room for a token.

use reqwest::Method;
use serde_json::{Value as Json, json};

use super::{START, advance, frozen};
use crate::world::World;

#[tokio::test]
async fn a_clock_goes_forward_only() {
    let world = World::start().await;
    let tenant = frozen(&world).await;
    let clock = tenant.path("/clock");
    assert_eq!(
        advance(&world, &tenant, "90s").await,
        json!({ "now": "2024-02-03T04:06:36Z", "rate": 0 })
    );
    let back = [json!({ "now": START }), json!({ "now": "2024-02-03T04:06:35Z", "rate": 1 })];
    for back in back {
        let reply = world.control(Method::PUT, &clock, back).await;
        assert!(reply.error(409, "Conflict").contains("cannot be set back"), "{reply:?}");
    }
    let to = json!({ "to": "2024-02-03T04:00:00Z" });
    world.post(&tenant.path("/clock/advance"), to).await.error(409, "Conflict");
    assert_eq!(world.get(&clock).await.json(200)["now"], "2024-02-03T04:06:36Z");
    let set = json!({ "now": "2025-01-01T00:00:00Z" });
    let reply = world.control(Method::PUT, &clock, set).await.json(200);
    assert_eq!(reply, json!({ "now": "2025-01-01T00:00:00Z", "rate": 0 }));
    world.post(&tenant.path("/reset"), Json::Null).await.json(200);
    assert_eq!(world.get(&clock).await.json(200), json!({ "now": START, "rate": 0 }));
}

#[tokio::test]
async fn a_wrong_clock_is_refused_by_member_and_changes_nothing() {
    let world = World::start().await;
    let tenant = frozen(&world).await;
    for (path, body, message) in [
        ("/clock/advance", json!({}), "The member 'by' must be given."),
        (
            "/clock/advance",
            json!({ "by": "-PT1S" }),
            "The member 'by' is '-PT1S', and must be a duration such as PT90S or 90s.",
        ),
        (
            "/clock/advance",
            json!({ "by": "P3650000D" }),
            "The member 'by' is a duration that is too long, and must be a time before the year \
             10000.",
        ),
        (
            "/clock/advance",
            json!({ "by": "1s", "to": "2030-01-01T00:00:00Z" }),
            "The member 'to' is given beside 'by', and must be absent then.",
        ),
    ] {
        let reply = world.post(&tenant.path(path), body).await;
        assert_eq!(reply.error(400, "BadRequest"), message);
    }
    for (body, message) in [
        (json!({ "rate": -1 }), "The member 'rate' is -1, and must be a number from 0 to 100000."),
        (
            json!({ "rate": 100_001 }),
            "The member 'rate' is 100001, and must be a number from 0 to 100000.",
        ),
        (
            json!({ "now": "1969-12-31T23:59:59Z" }),
            "The member 'now' is '1969-12-31T23:59:59Z', and must be a time from 1970 on such as \
             2026-01-31T08:00:00Z.",
        ),
        (
            json!({ "speed": 2 }),
            "The member 'speed' does not exist here. The members are now, rate.",
        ),
    ] {
        let reply = world.control(Method::PUT, &tenant.path("/clock"), body.clone()).await;
        assert_eq!(reply.error(400, "BadRequest"), message);
    }
    assert_eq!(world.get(&tenant.path("/clock")).await.json(200)["now"], START);
}

#[tokio::test]
async fn a_clock_that_leaves_no_time_for_a_token_makes_no_tenant() {
    let world = World::start().await;
    let end = json!({ "clock": { "now": "9999-12-31T23:59:00Z", "rate": 0 } });
    assert_eq!(
        world.post("/tenants", end).await.error(400, "BadRequest"),
        "The member 'expires' is after the end of the calendar, and must be before the year 10000."
    );
    assert_eq!(world.get("").await.json(200)["tenants"], 0);
    let tenant = frozen(&world).await;
    let to = json!({ "to": "9999-12-31T23:59:00Z" });
    world.post(&tenant.path("/clock/advance"), to).await.json(200);
    let reply = world.post(&tenant.path("/tokens"), json!({})).await;
    reply.error(400, "BadRequest");
}
