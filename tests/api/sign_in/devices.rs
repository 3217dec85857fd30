//! How does a device without a browser sign a user in?

use serde_json::{Value as Json, json};

use super::browser::{Browser, fields};
use super::{Form, USER, World};
use crate::harness::{Reply, SCRIPTS};

const URN: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A device that waits for its user.
struct Device<'a> {
    world: &'a World,
    codes: Json,
}

impl<'a> Device<'a> {
    async fn start(world: &'a World) -> Self {
        let codes = request(world, &[]).await.ok();
        Self { world, codes }
    }

    /// Asks for the tokens, with these changes to the form.
    async fn ask(&self, changes: &[(&str, &str)]) -> Reply {
        let form = vec![
            ("grant_type", URN.to_owned()),
            ("client_id", self.world.application.to_string()),
            ("device_code", self.codes["device_code"].as_str().unwrap().to_owned()),
        ];
        self.world.token(&Form::new(form, changes).pairs()).await
    }

    fn user_code(&self) -> &str {
        self.codes["user_code"].as_str().unwrap()
    }
}

/// Asks for a device code, with these changes to the form.
async fn request(world: &World, changes: &[(&str, &str)]) -> Reply {
    let form = vec![
        ("client_id", world.application.to_string()),
        ("scope", format!("openid offline_access {}", super::GRAPH)),
    ];
    let path = format!("/{}/oauth2/v2.0/devicecode", world.tenant);
    super::post(&world.server, &path, &Form::new(form, changes).pairs()).await
}

/// Types a code on the page.
async fn enter(browser: &mut Browser<'_>, code: &str) -> Reply {
    let page = browser.open("/contoso.example/devicelogin").await;
    browser.submit(&page, &[("user_code", code), ("action", "next")]).await
}

/// Types a code, signs in, and comes to the page that asks for a confirmation.
async fn confirmation(browser: &mut Browser<'_>, code: &str) -> Reply {
    let page = enter(browser, code).await;
    browser.sign_in(&page).await
}

#[tokio::test]
async fn a_user_types_the_code_signs_in_and_confirms_and_the_device_gets_tokens() {
    let world = World::start().await;
    let device = Device::start(&world).await;
    let page = format!("{}/{}/devicelogin", world.server.base(), world.tenant);
    let code = device.user_code().to_owned();
    let message = format!(
        "To sign in, use a web browser to open the page {page} and enter the code {code} to \
         authenticate."
    );
    let expected = json!({
        "user_code": code,
        "device_code": device.codes["device_code"],
        "verification_uri": page,
        "expires_in": 900,
        "interval": 1,
        "message": message,
    });
    assert_eq!(device.codes, expected);
    for name in [URN, "device_code"] {
        let reply = device.ask(&[("grant_type", name)]).await;
        reply.sign_in_refused(400, "authorization_pending", 70_016);
    }
    let mut browser = Browser::new(&world);
    let typed = format!("  {} ", code.to_lowercase().replace('-', " "));
    let page = confirmation(&mut browser, &typed).await;
    assert!(page.body.contains("<h1>Sign in to App?</h1>"), "{page:?}");
    device.ask(&[]).await.sign_in_refused(400, "authorization_pending", 70_016);
    let done = browser.submit(&page, &[("action", "approve")]).await;
    assert!(done.body.contains("<h1>You are signed in</h1>"), "{done:?}");
    let both = device.codes["device_code"].as_str().unwrap();
    let tokens = device.ask(&[("code", both), ("client_info", "1")]).await.ok();
    let names: Vec<&String> = tokens.as_object().unwrap().keys().collect();
    let expected = "access_token client_info expires_in ext_expires_in id_token refresh_token scope \
                    token_type";
    assert_eq!(names, expected.split(' ').collect::<Vec<_>>());
    world.refresh(tokens["refresh_token"].as_str().unwrap(), &[]).await.ok();
    let access_token = tokens["access_token"].as_str().unwrap().to_owned();
    world.server.client_with_token(Some(access_token)).get(SCRIPTS).await.ok();
    device.ask(&[]).await.sign_in_refused(400, "bad_verification_code", 70_019);
    let again = enter(&mut browser, &code).await;
    assert_eq!(again.status, 400, "the code was decided: {again:?}");
}

