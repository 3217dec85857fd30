//! Which tokens does an application get of its own, and what is refused?

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use super::{GRAPH, World, claims, new_application, post};
use crate::harness::{SCRIPTS, Server, send};

#[tokio::test]
async fn an_application_gets_a_token_with_its_secret_and_calls_the_api_with_it() {
    let world = World::start().await;
    let reply = world.send(&world.credentials(&[])).await;
    assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let body = reply.ok();
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(
        body,
        json!({
            "token_type": "Bearer", "expires_in": 3600, "ext_expires_in": 3600,
            "access_token": token,
        })
    );
    let claims = claims(&body["access_token"]);
    assert_eq!(claims["aud"], "https://graph.microsoft.com");
    assert_eq!(claims["tid"], world.tenant.to_string());
    assert_eq!(claims["roles"], json!(["DeviceManagementScripts.ReadWrite.All"]));
    assert_eq!((&claims["appid"], &claims["appidacr"]), (&json!(world.application), &json!("1")));
    let client = world.server.client_with_token(Some(token.to_owned()));
    client.new_script().await;
    let of_the_tenant = world.server.client().get(&format!("{SCRIPTS}/$count")).await;
    assert_eq!(of_the_tenant.body, "1", "the script is in the tenant of the token");
}

#[tokio::test]
async fn a_secret_may_come_in_http_basic_with_both_halves_encoded() {
    let world = World::start().await;
    let path = format!("/{}/oauth2/v2.0/token", world.tenant);
    let client = world.server.client_with_token(None);
    let body = format!("grant_type=client_credentials&scope={GRAPH}");
    let ask = |id: String, secret: &str| {
        let request = client.request(Method::POST, &path).basic_auth(id, Some(secret));
        let media_type = "application/x-www-form-urlencoded";
        send(request.header("Content-Type", media_type).body(body.clone()))
    };
    let encoded = world.application.to_string().to_uppercase().replace('-', "%2D");
    ask(encoded, &world.secret.replace('-', "%2D").replace('_', "%5f")).await.ok();
    let reply = ask(world.application.to_string(), "wrong").await;
    reply.sign_in_refused(401, "invalid_client", 7_000_215);
    assert_eq!(reply.header("www-authenticate"), Some("Basic realm=\"runstate\""));
    let reply = ask(world.application.to_string(), "%ff").await;
    reply.sign_in_refused(400, "invalid_request", 90_013);
}

#[tokio::test]
async fn a_credential_that_is_wrong_missing_or_repeated_is_refused() {
    let world = World::start().await;
    let reply = world.send(&world.credentials(&[("client_secret", "wrong")])).await;
    let text = reply.sign_in_refused(401, "invalid_client", 7_000_215);
    assert!(text.starts_with("Invalid client secret provided."), "{text}");
    assert_eq!(reply.header("www-authenticate"), None, "it would hide the body");
    let reply = world.send(&world.credentials(&[("client_secret", "")])).await;
    reply.sign_in_refused(401, "invalid_client", 7_000_218);
    let assertion = [("client_assertion", "a.b.c")];
    let reply = world.send(&world.credentials(&assertion)).await;
    reply.sign_in_refused(400, "invalid_request", 90_013);
    let mut form = world.credentials(&[]);
    form.0.push(("client_secret", world.secret.clone()));
    world.send(&form).await.sign_in_refused(400, "invalid_request", 9_000_411);
    // A secret in the address does not count, since addresses are logged.
    let path = format!("/{}/oauth2/v2.0/token?client_secret={}", world.tenant, world.secret);
    let form = world.credentials(&[("client_secret", "")]);
    let reply = post(&world.server, &path, &form.pairs()).await;
    reply.sign_in_refused(401, "invalid_client", 7_000_218);
}

#[tokio::test]
async fn a_removed_secret_is_refused_at_once_on_every_server() {
    let world = World::start().await;
    let second = world.server.second().await;
    let path = format!("/{}/oauth2/v2.0/token", world.tenant);
    let form = world.credentials(&[]);
    for server in [&world.server, &second] {
        post(server, &path, &form.pairs()).await.ok();
    }
    let mut registration = world.registration().await;
    let [application] = <[_; 1]>::try_from(registration.applications(world.tenant).await.unwrap())
        .unwrap_or_else(|_| panic!("there is one application"));
    let secret = application.secrets[0];
    assert!(registration.remove_secret(world.tenant, application.id, secret).await.unwrap());
    registration.commit().await.unwrap();
    for server in [&world.server, &second] {
        let reply = post(server, &path, &form.pairs()).await;
        reply.sign_in_refused(401, "invalid_client", 7_000_215);
    }
}

