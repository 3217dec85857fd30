//! The clock of a tenant, through everything that a client sees. `control` sets clocks, and `expiry` has
//! what ends by them.

mod control;
mod expiry;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use runstate::clock::Course;
use serde_json::{Value as Json, json};
use sqlx::ConnectOptions;
use uuid::Uuid;

use crate::world::{SCRIPTS, Tenant, World};

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
