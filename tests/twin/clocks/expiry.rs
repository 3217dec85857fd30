//! Tokens, idempotency keys and kept versions expire by the clock of their tenant.

use reqwest::Method;
use serde_json::{Value as Json, json};

use super::{advance, claims, frozen, new_state, token};
use crate::world::{APPLICATION, SCRIPTS, World};

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
    let tokens = world.sign_in_user(tenant.guid()).await.json(200);
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
