//! Signing in by authorization code and PKCE, through the pages of the local issuer.

use serde_json::{Value as Json, json};

use crate::page::Page;
use crate::views::MANAGEMENT;
use crate::world::browse;

/// The user of the first start.
fn first_user(page: &Page) -> (String, String) {
    let file = std::fs::read_to_string(page.world.directory.0.join("first-run.json")).unwrap();
    let first: Json = serde_json::from_str(&file).unwrap();
    let text = |name: &str| first[name].as_str().unwrap().to_owned();
    (text("username"), text("password"))
}

/// Types name and password on the page of the issuer.
async fn type_credentials(page: &Page) {
    let (username, password) = first_user(page);
    page.find("input[name=username]").await.write(&username).await;
    page.find("input[name=password]").await.write(&password).await;
    page.click("button.primary").await;
}

#[test]
fn a_user_signs_in_at_the_local_issuer_and_comes_back_to_the_view() {
    browse(async |page| {
        let base = &page.world.server.http;
        let fragment = format!("#{MANAGEMENT}/managedDevices;from=mail");
        page.open(&format!("{base}/console/{fragment}")).await;
        page.shows("Sign in").await;
        page.assert_accessible("sign-in").await;
        page.picture("sign-in-light-1280").await;
        page.click(".sign-in .primary").await;
        type_credentials(page).await;
        page.find(".sections").await;
        page.shows("Devices").await;
        // Neither the code nor the state stays in the address.
        assert_eq!(page.address().await, format!("{base}/console/{fragment}"));
        let kept = page.run("return [sessionStorage.length, document.cookie]", json!([])).await;
        assert_eq!(kept, json!([0, ""]));

        // A reload asks the issuer, who knows the user still.
        page.browser.reload().await;
        page.find(".sections").await;
        page.shows("Devices").await;
        page.assert_nothing_held().await;
    });
}

#[test]
fn the_sign_in_page_is_accessible_in_each_theme_and_width() {
    browse(async |page| {
        for theme in ["light", "dark"] {
            page.theme(theme).await;
            page.open(&format!("{}/console/", page.world.server.http)).await;
            page.find("#token").await;
            for width in [1280, 390, 320] {
                page.size(width, 800).await;
                page.assert_accessible(&format!("sign-in-{theme}-{width}")).await;
            }
        }
    });
}

#[test]
fn another_tab_shares_the_session_unless_the_user_chooses_the_account() {
    browse(async |page| {
        let address = format!("{}/console/", page.world.server.http);
        page.open(&address).await;
        page.click(".sign-in .primary").await;
        type_credentials(page).await;
        page.find(".sections").await;
        page.click(".avatar").await;
        let host = page.world.server.http.trim_start_matches("http://");
        page.shows(&format!("All tabs of this browser share the session at {host}")).await;
        page.assert_accessible("account").await;
        let first = page.browser.tab().await;
        page.browser.new_tab().await;
        page.open(&address).await;
        page.shows("all tabs of this browser share the session").await;
        page.click(".sign-in .primary").await;
        page.find(".sections").await;

        page.open("about:blank").await;
        page.open(&address).await;
        page.click(".sign-in [type=checkbox]").await;
        page.click(".sign-in .primary").await;
        page.until("the issuer asks", "location.pathname.endsWith('/authorize')").await;
        page.browser.close_tab().await;
        page.browser.switch(&first).await;
    });
}

#[test]
fn a_sign_in_that_was_left_is_begun_again() {
    browse(async |page| {
        let base = &page.world.server.http;
        let fragment = format!("#{MANAGEMENT}/managedDevices");
        page.open(&format!("{base}/console/{fragment}")).await;
        page.click(".sign-in .primary").await;
        page.find("input[name=username]").await;
        // The user goes back from the issuer: the page is as it was, and can be used.
        page.browser.back().await;
        page.until(
            "the button works",
            "document.querySelector('.sign-in .primary')?.disabled === false",
        )
        .await;
        page.click(".sign-in .primary").await;
        page.find("input[name=username]").await;
        page.browser.reload().await;
        type_credentials(page).await;
        page.shows("There are no devices yet").await;
        assert_eq!(page.address().await, format!("{base}/console/{fragment}"));
    });
}

#[test]
fn a_sign_in_that_has_ended_is_not_ended_again() {
    browse(async |page| {
        let base = &page.world.server.http;
        let fragment = format!("#{MANAGEMENT}/managedDevices");
        page.open(&format!("{base}/console/?code=used&state=before{fragment}")).await;
        page.shows("This sign-in has ended already, or it began in another tab. Begin it again.")
            .await;
        assert_eq!(page.address().await, format!("{base}/console/{fragment}"));
        page.click(".sign-in .primary").await;
        type_credentials(page).await;
        page.shows("There are no devices yet").await;
    });
}

#[test]
fn a_browser_that_keeps_nothing_takes_a_token() {
    browse(async |page| {
        let blocked = "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, \
                       { get() { throw new DOMException('Access is denied for this document.', 'SecurityError'); } })";
        let added = page
            .command("Page.addScriptToEvaluateOnNewDocument", json!({ "source": blocked }))
            .await;
        page.open(&format!("{}/console/", page.world.server.http)).await;
        page.shows(
            "This browser keeps nothing for this page, so the page could not come back from a sign-in. \
             Permit it to keep data, or paste a token.",
        )
        .await;
        assert_eq!(
            page.run("return document.querySelectorAll('.sign-in .primary').length", json!([]))
                .await,
            0
        );
        page.assert_accessible("storage-blocked").await;
        page.click("[aria-label^='Switch between']").await;
        page.until("it is dark", "document.documentElement.dataset.theme === 'dark'").await;
        page.console("").await;
        page.shows("3 scripts").await;
        page.command(
            "Page.removeScriptToEvaluateOnNewDocument",
            json!({ "identifier": added["identifier"] }),
        )
        .await;
    });
}
