//! Do secrets stay where they belong?

use sqlx::Executor;

use super::{World, claims};
use crate::harness::SCRIPTS;

#[tokio::test]
async fn no_error_repeats_a_secret() {
    let world = World::start().await;
    let secret = "s3cret-word";
    for form in [
        world.credentials(&[("client_secret", secret)]),
        world.credentials(&[("client_secret", secret), ("client_id", "")]),
        world.credentials(&[("client_secret", secret), ("scope", "x/y")]),
        world.credentials(&[("client_secret", ""), ("client_assertion", secret)]),
        world.password(&[("password", secret)]),
        world.password(&[("password", secret), ("username", "nobody")]),
        world.password(&[("password", secret), ("grant_type", "x")]),
    ] {
        let reply = world.send(&form).await;
        assert!(reply.status >= 400, "{reply:?}");
        assert!(!format!("{reply:?}").contains(secret), "{reply:?}");
    }
}

#[tokio::test]
async fn the_database_has_no_secret_but_hashes() {
    let world = World::start().await;
    world.send(&world.credentials(&[])).await.ok();
    world.send(&world.password(&[])).await.ok();
    let mut database = world.server.database().await;
    let rows: Vec<String> = sqlx::query_scalar(
        "SELECT it::text FROM application_secret AS it \
         UNION ALL SELECT it::text FROM directory_user AS it \
         UNION ALL SELECT it::text FROM application AS it",
    )
    .fetch_all(&mut database)
    .await
    .unwrap();
    assert_eq!(rows.len(), 3);
    for row in &rows {
        assert!(!row.contains(&world.secret) && !row.contains(&world.password), "{row}");
    }
    let hashed = rows.iter().filter(|row| row.contains("$argon2id$v=19$")).count();
    assert_eq!(hashed, 2);
}

#[tokio::test]
async fn the_server_cannot_change_who_may_sign_in() {
    let world = World::start().await;
    let mut session = world.server.database().await;
    session.execute("SET ROLE runstate_server").await.unwrap();
    for statement in [
        "UPDATE directory_user SET password_hash = ''",
        "DELETE FROM directory_user",
        "INSERT INTO application_secret SELECT FROM tenant",
        "UPDATE application SET permissions = '{}'",
        "INSERT INTO tenant VALUES (gen_random_uuid())",
        "UPDATE tenant_domain SET name = 'x'",
    ] {
        let code = crate::harness::error_code(&mut session, statement.to_owned()).await;
        assert_eq!(code.as_deref(), Some("42501"), "{statement}");
    }
}

#[tokio::test]
async fn a_token_with_another_algorithm_or_key_is_refused() {
    let world = World::start().await;
    let body = world.send(&world.credentials(&[])).await.ok();
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(claims(&body["access_token"])["iss"], "urn:runstate:local");
    let parts: Vec<&str> = token.split('.').collect();
    let encoded = |header: &str| {
        base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, header)
    };
    for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS256"}"#, r#"{"alg":"PS256"}"#] {
        let forged = format!("{}.{}.{}", encoded(header), parts[1], parts[2]);
        let client = world.server.client_with_token(Some(forged));
        client.get(SCRIPTS).await.refused(401, "InvalidAuthenticationToken");
    }
}
