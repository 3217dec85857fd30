//! The clock of a tenant, through everything that a client sees.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use runstate::clock::Course;
use serde_json::{Value as Json, json};
use sqlx::ConnectOptions;
use uuid::Uuid;

use crate::world::{APPLICATION, PASSWORD, SCRIPTS, Tenant, USER, World};

const START: &str = "2024-02-03T04:05:06Z";

async fn frozen(world: &World) -> Tenant<'_> {
    world.tenant(json!({ "clock": { "now": START, "rate": 0 } })).await
}

async fn advance(world: &World, tenant: &Tenant<'_>, by: &str) -> Json {
    world.post(&tenant.path("/clock/advance"), json!({ "by": by })).await.json(200)
}

/// A new token of a user who may do everything.
async fn token(world: &World, tenant: &Tenant<'_>) -> String {
    let made = world.post(&tenant.path("/tokens"), json!({})).await.json(201);
    made["token"].as_str().unwrap().to_owned()
}

/// The claims of a token.
fn claims(token: &str) -> Json {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

/// When a UUID of version 7 was made, in seconds since 1970.
fn second_of(id: &Json) -> u64 {
    let id = Uuid::parse_str(id.as_str().unwrap()).unwrap();
    id.get_timestamp().unwrap().to_unix().0
}

async fn new_state(tenant: &Tenant<'_>, script: &str) -> String {
    let states = format!("{script}/deviceRunStates");
    tenant.send(Method::POST, &states, json!({ "id": "s1" })).await.json(201);
    format!("{states}/s1")
}

#[tokio::test]
async fn what_the_server_sets_has_the_time_of_the_tenant_and_other_tenants_have_theirs() {
    let world = World::start().await;
    let tenant = frozen(&world).await;
    assert_eq!(tenant.json["clock"], json!({ "now": START, "rate": 0 }));
    let made = tenant.send(Method::POST, SCRIPTS, json!({ "displayName": "a" })).await.json(201);
    assert_eq!(made["createdDateTime"], START);
    assert_eq!(made["lastModifiedDateTime"], START);
    assert_eq!(second_of(&made["id"]), 1_706_933_106);
    let missing = tenant.send(Method::GET, &format!("{SCRIPTS}/x"), Json::Null).await;
    assert_eq!(missing.json(404)["error"]["innerError"]["date"], "2024-02-03T04:05:06");
    let path = format!("{SCRIPTS}/{}", made["id"].as_str().unwrap());
    let state = new_state(&tenant, &path).await;
    advance(&world, &tenant, "PT1H").await;
    let token = token(&world, &tenant).await;
    let changed = json!({ "errorCode": 1 });
    world.send(Method::PATCH, &state, &token, changed).await.json(200);
    let history = world.send(Method::GET, &format!("{state}/history"), &token, Json::Null).await;
    let times: Vec<(Json, Json)> = history.json(200)["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["validFrom"].clone(), it["validTo"].clone()))
        .collect();
    let later = json!("2024-02-03T05:05:06Z");
    assert_eq!(times, [(later.clone(), Json::Null), (json!(START), later)]);
    let other = world.tenant(json!({})).await;
    let made = other.send(Method::POST, SCRIPTS, json!({ "displayName": "a" })).await.json(201);
    assert!(second_of(&made["id"]) > 1_750_000_000, "{made}");
    assert!(made["createdDateTime"].as_str().unwrap() > "2025", "{made}");
}

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

#[tokio::test]
async fn contents_are_read_and_written_at_the_end_of_the_calendar_and_by_a_fast_clock() {
    let world = World::start().await;
    let contents = json!({ "managedDevices": [{ "id": "pc-1", "deviceName": "PC 1" }] });
    let last = json!({ "to": "9999-12-31T23:59:59Z" });
    let tenant = frozen(&world).await;
    world.post(&tenant.path("/clock/advance"), last).await.json(200);
    // An hour of this clock is 36 ms.
    let fast = world.tenant(json!({ "clock": { "now": START, "rate": 100_000 } })).await;
    for tenant in [tenant, fast] {
        let path = tenant.path("/contents");
        assert_eq!(world.control(Method::PUT, &path, contents.clone()).await.status, 204);
        for _ in 0..10 {
            let read = world.get(&path).await.json(200);
            assert_eq!(read["managedDevices"][0]["deviceName"], "PC 1");
        }
    }
}

#[tokio::test]
async fn a_token_expires_by_the_clock_of_its_tenant() {
    let world = World::start().await;
    let tenant = frozen(&world).await;
    advance(&world, &tenant, "PT1H").await;
    assert!(tenant.scripts().await.is_empty(), "clocks may differ by five minutes");
    advance(&world, &tenant, "PT5M").await;
    let refused = tenant.send(Method::GET, SCRIPTS, Json::Null).await;
    refused.error(401, "InvalidAuthenticationToken");
    assert_eq!(refused.json(401)["error"]["innerError"]["date"], "2024-02-03T05:10:06");
    let token = token(&world, &tenant).await;
    assert_eq!(claims(&token)["iat"], 1_706_937_006);
    world.send(Method::GET, SCRIPTS, &token, Json::Null).await.json(200);
}

#[tokio::test]
async fn the_local_issuer_signs_by_the_clock_of_the_tenant_and_refresh_tokens_expire_by_it() {
    let world = World::start().await;
    world.register().await;
    let tenant = frozen(&world).await;
    let client = APPLICATION.to_string();
    let form = [
        ("grant_type", "password"),
        ("client_id", client.as_str()),
        ("username", USER),
        ("password", PASSWORD),
        ("scope", "https://graph.microsoft.com/.default offline_access"),
    ];
    let tokens = world.sign_in(tenant.guid(), &form).await.json(200);
    let own = claims(tokens["access_token"].as_str().unwrap());
    assert_eq!((&own["iat"], &own["exp"]), (&json!(1_706_933_106), &json!(1_706_936_706)));
    advance(&world, &tenant, "P89D").await;
    let refresh = async |token: &Json| {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", client.as_str()),
            ("refresh_token", token.as_str().unwrap()),
        ];
        world.sign_in(tenant.guid(), &form).await
    };
    let next = refresh(&tokens["refresh_token"]).await.json(200);
    advance(&world, &tenant, "P91D").await;
    let refused = refresh(&next["refresh_token"]).await.json(400);
    assert_eq!(refused["error_codes"], json!([700_082]), "{refused}");
    assert_eq!(refused["timestamp"], "2024-08-01 04:05:06Z");
}

#[tokio::test]
async fn an_idempotency_key_is_new_again_after_a_day_of_the_tenant() {
    let world = World::start().await;
    let tenant = frozen(&world).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let create = async || {
        let request = http.post(format!("{}{SCRIPTS}", world.base)).header("Idempotency-Key", "k");
        let request = request.json(&json!({ "displayName": "a" }));
        let reply = request.bearer_auth(token(&world, &tenant).await).send().await.unwrap();
        assert_eq!(reply.status(), 201);
        reply.headers().contains_key("idempotency-replayed")
    };
    assert!(!create().await);
    advance(&world, &tenant, "PT23H").await;
    assert!(create().await);
    advance(&world, &tenant, "PT1H").await;
    assert!(!create().await);
}

#[tokio::test]
async fn retention_obeys_the_clock_and_versions_of_the_past_stay() {
    let world = World::start().await;
    let tenant = frozen(&world).await;
    let script = tenant.new_script("a").await;
    let policy = json!({ "historyDays": 30, "runStateDays": 60 });
    tenant.send(Method::PATCH, "/runstate/v1/retention", policy).await.json(200);
    let state = new_state(&tenant, &script).await;
    tenant.send(Method::PATCH, &state, json!({ "errorCode": 1 })).await.json(200);
    let versions = async || {
        let token = token(&world, &tenant).await;
        let path = format!("{state}/history/$count");
        world.send(Method::GET, &path, &token, Json::Null).await.text
    };
    // By the real time, the version is older than any policy.
    world.store.maintain().await.unwrap();
    assert_eq!(versions().await, "2");
    advance(&world, &tenant, "P29D").await;
    assert_eq!(versions().await, "2");
    advance(&world, &tenant, "P2D").await;
    assert_eq!(versions().await, "1");
    advance(&world, &tenant, "P29D").await;
    let token = token(&world, &tenant).await;
    world.send(Method::GET, &state, &token, Json::Null).await.json(200);
    let more = advance(&world, &tenant, "P2D").await;
    assert_eq!(more["now"], "2024-04-05T04:05:06Z");
    let token = self::token(&world, &tenant).await;
    world.send(Method::GET, &state, &token, Json::Null).await.error(404, "ResourceNotFound");
}

#[tokio::test]
async fn a_fast_clock_goes_on_by_itself() {
    let world = World::start().await;
    let clock = json!({ "clock": { "now": START, "rate": 100_000 } });
    let tenant = world.tenant(clock).await;
    let path = tenant.path("/clock");
    let first = world.get(&path).await.json(200)["now"].as_str().unwrap().to_owned();
    while world.get(&path).await.json(200)["now"].as_str().unwrap() < "2024-02-03T05" {
        tokio::task::yield_now().await;
    }
    assert!(first.as_str() >= START);
}

#[tokio::test]
async fn seeded_ids_are_the_same_in_each_run_and_again_after_a_reset() {
    let world = World::start().await;
    let ids = async |tenant: &Tenant<'_>| {
        let first = tenant.send(Method::POST, SCRIPTS, json!({ "displayName": "a" })).await;
        let request = first.headers["request-id"].to_str().unwrap().to_owned();
        let second = tenant.send(Method::POST, SCRIPTS, json!({ "displayName": "b" })).await;
        let id = |json: Json| json["id"].as_str().unwrap().to_owned();
        [id(first.json(201)), id(second.json(201)), request]
    };
    let body = json!({ "ids": "seeded", "clock": { "now": START, "rate": 0 } });
    let (one, other) = (world.tenant(body.clone()).await, world.tenant(body).await);
    let first = ids(&one).await;
    assert_eq!(first, ids(&other).await);
    assert_eq!(second_of(&json!(first[0])), 1_706_933_106);
    world.post(&one.path("/reset"), Json::Null).await.json(200);
    assert_eq!(first, ids(&one).await);
}

