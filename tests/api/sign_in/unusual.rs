//! Does anything that a client sends make the local issuer fail?

use reqwest::Method;
use serde_json::json;

use super::browser::Browser;
use super::{USER, World, post};
use crate::harness::{encoded, send};

/// Values that a parser, the database or a log may stumble over.
fn values() -> Vec<String> {
    let mut values: Vec<String> = [
        "\0",
        "a\0b",
        "\u{feff}",
        "é",
        "'",
        "\"",
        "\\",
        "%00",
        "%",
        "<script>",
        "..",
        "/",
        "//",
        " ",
        "\r\nSet-Cookie: a=b",
        "{}",
        "null",
        "-1",
        "🙂",
        "$argon2id$",
        "urn:x",
        "http://",
        "https://[::1",
        "https://graph.microsoft.com/",
        "a.b.c",
        "e30.e30.e30",
        "====",
        "+",
    ]
    .map(str::to_owned)
    .to_vec();
    values.push("x".repeat(20_000));
    values.push("(".repeat(5_000));
    values
}

#[tokio::test]
async fn no_value_of_a_parameter_makes_the_token_endpoint_fail() {
    let world = World::start().await;
    let assertion =
        world.credentials(&[("client_secret", ""), ("client_assertion", "e30.e30.e30")]);
    let cases = [
        (
            world.credentials(&[]),
            &["grant_type", "client_id", "client_secret", "scope", "claims"][..],
        ),
        (assertion, &["client_assertion", "client_assertion_type", "client_id"]),
        (world.password(&[]), &["username", "scope", "client_info", "client-request-id"]),
    ];
    for value in values() {
        for (form, names) in &cases {
            for name in *names {
                let mut pairs = form.pairs();
                pairs.retain(|(own, _)| own != name);
                pairs.push((name, &value));
                let reply = world.token(&pairs).await;
                assert!([200, 400, 401].contains(&reply.status), "{name}={value:.40}: {reply:?}");
                if reply.status != 200 {
                    let body = reply.json();
                    let number = body["error_codes"][0].as_u64().unwrap();
                    let text = body["error_description"].as_str().unwrap();
                    assert!(text.starts_with(&format!("AADSTS{number}: ")), "{reply:?}");
                    assert!(reply.body.len() < 2_000, "the error repeats too much: {reply:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn no_value_of_a_parameter_makes_a_page_fail() {
    let world = World::start().await;
    let mut browser = Browser::new(&world);
    let page = browser.open(&browser.authorize(&[])).await;
    let device = browser.open("/common/devicelogin").await;
    let mut signed_in = Browser::new(&world);
    let form = signed_in.open(&signed_in.authorize(&[])).await;
    signed_in.sign_in(&form).await;
    let loopback = |value: &str| format!("http://localhost:1/{value}");
    for value in values() {
        let mut replies = Vec::new();
        for name in
            ["client_id", "response_type", "redirect_uri", "response_mode", "scope", "state"]
                .into_iter()
                .chain(["nonce", "code_challenge", "code_challenge_method", "prompt", "login_hint"])
                .chain(["max_age", "client_info", "unknown"])
        {
            replies.push(signed_in.open(&signed_in.authorize(&[(name, &value)])).await);
        }
        let redirect = [("redirect_uri", &*loopback(&value)), ("response_mode", "form_post")];
        replies.push(signed_in.open(&signed_in.authorize(&redirect)).await);
        for name in ["username", "action", "form_token", "state", "prompt", "max_age"] {
            replies.push(browser.submit(&page, &[("action", "cancel"), (name, &value)]).await);
        }
        for name in ["user_code", "action", "form_token"] {
            replies.push(browser.submit(&device, &[("action", "next"), (name, &value)]).await);
        }
        let logout = format!("post_logout_redirect_uri={}", encoded(&loopback(&value)));
        replies.push(browser.open(&format!("/common/oauth2/v2.0/logout?{logout}")).await);
        for reply in replies {
            assert!([200, 303, 400].contains(&reply.status), "{value:.40}: {reply:?}");
            let is_page = reply.header("content-type") == Some("text/html; charset=utf-8");
            assert_eq!(is_page, reply.status != 303, "{value:.40}: {reply:?}");
            let body = reply.body.replace("<script>document.forms[0].submit()</script>", "");
            assert!(!body.contains("<script"), "{value:.40}: {body}");
        }
    }
}

#[tokio::test]
async fn no_value_of_a_code_or_token_makes_the_issuer_fail() {
    let world = World::start().await;
    let id = world.application.to_string();
    let path = format!("/{}/oauth2/v2.0/devicecode", world.tenant);
    for value in values() {
        let mut replies = vec![world.refresh(&value, &[]).await];
        for name in ["code", "redirect_uri", "code_verifier", "scope"] {
            replies.push(world.redeem("code", &[(name, &value)]).await);
        }
        let form = [("grant_type", "device_code"), ("client_id", &id), ("device_code", &value)];
        replies.push(world.token(&form).await);
        for form in
            [[("client_id", &*id), ("scope", &*value)], [("client_id", &value), ("scope", "a")]]
        {
            replies.push(post(&world.server, &path, &form).await);
        }
        for reply in replies {
            assert!([200, 400].contains(&reply.status), "{value:.40}: {reply:?}");
            assert!(reply.status == 200 || reply.json()["error_codes"][0].is_u64(), "{reply:?}");
        }
        let client = world.server.client_with_token(Some("token".into()));
        let request = client.request(Method::POST, "/oidc/userinfo").body(value);
        assert_eq!(send(request).await.status, 401);
    }
}

#[tokio::test]
async fn the_character_zero_is_refused_by_the_name_of_the_parameter() {
    let world = World::start().await;
    let reply = world.send(&world.password(&[("username", "a\0b")])).await;
    let text = reply.sign_in_refused(400, "invalid_request", 90_013);
    assert!(text.contains("'username'"), "{text}");
}

#[tokio::test]
async fn unknown_parameters_are_passed_over() {
    let world = World::start().await;
    let form = world.credentials(&[
        ("x-client-SKU", "MSAL.Python"),
        ("x-client-Ver", "1.39.0"),
        ("x-ms-lib-capability", "retry-after, h429"),
        ("claims", r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#),
        ("client-request-id", "0f3c1d7e-0000-4000-8000-000000000001"),
        ("client_info", "1"),
    ]);
    let body = world.send(&form).await.ok();
    let members: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["access_token", "expires_in", "ext_expires_in", "token_type"]);
}

#[tokio::test]
async fn bytes_that_are_no_form_are_refused() {
    let world = World::start().await;
    let path = format!("/{}/oauth2/v2.0/token", world.tenant);
    let client = world.server.client_with_token(None);
    for (media_type, body) in [
        ("application/x-www-form-urlencoded", b"\xff\xfe=%ff&&&==&".to_vec()),
        ("application/x-www-form-urlencoded", vec![b'&'; 30_000]),
        ("application/x-www-form-urlencoded", Vec::new()),
        ("application/json", json!({"grant_type": "password"}).to_string().into_bytes()),
        ("multipart/form-data", b"grant_type=password".to_vec()),
        ("", b"grant_type=password".to_vec()),
    ] {
        let request = client.request(Method::POST, &path).body(body);
        let reply = send(request.header("Content-Type", media_type)).await;
        assert_eq!(reply.status, 400, "{media_type}: {reply:?}");
        assert_eq!(reply.json()["error"], "invalid_request", "{reply:?}");
    }
}

#[tokio::test]
async fn a_hostile_path_or_host_leads_nowhere() {
    let world = World::start().await;
    let client = world.server.client_with_token(None);
    for tenant in ["%27", "a%00b", "..", "%2e%2e", "a%2fb", "a b", "%3Cscript%3E", "é", "\u{202e}"]
    {
        for rest in ["v2.0/.well-known/openid-configuration", "discovery/v2.0/keys"] {
            let reply = client.get(&format!("/{tenant}/{rest}")).await;
            assert!([400, 401].contains(&reply.status), "{tenant}: {reply:?}");
        }
    }
    let reply = client.get("/common/userrealm/%3Cscript%3Ealert(1)%3C%2Fscript%3E%00").await;
    assert_eq!(reply.ok()["domain_name"], "");
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    let form = world.password(&[("username", USER)]);
    let reply = post(&world.server, "/common/oauth2/v2.0/token?grant_type=x", &form.pairs()).await;
    reply.ok();
}

#[tokio::test]
async fn a_text_that_names_no_tenant_is_refused_as_an_unknown_tenant() {
    let world = World::start().await;
    for tenant in ["%00", "%FF", "'%20or%201=1--", "a%2Fb", "nope.example", "%F0%9F%99%82"] {
        for path in ["oauth2/v2.0/token", "oauth2/v2.0/devicecode"] {
            let form = world.credentials(&[]);
            let reply = post(&world.server, &format!("/{tenant}/{path}"), &form.pairs()).await;
            assert_eq!(reply.status, 400, "{tenant}: {reply:?}");
            assert_eq!(reply.json()["error"], "invalid_tenant", "{tenant}: {reply:?}");
        }
    }
}

#[tokio::test]
async fn a_form_that_is_too_large_is_refused_in_the_form_of_the_endpoint() {
    let world = World::start().await;
    let (form, long) = (world.credentials(&[]), "a".repeat(70_000));
    let mut pairs = form.pairs();
    pairs.push(("x", &long));
    let reply = world.token(&pairs).await;
    assert_eq!(reply.status, 413, "{reply:?}");
    let body = reply.json();
    assert_eq!(
        (&body["error"], &body["error_codes"][0]),
        (&"invalid_request".into(), &90013.into())
    );
}
