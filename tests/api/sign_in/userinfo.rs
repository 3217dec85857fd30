//! What does userinfo say, and to whom?

use serde_json::json;

use super::{USER, World, claims};
use crate::harness::{SCRIPTS, WRITE_SCOPE, application, user};

const PATH: &str = "/oidc/userinfo";

#[tokio::test]
async fn the_subject_is_that_of_the_id_token() {
    let world = World::start().await;
    let tokens = world.redeem(&world.code(&[]).await, &[]).await.ok();
    let client =
        world.server.client_with_token(Some(tokens["access_token"].as_str().unwrap().to_owned()));
    let subject = &claims(&tokens["id_token"])["sub"];
    let expected = json!({ "sub": subject, "name": "Ada", "preferred_username": USER });
    for path in [PATH, "/OIDC/UserInfo"] {
        let reply = client.get(path).await;
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(reply.ok(), expected);
    }
    let form = client.request(reqwest::Method::POST, PATH);
    assert_eq!(crate::harness::send(form).await.ok(), expected);
}

#[tokio::test]
async fn only_an_access_token_of_a_user_who_signed_in_is_accepted() {
    let world = World::start().await;
    let tokens = world.redeem(&world.code(&[]).await, &[]).await.ok();
    let without_openid = world.send(&world.password(&[])).await.ok();
    let of_application = world.send(&world.credentials(&[])).await.ok();
    let of_command = world.server.token(&user(world.tenant, &[WRITE_SCOPE]));
    let application = world.server.token(&application(world.tenant, &["openid"]));
    for token in [
        tokens["id_token"].as_str().unwrap(),
        without_openid["access_token"].as_str().unwrap(),
        of_application["access_token"].as_str().unwrap(),
        &of_command,
        &application,
        "token",
    ] {
        let reply = world.server.client_with_token(Some(token.to_owned())).get(PATH).await;
        reply.refused(401, "InvalidAuthenticationToken");
        assert!(reply.header("www-authenticate").unwrap().starts_with("Bearer "), "{reply:?}");
    }
    let reply = world.server.client_with_token(None).get(PATH).await;
    assert!(reply.header("www-authenticate").unwrap().starts_with("Bearer"), "{reply:?}");
    let mut registration = world.registration().await;
    assert!(registration.remove_user(world.tenant, USER).await.unwrap());
    registration.commit().await.unwrap();
    let token = tokens["access_token"].as_str().unwrap().to_owned();
    let reply = world.server.client_with_token(Some(token)).get(PATH).await;
    reply.refused(401, "InvalidAuthenticationToken");
}

#[tokio::test]
async fn a_401_of_the_api_says_where_to_sign_in() {
    let world = World::start().await;
    let place = format!(
        "authorization_uri=\"{}/common/oauth2/v2.0/authorize\", \
         client_id=\"00000003-0000-0000-c000-000000000000\"",
        world.server.base()
    );
    for (token, start) in [
        (None, "Bearer realm=\"\""),
        (Some("a.b.c".to_owned()), "Bearer realm=\"\", error=\"invalid_token\""),
    ] {
        let reply = world.server.client_with_token(token).get(SCRIPTS).await;
        reply.refused(401, "InvalidAuthenticationToken");
        let challenge = format!("{start}, {place}");
        assert_eq!(reply.header("www-authenticate"), Some(&*challenge));
    }
}