#[tokio::test]
async fn the_clock_in_the_database_goes_on_as_long_as_that_of_the_server() {
    let world = World::start().await;
    let at = "2024-01-01T00:00:00Z";
    let mut connection = world.database.options().connect().await.unwrap();
    // Forty days after the clock was set, and longer than the calendar by a fast one.
    for (rate, days, end) in [(0.5, 20, false), (2.0, 80, false), (100_000.0, 0, true)] {
        let tenant = world.tenant(json!({ "clock": { "now": at, "rate": rate } })).await;
        let age = "UPDATE twin_tenant SET clock_since = clock_since - interval '40 days'
                   WHERE id = $1::uuid
                   RETURNING (extract(epoch FROM clock_at) * 1000000)::bigint,
                             (extract(epoch FROM clock_since) * 1000000)::bigint";
        let row = sqlx::query_as::<_, (i64, i64)>(age).bind(tenant.guid());
        let (at, since) = row.fetch_one(&mut connection).await.unwrap();
        let time = |micros| DateTime::from_timestamp_micros(micros).unwrap();
        let (at, since) = (time(at), time(since));
        let course = Course { at, since, rate };
        let before = course.at_real(Utc::now());
        let shown = "SELECT (extract(epoch FROM present_time($1::uuid)) * 1000000)::bigint";
        let shown = sqlx::query_scalar::<_, i64>(shown).bind(tenant.guid());
        let shown = time(shown.fetch_one(&mut connection).await.unwrap());
        // The two round microseconds differently.
        let second = TimeDelta::seconds(1);
        assert!(before - second <= shown, "{rate}: {before} {shown}");
        assert!(shown <= course.at_real(Utc::now()) + second, "{rate}: {shown}");
        match end {
            true => assert_eq!(shown.to_rfc3339(), "9999-12-31T23:59:59+00:00"),
            false => assert!(shown >= at + TimeDelta::days(days), "{rate}: {shown}"),
        }
    }
}
