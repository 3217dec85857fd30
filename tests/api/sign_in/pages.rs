//! What does a user see, and what does the client get then?

use serde_json::json;

use super::browser::{Browser, fields};
use super::{USER, World};
use crate::harness::Reply;

/// The heading of a page.
fn heading(page: &Reply) -> String {
    let after = page.body.split_once("<h1>").unwrap_or_else(|| panic!("{page:?}")).1;
    after.split("</h1>").next().unwrap().to_owned()
}

/// A browser in which the user has signed in.
async fn signed_in(world: &World) -> Browser<'_> {
    let mut browser = Browser::new(world);
    let page = browser.open(&browser.authorize(&[])).await;
    assert_eq!(browser.sign_in(&page).await.status, 303);
    browser
}

#[tokio::test]
async fn a_wrong_password_is_shown_on_the_same_page_beside_the_name() {
    let world = World::start().await;
    let mut browser = Browser::new(&world);
    let page = browser.open(&browser.authorize(&[])).await;
    assert_eq!(heading(&page), "Sign in");
    assert!(page.body.contains("to continue to App"), "{page:?}");
    for name in [USER, "nobody@contoso.example"] {
        let typed = [("username", name), ("password", "wrong"), ("action", "sign_in")];
        let again = browser.submit(&page, &typed).await;
        assert_eq!((again.status, heading(&again)), (400, "Sign in".into()));
        let text = "AADSTS50126: Error validating credentials due to invalid username or password.";
        assert!(again.body.contains(&format!("<p id=\"error\" role=\"alert\">{text}</p>")));
        let fields = fields(&again.body);
        assert_eq!((&*fields["username"], &*fields["password"]), (name, ""));
        assert!(again.body.contains("aria-describedby=\"error\""));
        assert!(again.body.contains("<title>Error: Sign in – Runstate</title>"));
        assert!(!again.body.contains("wrong\""), "the password is not sent back: {again:?}");
    }
}

