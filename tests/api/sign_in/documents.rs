//! What do the documents say, and where do they lead?

use serde_json::json;
use uuid::Uuid;

use super::World;

#[tokio::test]
async fn the_discovery_document_names_the_endpoints_of_the_tenant() {
    let world = World::start().await;
    let (base, tenant) = (world.server.base(), world.tenant);
    let client = world.server.client_with_token(None);
    let reply = client.get(&format!("/{tenant}/v2.0/.well-known/openid-configuration")).await;
    assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(reply.header("cache-control"), Some("public, max-age=3600"));
    let body = reply.ok();
    let endpoint = |name: &str| json!(format!("{base}/{tenant}/oauth2/v2.0/{name}"));
    assert_eq!(body["issuer"], format!("{base}/{tenant}/v2.0"));
    assert_eq!(body["token_endpoint"], endpoint("token"));
    assert_eq!(body["authorization_endpoint"], endpoint("authorize"));
    assert_eq!(body["device_authorization_endpoint"], endpoint("devicecode"));
    assert_eq!(body["end_session_endpoint"], endpoint("logout"));
    assert_eq!(body["jwks_uri"], format!("{base}/{tenant}/discovery/v2.0/keys"));
    assert_eq!(body["userinfo_endpoint"], format!("{base}/oidc/userinfo"));
    let grants = json!([
        "authorization_code",
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:device_code",
        "password",
        "refresh_token",
    ]);
    for (member, value) in [
        ("response_types_supported", json!(["code"])),
        ("response_modes_supported", json!(["query", "fragment", "form_post"])),
        ("subject_types_supported", json!(["pairwise"])),
        ("id_token_signing_alg_values_supported", json!(["RS256"])),
        ("code_challenge_methods_supported", json!(["S256"])),
        ("request_uri_parameter_supported", json!(false)),
        ("grant_types_supported", grants),
    ] {
        assert_eq!(body[member], value, "{member}");
    }
    // Clients replace this word in the address to find that of device codes.
    assert_eq!(body["token_endpoint"].as_str().unwrap().matches("token").count(), 1);
    for same in [
        format!("/{tenant}/.well-known/openid-configuration"),
        format!("/{tenant}//v2.0/.well-known/openid-configuration?"),
        format!("/{}/V2.0/.well-known/OpenID-Configuration", tenant.to_string().to_uppercase()),
        "/contoso.example/v2.0/.well-known/openid-configuration".into(),
    ] {
        assert_eq!(client.get(&same).await.ok(), body, "{same}");
    }
    let https = world.server.tls_client();
    let https = https.get(&format!("/{tenant}/v2.0/.well-known/openid-configuration")).await;
    let issuer = https.ok()["issuer"].as_str().unwrap().to_owned();
    assert!(issuer.starts_with("https://"), "{issuer}");
}

#[tokio::test]
async fn the_document_of_common_has_a_placeholder_and_its_endpoints_keep_the_word() {
    let world = World::start().await;
    let base = world.server.base();
    let client = world.server.client_with_token(None);
    for word in ["common", "organizations"] {
        let path = format!("/{word}/v2.0/.well-known/openid-configuration");
        let body = client.get(&path).await.ok();
        assert_eq!(body["issuer"], format!("{base}/{{tenantid}}/v2.0"));
        assert_eq!(body["token_endpoint"], format!("{base}/{word}/oauth2/v2.0/token"));
    }
}

#[tokio::test]
async fn an_unknown_tenant_has_no_documents() {
    let world = World::start().await;
    let client = world.server.client_with_token(None);
    for tenant in [&Uuid::new_v4().to_string(), "fabrikam.example", "consumers"] {
        for document in ["v2.0/.well-known/openid-configuration", "discovery/v2.0/keys"] {
            let reply = client.get(&format!("/{tenant}/{document}")).await;
            reply.sign_in_refused(400, "invalid_tenant", 90_002);
        }
    }
}