#[tokio::test]
async fn a_device_may_ask_as_often_as_it_wants() {
    let world = World::start().await;
    let device = Device::start(&world).await;
    for _ in 0..30 {
        device.ask(&[]).await.sign_in_refused(400, "authorization_pending", 70_016);
    }
}

#[tokio::test]
async fn a_user_who_cancels_declines() {
    let world = World::start().await;
    for step in ["sign in", "confirm"] {
        let device = Device::start(&world).await;
        let mut browser = Browser::new(&world);
        let page = match step {
            "confirm" => confirmation(&mut browser, device.user_code()).await,
            _ => enter(&mut browser, device.user_code()).await,
        };
        let done = browser.submit(&page, &[("action", "cancel")]).await;
        assert!(done.body.contains("<h1>The sign-in was cancelled</h1>"), "{done:?}");
        device.ask(&[]).await.sign_in_refused(400, "authorization_declined", 70_018);
        let approved = browser.submit(&page, &[("action", "approve")]).await;
        assert_eq!(approved.status, 400, "{step}: {approved:?}");
    }
}

#[tokio::test]
async fn a_signed_in_browser_asks_for_a_confirmation_and_nothing_else() {
    let world = World::start().await;
    let mut browser = Browser::new(&world);
    let page = browser.open(&browser.authorize(&[])).await;
    browser.sign_in(&page).await;
    let device = Device::start(&world).await;
    let page = enter(&mut browser, device.user_code()).await;
    assert!(page.body.contains(&format!("Continue as Ada ({USER})")), "{page:?}");
    device.ask(&[]).await.sign_in_refused(400, "authorization_pending", 70_016);
    let other = browser.submit(&page, &[("action", "other")]).await;
    assert!(other.body.contains("<h1>Sign in</h1>"), "{other:?}");
    let wrong = [("username", USER), ("password", "wrong"), ("action", "sign_in")];
    let wrong = browser.submit(&other, &wrong).await;
    assert!(wrong.status == 400 && wrong.body.contains("AADSTS50126"), "{wrong:?}");
    browser.submit(&page, &[("action", "approve")]).await;
    device.ask(&[]).await.ok();
}

#[tokio::test]
async fn a_device_code_is_bound_to_client_and_tenant_and_expires() {
    let world = World::start().await;
    let other = world.other_application().await;
    let device = Device::start(&world).await;
    let reply = device.ask(&[("client_id", &other)]).await;
    reply.sign_in_refused(400, "bad_verification_code", 70_019);
    let reply = device.ask(&[("device_code", "unknown")]).await;
    reply.sign_in_refused(400, "bad_verification_code", 70_019);
    let reply = device.ask(&[("device_code", "")]).await;
    reply.sign_in_refused(400, "invalid_request", 900_144);
    world.execute("UPDATE device_code SET expires_at = now()").await;
    device.ask(&[]).await.sign_in_refused(400, "expired_token", 70_020);
    let page = enter(&mut Browser::new(&world), device.user_code()).await;
    assert!(page.status == 400 && page.body.contains("or it has expired"), "{page:?}");
}

#[tokio::test]
async fn a_code_of_another_tenant_of_the_same_directory_is_not_found() {
    let world = World::start().await;
    world.execute("UPDATE tenant SET serves_unknown = true").await;
    let form = [("client_id", world.application.to_string()), ("scope", super::GRAPH.to_owned())];
    let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
    let path = format!("/{}/oauth2/v2.0/devicecode", uuid::Uuid::new_v4());
    let codes = super::post(&world.server, &path, &form).await.ok();
    let code = codes["user_code"].as_str().unwrap();
    assert_eq!(enter(&mut Browser::new(&world), code).await.status, 400);
}

