//! Which tokens does a user get by password, and what is refused?

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};

use super::{USER, WRITE, World, claims, new_application};
use crate::harness::SCRIPTS;

#[tokio::test]
async fn a_user_gets_a_token_by_password_and_calls_the_api_with_it() {
    let world = World::start().await;
    let body = world.send(&world.password(&[])).await.ok();
    let members: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["access_token", "expires_in", "ext_expires_in", "scope", "token_type"]);
    let graph = "https://graph.microsoft.com";
    assert_eq!(body["scope"], format!("{graph}/.default {graph}/{WRITE}"));
    let claims = claims(&body["access_token"]);
    assert_eq!((&claims["upn"], &claims["name"]), (&json!(USER), &json!("Ada")));
    assert_eq!((&claims["scp"], &claims["aud"]), (&json!(WRITE), &json!(graph)));
    assert_eq!((&claims["appidacr"], &claims["idtyp"]), (&json!("0"), &json!("user")));
    let token = body["access_token"].as_str().unwrap().to_owned();
    world.server.client_with_token(Some(token)).new_script().await;
}

#[tokio::test]
async fn the_scope_of_the_reply_has_each_word_as_it_was_asked_for() {
    let world = World::start().await;
    let scope =
        "User.Read https://graph.microsoft.com/DeviceManagementScripts.ReadWrite.All openid";
    let body = world.send(&world.password(&[("scope", scope)])).await.ok();
    assert_eq!(body["scope"], scope);
    let claims = claims(&body["access_token"]);
    assert_eq!(claims["scp"], "User.Read DeviceManagementScripts.ReadWrite.All openid");
    let missing = "DeviceManagementConfiguration.Read.All";
    let reply = world.send(&world.password(&[("scope", missing)])).await;
    let text = reply.sign_in_refused(400, "invalid_grant", 65_001);
    assert!(text.contains(missing), "{text}");
    assert_eq!(reply.json()["suberror"], "consent_required");
}

#[tokio::test]
async fn an_id_token_comes_with_openid_and_never_opens_the_api() {
    let world = World::start().await;
    let scope = "openid profile User.Read DeviceManagementScripts.ReadWrite.All";
    let form = world.password(&[("scope", scope), ("client_info", "1"), ("nonce", "n")]);
    let body = world.send(&form).await.ok();
    let (of_api, of_client) = (claims(&body["access_token"]), claims(&body["id_token"]));
    let issuer = format!("{}/{}/v2.0", world.server.base(), world.tenant);
    assert_eq!((&of_client["iss"], &of_client["aud"]), (&json!(issuer), &json!(world.application)));
    for same in ["oid", "sub", "tid", "preferred_username", "name"] {
        assert_eq!(of_client[same], of_api[same], "{same}");
    }
    assert!(of_client.get("nonce").is_none() && of_client.get("auth_time").is_none());
    let info = URL_SAFE_NO_PAD.decode(body["client_info"].as_str().unwrap()).unwrap();
    let info: Json = serde_json::from_slice(&info).unwrap();
    assert_eq!(info, json!({"uid": of_api["oid"], "utid": world.tenant}));
    let id_token = body["id_token"].as_str().unwrap().to_owned();
    let client = world.server.client_with_token(Some(id_token));
    client.get(SCRIPTS).await.refused(401, "InvalidAuthenticationToken");
}

#[tokio::test]
async fn a_wrong_password_an_unknown_user_and_a_missing_parameter_are_refused() {
    let world = World::start().await;
    for password in ["pass word&+", "PASS WORD&+%", " pass word&+%"] {
        let reply = world.send(&world.password(&[("password", password)])).await;
        let text = reply.sign_in_refused(400, "invalid_grant", 50_126);
        assert!(!text.contains(password), "{text}");
    }
    world.send(&world.password(&[("username", "ADA@contoso.EXAMPLE")])).await.ok();
    let reply = world.send(&world.password(&[("username", "bob@contoso.example")])).await;
    reply.sign_in_refused(400, "invalid_grant", 50_034);
    for missing in ["username", "password", "scope"] {
        let reply = world.send(&world.password(&[(missing, "")])).await;
        let text = reply.sign_in_refused(400, "invalid_request", 900_144);
        assert!(text.contains(&format!("'{missing}'")), "{text}");
    }
}

#[tokio::test]
async fn a_confidential_application_has_to_authenticate_for_its_users_too() {
    let world = World::start().await;
    let id = uuid::Uuid::new_v4();
    let mut application = new_application(id);
    application.is_public = false;
    let mut registration = world.registration().await;
    registration.add_application(world.tenant, &application).await.unwrap();
    registration.commit().await.unwrap();
    let reply = world.send(&world.password(&[("client_id", &id.to_string())])).await;
    reply.sign_in_refused(401, "invalid_client", 7_000_218);
    let reply = world.send(&world.password(&[("client_secret", &world.secret)])).await.ok();
    assert_eq!(claims(&reply["access_token"])["appidacr"], "1");
    let reply = world.send(&world.password(&[("client_secret", "wrong")])).await;
    reply.sign_in_refused(401, "invalid_client", 7_000_215);
}

#[tokio::test]
async fn a_changed_password_holds_at_once() {
    let world = World::start().await;
    world.send(&world.password(&[])).await.ok();
    let mut registration = world.registration().await;
    let hash = runstate::auth::hash_secret("another").unwrap();
    assert!(registration.change_password(world.tenant, USER, &hash).await.unwrap());
    registration.commit().await.unwrap();
    world.send(&world.password(&[])).await.sign_in_refused(400, "invalid_grant", 50_126);
    world.send(&world.password(&[("password", "another")])).await.ok();
}

#[tokio::test]
async fn the_default_tenant_has_users_by_common() {
    let world = World::start().await;
    for name in ["common", "Organizations", "CONTOSO.example"] {
        let body = world.token_of(name, &world.password(&[]).pairs()).await.ok();
        assert_eq!(claims(&body["access_token"])["tid"], world.tenant.to_string());
    }
}
