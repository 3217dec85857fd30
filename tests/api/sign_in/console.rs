//! How does the console sign a user in at the local issuer?

use runstate::auth::CONSOLE_CLIENT;
use runstate::directory::NewApplication;

use super::browser::Browser;
use super::{World, new_application};
use crate::harness::{Reply, SCRIPTS, encoded};

/// A server whose tenant has the console as a client, without any redirect URI.
async fn world() -> World {
    let world = World::start().await;
    let console = NewApplication {
        web_redirect_uris: Vec::new(),
        spa_redirect_uris: Vec::new(),
        public_redirect_uris: Vec::new(),
        ..new_application(CONSOLE_CLIENT)
    };
    let mut registration = world.registration().await;
    assert!(registration.add_application(world.tenant, &console).await.unwrap());
    registration.commit().await.unwrap();
    world
}

async fn open(browser: &mut Browser<'_>, client: &str, redirect: &str) -> Reply {
    let path = browser.authorize(&[("client_id", client), ("redirect_uri", redirect)]);
    browser.open(&path).await
}

#[tokio::test]
async fn the_console_gets_tokens_at_the_address_of_the_server_without_registering_it() {
    let world = world().await;
    let (client, redirect) =
        (CONSOLE_CLIENT.to_string(), format!("{}/console/", world.server.base()));
    let mut browser = Browser::new(&world);
    let page = open(&mut browser, &client, &redirect).await;
    let policy = page.header("content-security-policy").unwrap();
    let target = format!("form-action 'self' {};", world.server.base());
    assert!(policy.contains(&target), "{policy}");
    let reply = browser.sign_in(&page).await;
    let location = reply.header("location").unwrap();
    assert!(location.starts_with(&format!("{redirect}?code=")), "{location}");
    let code = browser.parameters(&reply)["code"].clone();
    let changes = [("client_id", client.as_str()), ("redirect_uri", redirect.as_str())];
    let tokens = world.redeem(&code, &changes).await.ok();
    let token = tokens["access_token"].as_str().unwrap().to_owned();
    world.server.client_with_token(Some(token)).get(SCRIPTS).await.ok();
    assert!(tokens["refresh_token"].is_string() && tokens["id_token"].is_string(), "{tokens}");
}

#[tokio::test]
async fn the_console_is_redirected_nowhere_else_and_no_other_client_to_it() {
    let world = world().await;
    let base = world.server.base();
    let port = base.rsplit_once(':').unwrap().1;
    let mut browser = Browser::new(&world);
    for redirect in [
        format!("{base}/console"),
        format!("{base}/console/index.html"),
        format!("{base}/console/?x=1"),
        format!("{base}/"),
        format!("http://localhost:{port}/console/"),
        format!("https://127.0.0.1:{port}/console/"),
        "http://127.0.0.2:1/console/".to_owned(),
        "https://evil.example/console/".to_owned(),
    ] {
        let page = open(&mut browser, &CONSOLE_CLIENT.to_string(), &redirect).await;
        assert_eq!((page.status, page.header("location")), (400, None), "{redirect}");
        assert!(page.body.contains("AADSTS50011"), "{redirect}: {}", page.body);
    }
    let own = format!("{base}/console/");
    let page = open(&mut browser, &world.application.to_string(), &own).await;
    assert_eq!((page.status, page.header("location")), (400, None));
}

#[tokio::test]
async fn a_browser_that_signs_out_comes_back_to_the_console() {
    let world = world().await;
    let mut browser = Browser::new(&world);
    let own = format!("{}/console/", world.server.base());
    for (redirect, expected) in
        [(own.as_str(), Some(own.as_str())), ("https://evil.example/", None)]
    {
        let path = format!(
            "/{}/oauth2/v2.0/logout?post_logout_redirect_uri={}",
            world.tenant,
            encoded(redirect)
        );
        assert_eq!(browser.open(&path).await.header("location"), expected, "{redirect}");
    }
}
