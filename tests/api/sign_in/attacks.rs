//! What do the pages and tokens of the local issuer give an attacker?

use super::browser::Browser;
use super::{USER, World, claims};
use crate::harness::{Reply, SCRIPTS};

/// A value that would leave an attribute, an element or a script, and end a header.
const HOSTILE: &str = "\"'><script>alert(1)</script>&lt;\r\nSet-Cookie: x=1";

/// Each page of the authorization endpoint.
async fn pages(browser: &mut Browser<'_>, changes: &[(&str, &str)]) -> Vec<Reply> {
    let mut pages = Vec::new();
    let page = browser.open(&browser.authorize(changes)).await;
    let typed = [("username", HOSTILE), ("password", HOSTILE), ("action", "sign_in")];
    pages.push(browser.submit(&page, &typed).await);
    pages.push(page);
    let page = browser.open(&browser.authorize(&[])).await;
    assert_eq!(browser.sign_in(&page).await.status, 303);
    for change in [("prompt", "select_account"), ("response_mode", "form_post")] {
        let mut all = changes.to_vec();
        all.retain(|(name, _)| *name != "login_hint");
        all.push(change);
        pages.push(browser.open(&browser.authorize(&all)).await);
    }
    pages
}

#[tokio::test]
async fn no_parameter_leaves_its_place_on_a_page_or_in_a_header() {
    let world = World::start().await;
    let mut browser = Browser::new(&world);
    let hostile = ["state", "nonce", "login_hint"].map(|name| (name, HOSTILE));
    let mut all = pages(&mut browser, &hostile).await;
    for (name, number) in [("client_id", 700_016), ("redirect_uri", 50_011)] {
        let page = browser.open(&browser.authorize(&[(name, HOSTILE)])).await;
        assert!(page.body.contains(&format!("AADSTS{number}")), "{page:?}");
        all.push(page);
    }
    for page in all {
        assert!(!page.body.contains("<script>alert"), "{page:?}");
        assert!(!page.body.contains("\"'>"), "{page:?}");
        assert_eq!(page.header("set-cookie").filter(|cookie| cookie.contains("x=1")), None);
    }
    let redirect = [("redirect_uri", "http://localhost:1/\r\nSet-Cookie: x=1")];
    let reply = browser.open(&browser.authorize(&redirect)).await;
    assert_eq!((reply.status, reply.header("set-cookie")), (303, None), "{reply:?}");
    let names = ["response_type", "response_mode", "scope", "prompt", "max_age", "code_challenge"];
    for name in names {
        let reply = browser.open(&browser.authorize(&[(name, HOSTILE)])).await;
        assert_eq!((reply.status, reply.header("set-cookie")), (303, None), "{name}: {reply:?}");
    }
    for name in ["state", "nonce", "scope", "login_hint"] {
        let reply = browser.open(&browser.authorize(&[(name, "a\0b")])).await;
        let given = browser.parameters(&reply);
        assert_eq!(given["error"], "invalid_request", "{name}: {reply:?}");
        assert!(given["error_description"].contains(&format!("'{name}'")), "{given:?}");
    }
    let page = browser.open(&browser.authorize(&[("redirect_uri", "a\0b")])).await;
    assert_eq!((page.status, page.header("location")), (400, None));
}

#[tokio::test]
async fn pages_load_nothing_are_in_no_frame_and_lead_to_the_client_only() {
    let world = World::start().await;
    let mut browser = Browser::new(&world);
    for page in pages(&mut browser, &[]).await {
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.ends_with("; base-uri 'none'; frame-ancestors 'none'"), "{policy}");
        let leads = policy.split("; ").find(|part| part.starts_with("form-action ")).unwrap();
        let is_post = page.body.contains("<script>");
        assert_eq!(
            leads,
            match is_post {
                true => "form-action http://localhost:8400",
                false => "form-action 'self' http://localhost:8400",
            }
        );
        assert_eq!(policy.contains("script-src 'sha256-"), is_post, "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("x-frame-options"), Some("DENY"));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.header("access-control-allow-origin"), None);
    }
}

#[tokio::test]
async fn cookies_are_for_this_host_tls_and_no_script() {
    let world = World::start().await;
    let mut browser = Browser::new(&world);
    let page = browser.open(&browser.authorize(&[])).await;
    let reply = browser.sign_in(&page).await;
    for (reply, name) in [(&page, "__Host-runstate-form="), (&reply, "__Host-runstate-session-")] {
        let cookie = reply.header("set-cookie").unwrap();
        assert!(cookie.starts_with(name), "{cookie}");
        let (_, attributes) = cookie.split_once("; ").unwrap();
        assert_eq!(attributes, "Path=/; Secure; HttpOnly; SameSite=Lax");
    }
    let read = "/common/discovery/v2.0/keys";
    assert_eq!(browser.open(read).await.header("set-cookie"), None);
}

