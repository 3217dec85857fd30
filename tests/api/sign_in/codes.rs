//! How does a client get tokens with an authorization code?

use serde_json::json;

use super::browser::{Browser, CHALLENGE};
use super::{USER, World, claims};
use crate::harness::{Reply, SCRIPTS};

#[tokio::test]
async fn a_user_signs_in_on_a_page_and_the_client_gets_tokens_for_the_code() {
    let world = World::start().await;
    let mut browser = Browser::new(&world);
    let page = browser.open(&browser.authorize(&[])).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let reply = browser.sign_in(&page).await;
    assert_eq!(reply.status, 303, "{reply:?}");
    let location = reply.header("location").unwrap();
    let (code, rest) = location.strip_prefix("http://localhost:8400/?code=").unwrap().split_at(43);
    let client_info = json!({ "uid": world.user().await, "utid": world.tenant });
    let given = browser.parameters(&reply);
    assert!(rest.ends_with("&state=s%261"), "{rest}");
    assert_eq!(super::decoded(&given["client_info"]), client_info);

    let tokens = world.redeem(code, &[("client_info", "1")]).await.ok();
    let names: Vec<&String> = tokens.as_object().unwrap().keys().collect();
    let expected = "access_token client_info expires_in ext_expires_in id_token refresh_token scope \
                    token_type";
    assert_eq!(names, expected.split(' ').collect::<Vec<_>>());
    assert_eq!(super::decoded(tokens["client_info"].as_str().unwrap()), client_info);
    let id_token = claims(&tokens["id_token"]);
    let issuer = format!("{}/{}/v2.0", world.server.base(), world.tenant);
    assert_eq!(id_token["iss"], issuer);
    assert_eq!(id_token["aud"], world.application.to_string());
    assert_eq!(id_token["nonce"], "n-1");
    assert_eq!(id_token["preferred_username"], USER);
    assert_eq!(id_token.get("auth_time"), None);
    let access_token = tokens["access_token"].as_str().unwrap().to_owned();
    world.server.client_with_token(Some(access_token)).get(SCRIPTS).await.ok();
}

#[tokio::test]
async fn a_code_is_bound_to_client_tenant_redirect_uri_and_challenge() {
    let world = World::start().await;
    let other = world.other_application().await;
    let second = uuid::Uuid::new_v4();
    world.register(second, "fabrikam.example", false).await;
    let code = world.code(&[]).await;
    for (changes, number) in [
        (&[("client_id", other.as_str())][..], 9_002_313),
        (&[("redirect_uri", "http://localhost:8401/")], 500_112),
        (&[("redirect_uri", "http://localhost:8400")], 500_112),
        (&[("code_verifier", "")], 501_481),
        (&[("code_verifier", "another-verifier-of-the-right-length-0123456789")], 501_481),
        (&[("code_verifier", CHALLENGE)], 501_481),
        (&[("code", "unknown")], 9_002_313),
    ] {
        let reply = world.redeem(&code, changes).await;
        reply.sign_in_refused(400, "invalid_grant", number);
    }
    let form = world.redemption(&code, &[]);
    let reply = world.token_of(&second.to_string(), &form.pairs()).await;
    reply.sign_in_refused(400, "invalid_grant", 9_002_313);
    // None of these used the code up.
    world.redeem(&code, &[]).await.ok();
}

#[tokio::test]
async fn a_replayed_code_revokes_the_refresh_tokens_that_it_gave() {
    let world = World::start().await;
    let code = world.code(&[]).await;
    let refresh_token = refresh_token(&world.redeem(&code, &[]).await);
    let next = refresh_token_of(&world, &refresh_token).await;
    world.redeem(&code, &[]).await.sign_in_refused(400, "invalid_grant", 54_005);
    for token in [&refresh_token, &next] {
        world.refresh(token, &[]).await.sign_in_refused(400, "invalid_grant", 700_082);
    }
}

#[tokio::test]
async fn a_code_that_is_replayed_without_its_verifier_revokes_nothing() {
    let world = World::start().await;
    let code = world.code(&[]).await;
    let refresh_token = refresh_token(&world.redeem(&code, &[]).await);
    let reply = world.redeem(&code, &[("code_verifier", "wrong")]).await;
    reply.sign_in_refused(400, "invalid_grant", 501_481);
    world.refresh(&refresh_token, &[]).await.ok();
}

