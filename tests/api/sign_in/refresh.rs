//! How long is a refresh token good, and for whom?

use super::{USER, World};
use crate::harness::Reply;

/// Makes it so that all refresh tokens were replaced two minutes ago.
const LATER: &str = "UPDATE refresh_token SET replaced_at = replaced_at - interval '2 minutes'";

async fn first(world: &World) -> String {
    let code = world.code(&[]).await;
    token(&world.redeem(&code, &[]).await)
}

fn token(reply: &Reply) -> String {
    reply.ok()["refresh_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_use_gives_a_new_refresh_token_and_the_scope_that_was_granted() {
    let world = World::start().await;
    let one = first(&world).await;
    let reply = world.refresh(&one, &[]).await;
    let two = token(&reply);
    assert_ne!(one, two);
    let tokens = reply.ok();
    let scope = tokens["scope"].as_str().unwrap();
    assert!(scope.starts_with("openid profile offline_access https://graph"), "{scope}");
    assert!(tokens["id_token"].is_string());
    let write = "DeviceManagementScripts.ReadWrite.All";
    let tokens = world.refresh(&two, &[("scope", write)]).await.ok();
    assert_eq!((&tokens["scope"], tokens.get("id_token")), (&write.into(), None));
    assert!(tokens["refresh_token"].is_string(), "the old one will not be good for long");
    let other = "DeviceManagementConfiguration.ReadWrite.All";
    let reply = world.refresh(&two, &[("scope", other)]).await;
    reply.sign_in_refused(400, "invalid_grant", 65_001);
}

#[tokio::test]
async fn clients_that_share_a_cache_may_use_the_old_token_for_a_short_time() {
    let world = World::start().await;
    let one = first(&world).await;
    let [two, three] =
        [token(&world.refresh(&one, &[]).await), token(&world.refresh(&one, &[]).await)];
    assert_ne!(two, three);
    world.refresh(&two, &[]).await.ok();
    world.refresh(&three, &[]).await.ok();
}

#[tokio::test]
async fn an_old_token_that_comes_late_revokes_the_whole_family() {
    let world = World::start().await;
    let [one, of_another_sign_in] = [first(&world).await, first(&world).await];
    let two = token(&world.refresh(&one, &[]).await);
    world.execute(LATER).await;
    for stolen in [&one, &two, &one] {
        world.refresh(stolen, &[]).await.sign_in_refused(400, "invalid_grant", 700_082);
    }
    world.refresh(&of_another_sign_in, &[]).await.ok();
}

#[tokio::test]
async fn a_refresh_token_is_bound_to_its_client_and_tenant() {
    let world = World::start().await;
    let other = world.other_application().await;
    let second = uuid::Uuid::new_v4();
    world.register(second, "fabrikam.example", true).await;
    let token = first(&world).await;
    for (tenant, client) in
        [(world.tenant.to_string(), &other), (second.to_string(), &world.application.to_string())]
    {
        let form =
            [("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", &token)];
        let reply = world.token_of(&tenant, &form).await;
        reply.sign_in_refused(400, "invalid_grant", 9_002_313);
    }
    let reply = world.refresh("unknown", &[]).await;
    reply.sign_in_refused(400, "invalid_grant", 9_002_313);
    world.refresh(&token, &[]).await.ok();
}

#[tokio::test]
async fn a_token_of_an_unregistered_tenant_is_not_good_in_another_one() {
    let world = World::start().await;
    world.execute("UPDATE tenant SET serves_unknown = true").await;
    let [one, other] = [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()].map(|id| id.to_string());
    let scope = format!("offline_access {}", super::GRAPH);
    let form = world.password(&[("scope", &scope)]);
    let token = token(&world.token_of(&one, &form.pairs()).await);
    let id = world.application.to_string();
    let form = [("grant_type", "refresh_token"), ("client_id", &id), ("refresh_token", &token)];
    let reply = world.token_of(&other, &form).await;
    reply.sign_in_refused(400, "invalid_grant", 9_002_313);
    let tokens = world.token_of(&one, &form).await.ok();
    assert_eq!(super::claims(&tokens["access_token"])["tid"], one);
}

#[tokio::test]
async fn an_expired_refresh_token_is_not_good() {
    let world = World::start().await;
    let token = first(&world).await;
    world.execute("UPDATE refresh_token SET expires_at = now()").await;
    world.refresh(&token, &[]).await.sign_in_refused(400, "invalid_grant", 700_082);
}

#[tokio::test]
async fn a_changed_password_revokes_refresh_tokens_and_sessions() {
    let world = World::start().await;
    let mut browser = super::browser::Browser::new(&world);
    let silent = browser.authorize(&[("prompt", "none")]);
    let page = browser.open(&browser.authorize(&[])).await;
    let reply = browser.sign_in(&page).await;
    let unused = browser.parameters(&reply)["code"].clone();
    let token = first(&world).await;
    let reply = browser.open(&silent).await;
    assert!(browser.parameters(&reply).contains_key("code"));
    let mut registration = world.registration().await;
    let hash = runstate::auth::hash_secret("new").unwrap();
    assert!(registration.change_password(world.tenant, USER, &hash).await.unwrap());
    registration.commit().await.unwrap();
    world.refresh(&token, &[]).await.sign_in_refused(400, "invalid_grant", 700_082);
    world.redeem(&unused, &[]).await.sign_in_refused(400, "invalid_grant", 9_002_313);
    let reply = browser.open(&silent).await;
    assert_eq!(browser.parameters(&reply)["error"], "login_required");
}

#[tokio::test]
async fn a_restart_keeps_refresh_tokens() {
    let world = World::start().await;
    let token = first(&world).await;
    let second = world.server.second().await;
    let id = world.application.to_string();
    let form = [("grant_type", "refresh_token"), ("client_id", &id), ("refresh_token", &token)];
    let path = format!("/{}/oauth2/v2.0/token", world.tenant);
    super::post(&second, &path, &form).await.ok();
}
