//! A tenant moves under load: nothing that was acknowledged is lost or doubled.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use runstate::config::FIRST_TENANT;
use serde_json::{Value as Json, json};
use tokio::task::JoinHandle;

use super::{DEVICES, Parts, refusal};
use crate::backup::succeed;
use crate::haproxy::Haproxy;
use crate::kept::Kept;

/// Reads a page again and again. Each reply is a page, or asks to come back.
fn read_on(url: String, token: String, stop: &Arc<AtomicBool>) -> JoinHandle<usize> {
    let stop = Arc::clone(stop);
    tokio::spawn(async move {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut pages = 0;
        while !stop.load(Ordering::Relaxed) {
            let reply = http.get(&url).bearer_auth(&token).send().await.unwrap();
            match reply.status().as_u16() {
                200 => pages += 1,
                503 => assert!(reply.headers().contains_key("retry-after"), "{reply:?}"),
                status => panic!("{status}"),
            }
        }
        pages
    })
}

/// Creates a device with an idempotency key.
async fn create_once(base: &str, token: &str) -> (u16, Option<String>, String) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = http.post(format!("{base}/{DEVICES}")).bearer_auth(token);
    let request = request.header("Idempotency-Key", "the-key-of-the-device");
    let reply = request.json(&json!({ "deviceName": "Once" })).send().await.unwrap();
    let replayed = reply.headers().get("idempotency-replayed");
    let replayed = replayed.map(|value| value.to_str().unwrap().to_owned());
    (reply.status().as_u16(), replayed, reply.text().await.unwrap())
}

#[tokio::test]
async fn a_tenant_moves_under_load_and_nothing_is_lost_or_doubled() {
    let parts = Parts::start().await;
    let Parts { world, second, .. } = &parts;
    let map = format!("{FIRST_TENANT} part1\n");
    let folder = world.server_folder();
    let Some(haproxy) = Haproxy::before([&world.server, second], &map, &folder).await else {
        return parts.end().await;
    };
    let base = haproxy.base();
    let (script, _) = world.states.split_once("/userRunStates").unwrap();
    let states = format!("{script}/deviceRunStates");
    for id in ["a", "b", "c"] {
        world.server.post(&states, &json!({ "id": id })).await.with(201);
    }
    let page = world.server.get(&format!("{states}?$filter=id lt 'client'&$top=2")).await.with(200);
    let next = page["@odata.nextLink"].as_str().unwrap().replace(world.server.base(), "");
    let created = create_once(&base, &world.token).await;
    assert_eq!((created.0, &created.1), (201, &None));

    let load = world.load_on(&base);
    let stop = Arc::default();
    let reader = read_on(format!("{base}/{script}"), world.token.clone(), &stop);
    load.rounds(2).await;
    let exported = succeed(parts.export(&["--close"])).await;
    assert!(exported.contains("The tenant is read-only from now on."), "{exported}");
    let imported = succeed(parts.import()).await;
    assert!(imported.contains("The tenant takes writes here."), "{imported}");
    haproxy.lead(FIRST_TENANT, "part2");
    load.rounds(2).await;
    let removed = succeed(parts.at_first(&["remove", &FIRST_TENANT.to_string()])).await;
    assert!(removed.contains("refused here from now on"), "{removed}");
    load.rounds(1).await;
    let record = load.stop().await;
    stop.store(true, Ordering::Relaxed);
    assert!(reader.await.unwrap() > 0);

    record.assert_some_refused();
    let kept = Kept {
        server: second,
        script,
        states: &world.states,
        url: &parts.second_url,
        folder: &folder,
    };
    kept.assert(&record).await;
    let rest = second.get(next.trim_start_matches('/')).await.with(200);
    assert_eq!(rest["value"].as_array().unwrap().len(), 1, "{rest}");
    assert_eq!(rest["value"][0]["id"], "c");
    let again = create_once(&base, &world.token).await;
    assert_eq!(again, (201, Some("true".into()), created.2));
    the_first_part_refuses(&parts, script).await;
    drop(haproxy);
    parts.end().await;
}

/// The part that the tenant has left refuses it for ever, and has nothing of it.
async fn the_first_part_refuses(parts: &Parts, script: &str) {
    let Parts { world, .. } = parts;
    assert_eq!(parts.rows("runstate").await, (0, Some("moved".into())));
    let restarted = world.another_server().await;
    for server in [&world.server, &restarted] {
        assert_eq!(server.get(script).await.status, 421);
        assert_eq!(server.post(&world.states, &json!({})).await.status, 421);
        assert_eq!(server.post(DEVICES, &json!({})).await.status, 421);
    }
    drop(restarted);
    let listed = succeed(parts.at_first(&["list"])).await;
    let listed: Json = serde_json::from_str(&listed).unwrap();
    assert_eq!((&listed["id"], &listed["state"]), (&json!(FIRST_TENANT), &json!("moved")));
    let refused = refusal(parts.at_first(&["add", "--id", &FIRST_TENANT.to_string()])).await;
    assert!(refused.contains("has left this database"), "{refused}");
    assert_eq!(parts.rows("runstate").await, (0, Some("moved".into())));
}