#[tokio::test]
async fn of_concurrent_requests_with_one_code_at_two_servers_one_gets_tokens() {
    let world = World::start().await;
    let second = world.server.second().await;
    let code = world.code(&[]).await;
    let form = world.redemption(&code, &[]);
    let path = format!("/{}/oauth2/v2.0/token", world.tenant);
    let pairs = form.pairs();
    let mut replies = Vec::new();
    for _ in 0..4 {
        replies.push(super::post(&world.server, &path, &pairs));
        replies.push(super::post(&second, &path, &pairs));
    }
    let replies = futures_util::future::join_all(replies).await;
    let good: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 200).collect();
    assert_eq!(good.len(), 1, "{replies:?}");
    // The others were replays.
    let token = refresh_token(good[0]);
    world.refresh(&token, &[]).await.sign_in_refused(400, "invalid_grant", 700_082);
}

#[tokio::test]
async fn an_expired_code_gives_nothing() {
    let world = World::start().await;
    let code = world.code(&[]).await;
    world.execute("UPDATE authorization_code SET expires_at = now()").await;
    world.redeem(&code, &[]).await.sign_in_refused(400, "invalid_grant", 70_008);
}

#[tokio::test]
async fn a_confidential_client_needs_no_challenge_and_a_public_one_does() {
    let world = World::start().await;
    let web = "https://web.example/signin";
    let none = ("code_challenge", "");
    let wish = [("redirect_uri", web), none, ("code_challenge_method", "")];
    let redeem = |code: String, changes: Vec<(&'static str, String)>| {
        let world = &world;
        async move {
            let mut changes: Vec<(&str, &str)> =
                changes.iter().map(|(name, value)| (*name, value.as_str())).collect();
            changes.push(("redirect_uri", web));
            world.redeem(&code, &changes).await
        }
    };
    let secret = || ("client_secret", world.secret.clone());
    let without_verifier = || ("code_verifier", String::new());
    let reply = redeem(world.code(&wish).await, vec![without_verifier(), secret()]).await;
    reply.ok();
    let reply = redeem(world.code(&wish).await, vec![without_verifier()]).await;
    reply.sign_in_refused(400, "invalid_request", 9_002_325);
    // The challenge was removed from the request to authorize.
    let reply = redeem(world.code(&wish).await, vec![secret()]).await;
    reply.sign_in_refused(400, "invalid_grant", 501_481);
    for public in ["http://localhost:1", "https://portal.example/"] {
        let mut browser = Browser::new(&world);
        let wish = [("redirect_uri", public), none, ("code_challenge_method", "")];
        let reply = browser.open(&browser.authorize(&wish)).await;
        let given = browser.parameters(&reply);
        assert_eq!(given["error"], "invalid_request", "{reply:?}");
        assert!(given["error_description"].starts_with("AADSTS9002325: "), "{reply:?}");
    }
}

#[tokio::test]
async fn the_scope_of_a_reply_is_what_was_asked_for_as_it_was_written() {
    let world = World::start().await;
    let write = "https://graph.microsoft.com/DeviceManagementScripts.ReadWrite.All";
    let scope = format!("openid {write} DeviceManagementScripts.ReadWrite.All");
    let code = world.code(&[("scope", &scope)]).await;
    let tokens = world.redeem(&code, &[("scope", "")]).await.ok();
    assert_eq!(tokens["scope"], scope);
    assert_eq!(tokens.get("refresh_token"), None, "offline_access was not asked for");
    let code = world.code(&[("scope", &scope)]).await;
    let tokens = world.redeem(&code, &[("scope", write)]).await.ok();
    assert_eq!((&tokens["scope"], tokens.get("id_token")), (&json!(write), None));
}

#[tokio::test]
async fn max_age_gives_the_id_token_the_time_of_the_sign_in_and_an_empty_nonce_none() {
    let world = World::start().await;
    let code = world.code(&[("max_age", "1200"), ("nonce", "")]).await;
    let id_token = claims(&world.redeem(&code, &[]).await.ok()["id_token"]);
    let [issued, signed_in] = ["iat", "auth_time"].map(|name| id_token[name].as_i64().unwrap());
    assert!((0..60).contains(&(issued - signed_in)), "{id_token}");
    assert_eq!(id_token.get("nonce"), None);
}

#[tokio::test]
async fn a_user_who_was_removed_gets_no_tokens_for_a_code() {
    let world = World::start().await;
    let code = world.code(&[]).await;
    let mut registration = world.registration().await;
    assert!(registration.remove_user(world.tenant, USER).await.unwrap());
    registration.commit().await.unwrap();
    world.redeem(&code, &[]).await.sign_in_refused(400, "invalid_grant", 9_002_313);
}

/// The refresh token of a reply.
fn refresh_token(reply: &Reply) -> String {
    reply.ok()["refresh_token"].as_str().unwrap().to_owned()
}

/// The refresh token that follows another one.
async fn refresh_token_of(world: &World, token: &str) -> String {
    refresh_token(&world.refresh(token, &[]).await)
}
