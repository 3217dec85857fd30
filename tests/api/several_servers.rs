//! Do two servers on one database work as one?

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{Client, Reply, Server, members, send};
use crate::sign_in::World;
use crate::sign_in::browser::Browser;

async fn upsert(client: &Client, state: &str, code: usize) -> Reply {
    let request = client.request(Method::PATCH, state).header("Prefer", "create-if-missing");
    let request = request.header("Content-Type", "application/json");
    send(request.body(json!({ "errorCode": code, "runState": "fail" }).to_string())).await
}

fn refresh_token(reply: &Reply) -> String {
    reply.ok()["refresh_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn of_concurrent_upserts_at_two_servers_one_creates_and_each_is_a_version() {
    const REPORTS: usize = 40;
    let server = Server::start().await;
    let other = server.second().await;
    let clients = [server.client(), other.client()];
    let script = clients[0].new_script().await;
    let state = format!("{script}/deviceRunStates('one')");
    let reports = (0..REPORTS).map(|number| upsert(&clients[number % 2], &state, number));
    let replies = join_all(reports).await;
    let created = replies.iter().filter(|reply| reply.status == 201).count();
    let changed = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!((created, changed), (1, REPORTS - 1), "{replies:?}");

    let history = format!("{state}/history?$orderby=version");
    let versions = clients[1].get(&history).await.ok()["value"].as_array().unwrap().clone();
    let mut codes: Vec<_> = versions.iter().map(|it| it["errorCode"].as_u64().unwrap()).collect();
    codes.sort_unstable();
    assert_eq!(codes, (0..REPORTS as u64).collect::<Vec<_>>(), "each report is one version");
    let begins = versions.iter().skip(1).map(|it| &it["validFrom"]).chain([&Json::Null]);
    assert!(begins.eq(versions.iter().map(|it| &it["validTo"])), "{versions:?}");
    let summary = clients[0].get(&format!("{script}/runSummary")).await.ok();
    assert_eq!(summary["errorDeviceCount"], 1);
}

#[tokio::test]
async fn a_next_link_of_one_server_is_good_at_the_other() {
    let server = Server::start().await;
    let other = server.second().await;
    let states = format!("{}/deviceRunStates", server.client().new_script().await);
    for id in ["a", "b", "c"] {
        server.client().post(&states, &json!({ "id": id })).await.created();
    }
    let page = server.client().get(&format!("{states}?$top=1")).await.ok();
    assert_eq!(members(&page, "id"), ["a"]);
    let link = page["@odata.nextLink"].as_str().unwrap().replace(server.base(), other.base());
    let page = other.client().get(&link).await.ok();
    assert_eq!(members(&page, "id"), ["b"]);
    let link = page["@odata.nextLink"].as_str().unwrap();
    assert!(link.starts_with(other.base()), "{link}");
}

#[tokio::test]
async fn an_etag_of_one_server_is_good_at_the_other() {
    let server = Server::start().await;
    let other = server.second().await;
    let script = server.client().new_script().await;
    let tag = server.client().get(&script).await.header("etag").unwrap().to_owned();
    let change = async |client: Client, name: &str| {
        let request = client.request(Method::PATCH, &script).header("If-Match", &tag);
        let request = request.header("Content-Type", "application/json");
        send(request.body(json!({ "displayName": name }).to_string())).await
    };
    change(other.client(), "Changed").await.ok();
    change(server.client(), "Late").await.refused(412, "PreconditionFailed");
    assert_eq!(server.client().get(&script).await.ok()["displayName"], "Changed");
}

#[tokio::test]
async fn a_code_of_one_server_is_redeemed_at_the_other_and_a_replay_revokes_its_tokens_at_both() {
    let world = World::start().await;
    let other = world.second().await;
    let code = world.code(&[]).await;
    let first = refresh_token(&other.redeem(&code, &[]).await);
    let second = refresh_token(&world.refresh(&first, &[]).await);
    other.refresh(&second, &[]).await.ok();
    world.redeem(&code, &[]).await.sign_in_refused(400, "invalid_grant", 54_005);
    for at in [&world, &other] {
        at.refresh(&second, &[]).await.sign_in_refused(400, "invalid_grant", 700_082);
    }
}

#[tokio::test]
async fn the_session_of_a_browser_is_known_to_both_servers_and_ended_at_both() {
    let world = World::start().await;
    let other = world.second().await;
    let mut browser = Browser::new(&world);
    let page = browser.open(&browser.authorize(&[])).await;
    let reply = browser.sign_in(&page).await;
    assert!(browser.parameters(&reply).contains_key("code"), "{reply:?}");

    let mut at_other = Browser::new(&other);
    at_other.cookies.clone_from(&browser.cookies);
    let silent = at_other.authorize(&[("prompt", "none")]);
    let reply = at_other.open(&silent).await;
    assert!(at_other.parameters(&reply).contains_key("code"), "{reply:?}");

    let logout = format!("/{}/oauth2/v2.0/logout", world.tenant);
    browser.open(&logout).await;
    let reply = at_other.open(&silent).await;
    assert_eq!(at_other.parameters(&reply)["error"], "login_required", "{reply:?}");
}

#[tokio::test]
async fn a_new_password_holds_at_both_servers_at_once() {
    let world = World::start().await;
    let other = world.second().await;
    for at in [&world, &other] {
        at.send(&at.password(&[])).await.ok();
    }
    let hash = runstate::auth::hash_secret("another").unwrap();
    let user = world.user().await;
    let mut database = world.server.database().await;
    let change = sqlx::query("UPDATE directory_user SET password_hash = $1 WHERE id = $2");
    change.bind(hash).bind(user).execute(&mut database).await.unwrap();
    for at in [&world, &other] {
        let reply = at.send(&at.password(&[])).await;
        reply.sign_in_refused(400, "invalid_grant", 50_126);
        at.send(&at.password(&[("password", "another")])).await.ok();
    }
}

#[tokio::test]
async fn each_server_limits_failed_sign_ins_by_itself() {
    let world = World::start().await;
    let other = world.second().await;
    let wrong = world.password(&[("password", "wrong")]);
    let mut number = 50_126;
    while number == 50_126 {
        number = world.send(&wrong).await.json()["error_codes"][0].as_u64().unwrap();
    }
    assert_eq!(number, 50_053, "the user is locked");
    other.send(&other.password(&[])).await.ok();
}