#[tokio::test]
async fn a_form_of_another_site_signs_nobody_in() {
    let world = World::start().await;
    let mut attacker = Browser::new(&world);
    let page = attacker.open(&attacker.authorize(&[])).await;
    let token = super::browser::fields(&page.body)["form_token"].clone();
    let mut victim = Browser::new(&world);
    // A browser sends no cookie with the form of another site.
    for stolen in ["", token.as_str()] {
        let changes = [
            ("username", USER),
            ("password", world.password.as_str()),
            ("action", "sign_in"),
            ("form_token", stolen),
        ];
        victim.cookies.clear();
        let reply = victim.submit(&page, &changes).await;
        assert_eq!(reply.status, 400, "{reply:?}");
        assert!(reply.body.contains("This page has expired"), "{reply:?}");
        assert!(!victim.cookies.keys().any(|name| name.contains("session")));
        // With a cookie of the victim's own, the attacker's value does not fit.
        let own = victim.open(&victim.authorize(&[])).await;
        assert_eq!(own.status, 200);
        assert_eq!(victim.submit(&page, &changes).await.status, 400);
    }
    let page = victim.open(&victim.authorize(&[])).await;
    assert_eq!(victim.sign_in(&page).await.status, 303);
    let page = victim.open(&victim.authorize(&[("prompt", "select_account")])).await;
    let forged = [("action", "continue"), ("form_token", token.as_str())];
    assert_eq!(victim.submit(&page, &forged).await.status, 400);
}

#[tokio::test]
async fn a_form_of_another_port_of_the_same_host_signs_nobody_in() {
    let world = World::start().await;
    for site in ["same-site", "cross-site", "none"] {
        let mut browser = Browser::new(&world);
        // The page of the other port chooses both the cookie and the token of the form.
        browser.cookies.insert("__Host-runstate-form".into(), "A".into());
        let page = browser.open(&browser.authorize(&[])).await;
        browser.site = Some(site);
        let reply = browser.sign_in(&page).await;
        assert_eq!(reply.status, 400, "{site}: {reply:?}");
        assert!(reply.body.contains("This page has expired"), "{reply:?}");
        browser.site = Some("same-origin");
        assert_eq!(browser.sign_in(&page).await.status, 303);
    }
}

#[tokio::test]
async fn a_session_that_was_planted_before_the_sign_in_is_not_used() {
    let world = World::start().await;
    let mut browser = Browser::new(&world);
    let name = format!("__Host-runstate-session-{}", world.tenant.simple());
    browser.cookies.insert(name.clone(), "planted".into());
    let page = browser.open(&browser.authorize(&[])).await;
    assert_eq!(page.status, 200, "it signs nobody in");
    browser.sign_in(&page).await;
    let first = browser.cookies[&name].clone();
    assert_ne!(first, "planted");
    let page = browser.open(&browser.authorize(&[("prompt", "login")])).await;
    browser.sign_in(&page).await;
    assert_ne!(browser.cookies[&name], first);
    for old in ["planted", &first] {
        browser.cookies.insert(name.clone(), old.to_owned());
        let reply = browser.open(&browser.authorize(&[("prompt", "none")])).await;
        assert_eq!(browser.parameters(&reply)["error"], "login_required");
    }
}

#[tokio::test]
async fn id_tokens_codes_and_refresh_tokens_do_not_open_the_api() {
    let world = World::start().await;
    let code = world.code(&[]).await;
    let tokens = world.redeem(&code, &[]).await.ok();
    let [id_token, refresh_token] =
        ["id_token", "refresh_token"].map(|name| tokens[name].as_str().unwrap().to_owned());
    for token in [id_token, refresh_token, code] {
        let reply = world.server.client_with_token(Some(token)).get(SCRIPTS).await;
        reply.refused(401, "InvalidAuthenticationToken");
    }
    // Not even if the client has the name of the API.
    let aud = &claims(&tokens["id_token"])["aud"];
    assert_eq!(aud, &world.application.to_string());
}

#[tokio::test]
async fn secrets_stand_in_no_address_page_or_error() {
    let world = World::start().await;
    let mut browser = Browser::new(&world);
    let page = browser.open(&browser.authorize(&[])).await;
    let reply = browser.sign_in(&page).await;
    let code = browser.parameters(&reply)["code"].clone();
    let wrong = world.redeem(&code, &[("code_verifier", "a-verifier-that-is-wrong")]).await;
    assert!(!wrong.body.contains(&code) && !wrong.body.contains("a-verifier"), "{wrong:?}");
    let wrong = world.refresh("a-refresh-token", &[]).await;
    assert!(!wrong.body.contains("a-refresh-token"), "{wrong:?}");
    let session = browser.cookies.iter().find(|(name, _)| name.contains("session")).unwrap().1;
    let location = reply.header("location").unwrap();
    assert!(!location.contains(session.as_str()) && !location.contains("pass"), "{location}");
    let stored: Vec<String> = sqlx::query_scalar(
        "SELECT encode(id, 'escape') FROM authorization_code \
         UNION ALL SELECT encode(id, 'escape') FROM sign_in_session",
    )
    .fetch_all(&mut world.server.database().await)
    .await
    .unwrap();
    assert_eq!(stored.len(), 2);
    assert!(!stored.iter().any(|id| id == &code || id == session), "{stored:?}");
}
