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