#[tokio::test]
async fn an_application_asks_for_default_of_one_resource() {
    let world = World::start().await;
    let own = world.server.base();
    let without_port = own.rsplit_once(':').unwrap().0;
    for resource in [
        "https://graph.microsoft.com",
        "https://graph.microsoft.com/",
        "00000003-0000-0000-c000-000000000000",
        own,
        without_port,
    ] {
        let scope = format!("{resource}/.default");
        let body = world.send(&world.credentials(&[("scope", &scope)])).await.ok();
        assert_eq!(claims(&body["access_token"])["aud"], resource);
        let token = body["access_token"].as_str().unwrap().to_owned();
        world.server.client_with_token(Some(token)).get(SCRIPTS).await.ok();
    }
    for (scope, error, number) in [
        ("", "invalid_request", 900_144),
        ("User.Read", "invalid_scope", 1_002_012),
        ("openid", "invalid_scope", 1_002_012),
        ("https://vault.azure.net/.default", "invalid_resource", 500_011),
        ("https://graph.microsoft.com", "invalid_scope", 70_011),
        (
            "https://graph.microsoft.com/.default https://127.0.0.1/.default",
            "invalid_scope",
            28_000,
        ),
    ] {
        let reply = world.send(&world.credentials(&[("scope", scope)])).await;
        reply.sign_in_refused(400, error, number);
    }
}

#[tokio::test]
async fn an_unknown_tenant_application_or_grant_is_named() {
    let world = World::start().await;
    let form = world.credentials(&[]);
    let reply = world.token_of(&Uuid::new_v4().to_string(), &form.pairs()).await;
    reply.sign_in_refused(400, "invalid_tenant", 90_002);
    let reply = world.token_of("fabrikam.example", &form.pairs()).await;
    let text = reply.sign_in_refused(400, "invalid_tenant", 90_002);
    assert!(text.starts_with("Tenant 'fabrikam.example' not found."), "{text}");
    let reply = world.token_of("common", &form.pairs()).await;
    reply.sign_in_refused(400, "invalid_request", 50_059);
    for id in [Uuid::new_v4().to_string().as_str(), "no-guid"] {
        let reply = world.send(&world.credentials(&[("client_id", id)])).await;
        let text = reply.sign_in_refused(400, "unauthorized_client", 700_016);
        assert!(text.contains(id) && text.contains(&world.tenant.to_string()), "{text}");
    }
    let reply = world.send(&world.credentials(&[("grant_type", "implicit")])).await;
    reply.sign_in_refused(400, "unsupported_grant_type", 70_003);
    for missing in ["grant_type", "client_id"] {
        let reply = world.send(&world.credentials(&[(missing, "")])).await;
        let text = reply.sign_in_refused(400, "invalid_request", 900_144);
        assert!(text.contains(&format!("'{missing}'")), "{text}");
    }
}

#[tokio::test]
async fn an_application_uses_only_its_own_grants() {
    let world = World::start().await;
    let id = Uuid::new_v4();
    let mut registration = world.registration().await;
    let mut application = new_application(id);
    application.grant_types = vec!["client_credentials".into()];
    registration.add_application(world.tenant, &application).await.unwrap();
    registration.commit().await.unwrap();
    let reply = world.send(&world.password(&[("client_id", &id.to_string())])).await;
    reply.sign_in_refused(400, "unauthorized_client", 70_001);
}

#[tokio::test]
async fn applications_and_users_of_another_tenant_are_unknown() {
    let world = World::start().await;
    let other = Uuid::new_v4();
    let mut registration = world.registration().await;
    let new = runstate::directory::NewTenant {
        id: other,
        domains: vec!["fabrikam.example".into()],
        serves_unknown: false,
    };
    registration.add_tenant(&new).await.unwrap();
    registration.add_application(other, &new_application(Uuid::from_u128(1))).await.unwrap();
    registration.commit().await.unwrap();
    let reply = world.token_of("fabrikam.example", &world.credentials(&[]).pairs()).await;
    reply.sign_in_refused(400, "unauthorized_client", 700_016);
    let client = Uuid::from_u128(1).to_string();
    let form = world.password(&[("client_id", &client)]);
    let reply = world.token_of("fabrikam.example", &form.pairs()).await;
    reply.sign_in_refused(400, "invalid_grant", 50_034);
}

#[tokio::test]
async fn an_unknown_guid_is_a_tenant_where_one_serves_it() {
    let world = World::start().await;
    let shared = Uuid::new_v4();
    world.register(shared, "shared.example", true).await;
    let [one, two] = [Uuid::new_v4(), Uuid::new_v4()];
    for tenant in [one, two] {
        let form = world.credentials(&[]);
        let body = world.token_of(&tenant.to_string().to_uppercase(), &form.pairs()).await.ok();
        assert_eq!(claims(&body["access_token"])["tid"], tenant.to_string());
        let token = body["access_token"].as_str().unwrap().to_owned();
        let client = world.server.client_with_token(Some(token));
        assert_eq!(client.get(&format!("{SCRIPTS}/$count")).await.body, "0");
        client.new_script().await;
    }
}

#[tokio::test]
async fn without_the_local_issuer_its_paths_are_unknown() {
    let server = Server::start().await;
    let tenant = server.tenant();
    let reply = post(&server, &format!("/{tenant}/oauth2/v2.0/token"), &[]).await;
    reply.refused(401, "InvalidAuthenticationToken");
    let path = format!("/{tenant}/v2.0/.well-known/openid-configuration");
    server.client_with_token(None).get(&path).await.refused(401, "InvalidAuthenticationToken");
    server.client().get(&path).await.refused(400, "BadRequest");
}