#[tokio::test]
async fn of_concurrent_requests_with_one_device_code_at_two_servers_one_gets_tokens() {
    let world = World::start().await;
    let second = world.server.second().await;
    let device = Device::start(&world).await;
    let mut browser = Browser::new(&world);
    let page = confirmation(&mut browser, device.user_code()).await;
    browser.submit(&page, &[("action", "approve")]).await;
    let id = world.application.to_string();
    let code = device.codes["device_code"].as_str().unwrap();
    let form = [("grant_type", "device_code"), ("client_id", &id), ("device_code", code)];
    let path = format!("/{}/oauth2/v2.0/token", world.tenant);
    let servers = [&world.server, &second].into_iter().cycle().take(8);
    let replies = servers.map(|server| super::post(server, &path, &form));
    let replies = futures_util::future::join_all(replies).await;
    let (good, bad): (Vec<&Reply>, Vec<&Reply>) =
        replies.iter().partition(|reply| reply.status == 200);
    assert_eq!(good.len(), 1, "{replies:?}");
    for reply in bad {
        reply.sign_in_refused(400, "bad_verification_code", 70_019);
    }
}

#[tokio::test]
async fn a_request_for_a_device_code_names_a_known_client_and_a_good_scope() {
    let world = World::start().await;
    let nobody = uuid::Uuid::new_v4().to_string();
    for (changes, error, number) in [
        (("client_id", nobody.as_str()), "unauthorized_client", 700_016),
        (("client_id", ""), "invalid_request", 900_144),
        (("scope", ""), "invalid_request", 900_144),
        (("scope", "https://vault.azure.net/.default"), "invalid_resource", 500_011),
    ] {
        request(&world, &[changes]).await.sign_in_refused(400, error, number);
    }
    world.execute("UPDATE application SET grant_types = '{password}'").await;
    request(&world, &[]).await.sign_in_refused(400, "unauthorized_client", 70_001);
}

#[tokio::test]
async fn guessed_codes_are_limited_by_address() {
    let world = World::start().await;
    let mut browser = Browser::new(&world);
    let page = browser.open("/common/devicelogin").await;
    let mut statuses = Vec::new();
    for _ in 0..400 {
        let guess = browser.submit(&page, &[("user_code", "BCDF-GHJK"), ("action", "next")]).await;
        assert_eq!(guess.status, 400);
        statuses.push(guess.body.contains("AADSTS50053"));
        if statuses.ends_with(&[true]) {
            break;
        }
    }
    assert!(statuses.len() > 100 && statuses.ends_with(&[true]), "{}", statuses.len());
}

#[tokio::test]
async fn the_page_of_devices_escapes_what_was_typed_and_takes_no_foreign_form() {
    let world = World::start().await;
    let mut browser = Browser::new(&world);
    let hostile = "\"'><script>alert(1)</script>";
    let page = enter(&mut browser, hostile).await;
    assert!(!page.body.contains("<script>") && !page.body.contains("\"'>"), "{page:?}");
    assert_eq!(fields(&page.body)["user_code"], hostile);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("; form-action 'self'; "), "{policy}");
    assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
    let device = Device::start(&world).await;
    let page = confirmation(&mut browser, device.user_code()).await;
    let forged = [("action", "approve"), ("form_token", "of-the-attacker")];
    let reply = browser.submit(&page, &forged).await;
    assert!(reply.status == 400 && reply.body.contains("This page has expired"), "{reply:?}");
    device.ask(&[]).await.sign_in_refused(400, "authorization_pending", 70_016);
}

#[tokio::test]
async fn a_form_without_a_button_goes_on_but_approves_nothing() {
    let world = World::start().await;
    let device = Device::start(&world).await;
    let mut browser = Browser::new(&world);
    let page = browser.open("/contoso.example/devicelogin").await;
    let page = browser.submit(&page, &[("user_code", device.user_code())]).await;
    assert!(page.body.contains("name=\"password\""), "{page:?}");
    let typed = [("username", USER), ("password", world.password.as_str())];
    let page = browser.submit(&page, &typed).await;
    assert!(page.body.contains("value=\"approve\""), "{page:?}");
    let again = browser.submit(&page, &[]).await;
    assert!(again.body.contains("value=\"approve\""), "{again:?}");
    assert_eq!(device.ask(&[]).await.json()["error"], "authorization_pending");
    let reply = browser.submit(&page, &[("action", "zzz")]).await;
    assert_eq!(reply.status, 400);
    assert!(reply.body.contains("'action'"), "{reply:?}");
}