#[tokio::test]
async fn the_client_gets_the_code_in_the_way_that_it_asks_for() {
    let world = World::start().await;
    let mut browser = signed_in(&world).await;
    for (mode, start) in [
        ("", "http://localhost:8400/?code="),
        ("query", "http://localhost:8400/?code="),
        ("fragment", "http://localhost:8400/#code="),
    ] {
        let reply = browser.open(&browser.authorize(&[("response_mode", mode)])).await;
        assert_eq!(reply.status, 303);
        assert!(reply.header("location").unwrap().starts_with(start), "{reply:?}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
    let page = browser.open(&browser.authorize(&[("response_mode", "form_post")])).await;
    assert_eq!((page.status, page.header("location")), (200, None));
    assert!(page.body.contains("<form method=\"post\" action=\"http://localhost:8400/\">"));
    assert!(page.body.contains("<button class=\"primary\" type=\"submit\">Continue</button>"));
    let fields = fields(&page.body);
    assert_eq!(fields["state"], "s&1");
    world.redeem(&fields["code"], &[]).await.ok();
}

#[tokio::test]
async fn prompts_decide_which_page_the_user_sees() {
    let world = World::start().await;
    let mut stranger = Browser::new(&world);
    let reply = stranger.open(&stranger.authorize(&[("prompt", "none")])).await;
    let given = stranger.parameters(&reply);
    assert_eq!((&*given["error"], &*given["state"]), ("login_required", "s&1"));
    let mut browser = signed_in(&world).await;
    for (prompt, page) in [
        ("login", "Sign in"),
        ("create", "Sign in"),
        ("select_account", "Choose an account"),
        ("consent", "Choose an account"),
    ] {
        let path = browser.authorize(&[("prompt", prompt)]);
        assert_eq!(heading(&stranger.open(&path).await), "Sign in", "{prompt}");
        assert_eq!(heading(&browser.open(&path).await), page, "{prompt}");
    }
    for prompt in ["none", ""] {
        let reply = browser.open(&browser.authorize(&[("prompt", prompt)])).await;
        assert!(browser.parameters(&reply).contains_key("code"), "{reply:?}");
    }
    let reply = browser.open(&browser.authorize(&[("prompt", "maybe")])).await;
    let given = browser.parameters(&reply);
    assert_eq!(given["error"], "invalid_request");
    assert!(given["error_description"].contains("'prompt'"), "{given:?}");
}

#[tokio::test]
async fn a_user_goes_on_with_the_account_or_chooses_another_one_or_cancels() {
    let world = World::start().await;
    let mut browser = signed_in(&world).await;
    let page = browser.open(&browser.authorize(&[("prompt", "select_account")])).await;
    assert!(page.body.contains(&format!("Continue as Ada ({USER})")), "{page:?}");
    let reply = browser.submit(&page, &[("action", "continue")]).await;
    let code = browser.parameters(&reply)["code"].clone();
    world.redeem(&code, &[]).await.ok();
    let other = browser.submit(&page, &[("action", "other")]).await;
    assert_eq!(heading(&other), "Sign in");
    let reply = browser.submit(&other, &[("action", "cancel")]).await;
    let given = browser.parameters(&reply);
    assert_eq!((&*given["error"], &*given["state"]), ("access_denied", "s&1"));
    assert_eq!(given.get("code"), None);
}

#[tokio::test]
async fn the_session_is_not_used_for_another_user_or_beyond_max_age() {
    let world = World::start().await;
    let mut browser = signed_in(&world).await;
    let hint = [("login_hint", "eve@contoso.example")];
    let page = browser.open(&browser.authorize(&hint)).await;
    assert_eq!(fields(&page.body)["username"], "eve@contoso.example");
    let own = browser.open(&browser.authorize(&[("login_hint", "ADA@contoso.example")])).await;
    assert!(browser.parameters(&own).contains_key("code"));
    let page = browser.open(&browser.authorize(&[("max_age", "0")])).await;
    assert_eq!(heading(&page), "Sign in");
    world.execute("UPDATE sign_in_session SET auth_time = auth_time - interval '1 hour'").await;
    let page = browser.open(&browser.authorize(&[("max_age", "1200")])).await;
    assert_eq!(heading(&page), "Sign in");
    let none = [("max_age", "1200"), ("prompt", "none")];
    let reply = browser.open(&browser.authorize(&none)).await;
    assert_eq!(browser.parameters(&reply)["error"], "login_required");
    let reply = browser.open(&browser.authorize(&[("max_age", "7200")])).await;
    assert!(browser.parameters(&reply).contains_key("code"));
}

#[tokio::test]
async fn mistakes_of_a_known_client_go_to_the_client_with_the_state() {
    let world = World::start().await;
    let mut browser = Browser::new(&world);
    for (changes, error) in [
        (&[("response_type", "token")][..], "unsupported_response_type"),
        (&[("response_type", "")], "invalid_request"),
        (&[("response_mode", "web_message")], "invalid_request"),
        (&[("scope", "")], "invalid_request"),
        (&[("scope", "https://vault.azure.net/.default")], "invalid_resource"),
        (&[("scope", "DeviceManagementConfiguration.Read.All")], "consent_required"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("max_age", "-1")], "invalid_request"),
    ] {
        let reply = browser.open(&browser.authorize(changes)).await;
        assert!(reply.header("location").unwrap().starts_with("http://localhost:8400/?error="));
        let given = browser.parameters(&reply);
        assert_eq!((&*given["error"], &*given["state"]), (error, "s&1"), "{changes:?}");
        assert!(given["error_description"].starts_with("AADSTS"), "{given:?}");
    }
    let twice = format!("{}&scope=openid", browser.authorize(&[]));
    let reply = browser.open(&twice).await;
    assert_eq!(browser.parameters(&reply)["error"], "invalid_request");
}

#[tokio::test]
async fn an_unknown_client_or_redirect_uri_is_shown_and_never_redirected_to() {
    let world = World::start().await;
    let mut browser = Browser::new(&world);
    let nobody = uuid::Uuid::new_v4().to_string();
    for (changes, number) in [
        (&[("client_id", nobody.as_str())][..], 700_016),
        (&[("client_id", "")], 900_144),
        (&[("redirect_uri", "")], 900_144),
        (&[("redirect_uri", "https://evil.example/")], 50_011),
        (&[("redirect_uri", "https://web.example/signin/")], 50_011),
        (&[("redirect_uri", "http://localhost.evil.example:8400/")], 50_011),
        (&[("redirect_uri", "http://localhost:8400@evil.example/")], 50_011),
        (&[("redirect_uri", "//evil.example")], 50_011),
    ] {
        let page = browser.open(&browser.authorize(changes)).await;
        assert_eq!((page.status, page.header("location")), (400, None), "{page:?}");
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(page.body.contains(&format!("AADSTS{number}: ")), "{changes:?}: {page:?}");
    }
    let page = browser.open("/fabrikam.example/oauth2/v2.0/authorize").await;
    assert!(page.body.contains("AADSTS90002: "), "{page:?}");
}

#[tokio::test]
async fn logging_out_ends_the_session_and_leads_to_a_registered_address_only() {
    let world = World::start().await;
    let code = world.code(&[]).await;
    let tokens = world.redeem(&code, &[]).await.ok();
    for (redirect, location) in [
        ("", None),
        ("https://evil.example/", None),
        ("https://portal.example/", Some("https://portal.example/?state=s")),
        ("http://localhost:3000/out", Some("http://localhost:3000/out?state=s")),
    ] {
        let mut browser = signed_in(&world).await;
        let session = browser.cookies.clone();
        let query =
            format!("post_logout_redirect_uri={}&state=s", crate::harness::encoded(redirect));
        let reply = browser.open(&format!("/common/oauth2/v2.0/logout?{query}")).await;
        assert_eq!(reply.header("location"), location, "{redirect}");
        if location.is_none() {
            assert_eq!((reply.status, heading(&reply)), (200, "You are signed out".into()));
        }
        // The cookie is of no use to whoever kept it.
        browser.cookies = session;
        let reply = browser.open(&browser.authorize(&[("prompt", "none")])).await;
        assert_eq!(browser.parameters(&reply)["error"], "login_required");
    }
    // As with Entra, an application stays signed in.
    world.refresh(tokens["refresh_token"].as_str().unwrap(), &[]).await.ok();
}

#[tokio::test]
async fn each_way_to_name_the_tenant_is_one_session() {
    let world = World::start().await;
    let mut browser = signed_in(&world).await;
    let path = browser.authorize(&[("prompt", "none")]);
    for tenant in ["common", "contoso.example", &world.tenant.to_string().to_uppercase()] {
        let reply = browser.open(&path.replace(&world.tenant.to_string(), tenant)).await;
        let code = browser.parameters(&reply)["code"].clone();
        let tokens = world.redeem(&code, &[]).await.ok();
        assert_eq!(super::claims(&tokens["id_token"])["tid"], json!(world.tenant));
    }
}

#[tokio::test]
async fn a_form_without_a_button_signs_the_user_in_and_an_unknown_button_is_refused() {
    let world = World::start().await;
    let mut browser = Browser::new(&world);
    let page = browser.open(&browser.authorize(&[])).await;
    let typed = [("username", USER), ("password", world.password.as_str())];
    let unknown = [&typed[..], &[("action", "zzz")]].concat();
    let reply = browser.submit(&page, &unknown).await;
    let given = browser.parameters(&reply);
    assert_eq!(given["error"], "invalid_request", "{reply:?}");
    assert!(given["error_description"].contains("'action'"), "{given:?}");
    let reply = browser.submit(&page, &typed).await;
    assert!(browser.parameters(&reply).contains_key("code"), "{reply:?}");
}
