//! Each page of the test twin for everybody: in each theme and width, with large text, in forced colours; and
//! the sign-in before them.

use serde_json::json;

use super::{SCRIPTS, TENANTS, WITHOUT_TWIN, control, enter, fill, press, tenant};
use crate::fleet::Api;
use crate::page::Page;
use crate::world::browse;

async fn every_page_is_accessible(page: &Page, theme: &str) {
    let (id, token) = tenant(page).await;
    let api = Api::new(&page.world.server.http, &token);
    api.send("GET", SCRIPTS, &json!({})).await;
    let own = format!("{TENANTS}/{id}");
    let rule =
        json!({ "id": "slow", "when": { "method": "PUT" }, "then": { "delay": { "ms": 5 } } });
    control(page).send("POST", &format!("{own}/rules"), &rule).await;
    let snapshot = json!({ "name": format!("snapshot-{id}") });
    control(page).send("POST", &format!("{own}/snapshots"), &snapshot).await;
    page.theme(theme).await;
    page.open(&format!("{}/console/#{TENANTS}", page.world.server.http)).await;
    page.shows("Secret or token of the twin").await;
    page.assert_accessible(&format!("twin-secret-{theme}")).await;
    enter(page, TENANTS).await;
    for (name, fragment, button) in [
        ("tenants", TENANTS.to_owned(), None),
        ("new-tenant", TENANTS.to_owned(), Some("New tenant")),
        ("clock", own.clone(), None),
        ("fork", own.clone(), Some("Fork")),
        ("reset", own.clone(), Some("Reset")),
        ("delete", own.clone(), Some("Delete")),
        ("rules", format!("{own}/rules"), None),
        ("throttle", format!("{own}/throttle"), None),
        ("requests", format!("{own}/requests"), None),
        ("verdict", format!("{own}/requests"), Some("Check")),
        ("gone", format!("{TENANTS}/nobody"), None),
    ] {
        page.go(&fragment).await;
        page.settles().await;
        if let Some(button) = button {
            press(page, button).await;
        }
        for (width, height) in [(1280, 860), (390, 844), (320, 640)] {
            page.size(width, height).await;
            page.settles().await;
            page.assert_accessible(&format!("twin-{name}-{theme}-{width}")).await;
            page.picture(&format!("twin-{name}-{theme}-{width}")).await;
        }
        page.size(1280, 860).await;
        if page.run("return document.querySelector('dialog[open]') !== null", json!([])).await
            == json!(true)
        {
            press(page, "Cancel").await;
        }
    }
}

#[test]
fn every_page_of_the_twin_is_accessible_in_the_light() {
    browse(async |page| every_page_is_accessible(page, "light").await);
}

#[test]
fn every_page_of_the_twin_is_accessible_in_the_dark() {
    browse(async |page| every_page_is_accessible(page, "dark").await);
}

#[test]
fn every_page_of_the_twin_is_accessible_with_large_text_and_in_forced_colors() {
    browse(async |page| {
        let (id, token) = tenant(page).await;
        Api::new(&page.world.server.http, &token).send("GET", SCRIPTS, &json!({})).await;
        enter(page, TENANTS).await;
        let own = format!("{TENANTS}/{id}");
        let sizes =
            |size: u32| json!({ "fontSizes": { "standard": size, "fixed": size * 13 / 16 } });
        for (size, colors) in [(32, "none"), (16, "active")] {
            page.command("Page.setFontSizes", sizes(size)).await;
            let forced = json!({ "features": [{ "name": "forced-colors", "value": colors }] });
            page.command("Emulation.setEmulatedMedia", forced).await;
            for part in ["", "/rules", "/throttle", "/requests"] {
                page.go(&format!("{own}{part}")).await;
                page.settles().await;
                page.assert_accessible(&format!("twin{part}-{size}-{colors}")).await;
            }
            page.go(TENANTS).await;
            page.settles().await;
            page.assert_accessible(&format!("twin-tenants-{size}-{colors}")).await;
        }
    });
}

#[test]
fn a_wrong_secret_is_refused_and_the_right_one_is_kept_in_memory_alone() {
    browse(async |page| {
        page.open(&format!("{}/console/#{TENANTS}", page.world.server.http)).await;
        for (secret, text) in [
            ("not the secret of it", "does not accept this secret"),
            ("ä", "A secret has only letters, digits and signs of ASCII."),
            (page.world.fleet().await.token.as_str(), "does not accept this secret"),
        ] {
            fill(page, "#secret", secret).await;
            page.run("document.querySelector('form').requestSubmit()", json!([])).await;
            page.shows(text).await;
        }
        page.assert_accessible("twin-wrong-secret").await;
        enter(page, TENANTS).await;
        page.shows("Test twin").await;
        let kept = "return [sessionStorage.length, localStorage.length, document.cookie]";
        assert_eq!(page.run(kept, json!([])).await, json!([0, 0, ""]));
        page.browser.reload().await;
        page.find("#secret").await;
    });
}

#[test]
fn a_server_without_a_twin_says_how_to_start_one() {
    browse(async |page| {
        page.open(&format!("{}/console/", page.world.server.http)).await;
        page.find("#token").await;
        page.await_script(WITHOUT_TWIN, json!([])).await;
        page.go(TENANTS).await;
        page.shows("This server has no test twin").await;
        page.shows("RUNSTATE_TWIN=true").await;
        page.assert_accessible("no-twin").await;
        let sections = page.text(".sections").await;
        assert!(!sections.contains("Test twin"), "{sections}");
    });
}