#[tokio::test]
async fn the_keys_verify_tokens_by_their_kid() {
    let world = World::start().await;
    let client = world.server.client_with_token(None);
    let keys = client.get(&format!("/{}/discovery/v2.0/keys", world.tenant)).await.ok();
    assert_eq!(client.get("/common/discovery/keys").await.ok(), keys);
    let key = &keys["keys"][0];
    let names: Vec<&String> = key.as_object().unwrap().keys().collect();
    assert_eq!(names, ["alg", "e", "kid", "kty", "n", "use"]);
    let body = world.send(&world.password(&[("scope", "openid")])).await.ok();
    for member in ["access_token", "id_token"] {
        let token = body[member].as_str().unwrap();
        let header = jsonwebtoken::decode_header(token).unwrap();
        assert_eq!(header.kid.as_deref(), key["kid"].as_str());
        assert_eq!(
            (header.alg, header.typ.as_deref()),
            (jsonwebtoken::Algorithm::RS256, Some("JWT"))
        );
        let (n, e) = (key["n"].as_str().unwrap(), key["e"].as_str().unwrap());
        let key = jsonwebtoken::DecodingKey::from_rsa_components(n, e).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let algorithm = jsonwebtoken::Algorithm::RS256;
        assert!(
            jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key, algorithm).unwrap()
        );
    }
}

#[tokio::test]
async fn an_authority_on_this_server_is_confirmed_whatever_its_port() {
    let world = World::start().await;
    let (base, tenant) = (world.server.base(), world.tenant);
    let host = base.strip_prefix("http://").unwrap();
    let client = world.server.client_with_token(None);
    let ask = |authority: String| {
        let path = "/common/discovery/instance?api-version=1.1&authorization_endpoint=";
        let path = format!("{path}{}", crate::harness::encoded(&authority));
        let client = &client;
        async move { client.get(&path).await }
    };
    let body = ask(format!("https://127.0.0.1/{tenant}/oauth2/v2.0/authorize")).await.ok();
    assert_eq!(
        body,
        json!({
            "tenant_discovery_endpoint":
                format!("{base}/{tenant}/v2.0/.well-known/openid-configuration"),
            "api-version": "1.1",
            "metadata":
                [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
        })
    );
    for other in ["https://login.microsoftonline.com/common", "no address", "https://[", "urn:x"] {
        ask(other.into()).await.sign_in_refused(400, "invalid_instance", 50_049);
    }
    let reply = client.get("/common/discovery/instance?api-version=1.1").await;
    reply.sign_in_refused(400, "invalid_request", 900_144);
}

#[tokio::test]
async fn each_user_signs_in_with_a_password() {
    let world = World::start().await;
    let client = world.server.client_with_token(None);
    for path in ["/common/userrealm/bob@x.example", "/common/UserRealm/bob%40x.example"] {
        let body = client.get(&format!("{path}?api-version=1.0")).await.ok();
        assert_eq!(body["account_type"], "Managed");
        assert_eq!((&body["domain_name"], &body["ver"]), (&json!("x.example"), &json!("1.0")));
        assert_eq!(body["cloud_audience_urn"], "urn:federation:MicrosoftOnline");
    }
}

#[tokio::test]
async fn a_wrong_method_is_405_with_the_methods() {
    let world = World::start().await;
    let client = world.server.client_with_token(None);
    let reply = client.get("/common/oauth2/v2.0/token").await;
    reply.sign_in_refused(405, "invalid_request", 900_561);
    assert_eq!(reply.header("allow"), Some("POST, OPTIONS"));
    let reply = super::post(&world.server, "/common/discovery/keys", &[]).await;
    reply.sign_in_refused(405, "invalid_request", 900_561);
    assert_eq!(reply.header("allow"), Some("GET, HEAD, OPTIONS"));
    let reply = client.post_text("/common/oauth2/v2.0/token", "{}").await;
    reply.sign_in_refused(400, "invalid_request", 90_013);
}

#[tokio::test]
async fn the_ids_of_the_client_are_in_an_error() {
    let world = World::start().await;
    let id = "0F3C1D7E-0000-4000-8000-000000000001";
    let form = world.credentials(&[("client_secret", "wrong"), ("client-request-id", id)]);
    let reply = world.send(&form).await;
    reply.sign_in_refused(401, "invalid_client", 7_000_215);
    assert_eq!(reply.json()["correlation_id"], id.to_lowercase());
    let form = world.credentials(&[("client_secret", "wrong"), ("client-request-id", "<b>")]);
    let reply = world.send(&form).await;
    assert_eq!(reply.json()["correlation_id"], reply.json()["trace_id"]);
}
