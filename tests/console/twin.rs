//! The pages of the test twin: tenants, clock, rules, throttle and requests.

use serde_json::json;
use uuid::Uuid;

use crate::fleet::Api;
use crate::page::Page;
use crate::world::{TWIN_SECRET, browse};

pub(crate) const TENANTS: &str = "/twin/v1/tenants";
const SCRIPTS: &str = "/beta/deviceManagement/deviceManagementScripts";

/// Makes a page that of a server without a test twin.
pub(crate) const WITHOUT_TWIN: &str = "const { config } = await import('/console/sign_in.mjs'); \
                                       config.set({ ...config.get(), twin: false });";

/// The control API.
pub(crate) fn control(page: &Page) -> Api {
    Api::new(&page.world.server.http, TWIN_SECRET)
}

/// A tenant with a script and a device, whose clock is frozen. Returns its id and the token of a user.
async fn tenant(page: &Page) -> (String, String) {
    let id = format!("t-{}", Uuid::new_v4().simple());
    let seed = json!({
        "managedDevices": [{ "id": "pc-1", "deviceName": "PC 1", "operatingSystem": "Windows" }],
        "deviceManagementScripts": [{ "displayName": "Disk space" }],
    });
    let clock = json!({ "now": "2026-02-28T23:59:00Z", "rate": 0 });
    let body = json!({ "id": id, "name": "ci-4711-login", "seed": seed, "clock": clock });
    let made = control(page).send("POST", TENANTS, &body).await;
    (id, made["tokens"]["user"].as_str().unwrap().to_owned())
}

/// Opens a page of the twin, and enters the secret.
pub(crate) async fn enter(page: &Page, fragment: &str) {
    page.open(&format!("{}/console/#{fragment}", page.world.server.http)).await;
    fill(page, "#secret", TWIN_SECRET).await;
    page.click("form:has(#secret) button").await;
    page.until("the secret is accepted", "!document.querySelector('#secret')").await;
}

/// Clicks the button with a text.
async fn press(page: &Page, text: &str) {
    let found = format!(
        "[...document.querySelectorAll('dialog[open] button, main button')].filter((e) => e.textContent.trim() === {})",
        json!(text)
    );
    page.until(text, &format!("{found}.length")).await;
    page.run(&format!("const found = {found}; found[0].click()"), json!([])).await;
}

/// Chooses or types a value, as a user does.
async fn fill(page: &Page, selector: &str, value: &str) {
    page.find(selector).await;
    let script = "const field = document.querySelector(arguments[0]); field.value = arguments[1]; \
                  for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, { bubbles: true }))";
    page.run(script, json!([selector, value])).await;
}

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
fn a_tenant_is_made_kept_as_a_snapshot_reset_forked_and_deleted() {
    browse(async |page| {
        enter(page, TENANTS).await;
        press(page, "New tenant").await;
        let id = format!("made-{}", Uuid::new_v4().simple());
        fill(page, "dialog [name=id]", &id).await;
        fill(page, "dialog [name=kind]", "json").await;
        fill(page, "dialog [name=seed]", "{").await;
        press(page, "Make it").await;
        page.shows("The contents are no JSON").await;
        fill(page, "dialog [name=seed]", r#"{"managedDevices":[{"id":"pc-1","nonsense":1}]}"#)
            .await;
        press(page, "Make it").await;
        page.shows("nonsense").await;
        fill(page, "dialog [name=seed]", r#"{"managedDevices":[{"id":"pc-1"}]}"#).await;
        fill(page, "dialog [name=time]", "frozen").await;
        fill(page, "dialog [name=now]", "2026-02-28T23:59:00Z").await;
        press(page, "Make it").await;
        page.until(
            "the tenant is shown",
            &format!("document.querySelector('h1')?.textContent === '{id}'"),
        )
        .await;
        page.shows("2026-02-28 23:59:00 UTC, frozen").await;
        assert!(page.address().await.ends_with(&format!("#{TENANTS}/{id}")));

        press(page, "Snapshot").await;
        fill(page, "dialog [name=name]", &format!("of-{id}")).await;
        press(page, "Keep").await;
        page.until("the dialog is closed", "!document.querySelector('dialog[open]')").await;
        press(page, "Fork").await;
        page.until(
            "the tenant is chosen",
            "document.querySelector('dialog [name=kind]').value === 'tenant'",
        )
        .await;
        let copy = format!("copy-{id}");
        fill(page, "dialog [name=id]", &copy).await;
        press(page, "Make it").await;
        page.until(
            "the copy is shown",
            &format!("document.querySelector('h1')?.textContent === '{copy}'"),
        )
        .await;
        let contents =
            control(page).send("GET", &format!("{TENANTS}/{copy}/contents"), &json!({})).await;
        assert_eq!(contents["managedDevices"][0]["id"], "pc-1");

        let emptied = format!("{TENANTS}/{copy}/contents");
        control(page).send("PUT", &emptied, &json!({})).await;
        press(page, "Reset").await;
        fill(page, "dialog [name=to]", &format!("of-{id}")).await;
        press(page, "Reset").await;
        press(page, "Delete").await;
        page.shows("Delete this tenant?").await;
        page.click("dialog[open] .danger").await;
        page.until("the list is shown", "document.querySelector('.twin-tenants')").await;
        assert!(!page.text(".twin-tenants").await.contains(&copy));
    });
}

#[test]
fn a_clock_goes_forward_and_an_error_is_shown_with_its_text() {
    browse(async |page| {
        let (id, _) = tenant(page).await;
        enter(page, &format!("{TENANTS}/{id}")).await;
        page.shows("2026-02-28 23:59:00 UTC, frozen").await;
        press(page, "1 minute").await;
        page.shows("2026-03-01 00:00:00").await;
        fill(page, "[name=to]", "2026-01-01T00:00:00Z").await;
        press(page, "Go there").await;
        page.shows("forward").await;
        page.find("[role=alert]").await;
        fill(page, "[name=to]", "2026-03-02T00:00:00Z").await;
        press(page, "Go there").await;
        page.shows("2026-03-02 00:00:00").await;
        press(page, "As usual").await;
        page.shows("as fast as usual").await;
        page.until("it goes on", "!document.querySelector('.now').textContent.includes(':00 UTC') && document.querySelector('.now').textContent.includes('2026-03-02')").await;
        fill(page, "[name=rate]", "60").await;
        press(page, "times as fast").await;
        page.shows("60 times as fast").await;
    });
}

#[test]
fn a_rule_of_a_documented_kind_is_added_hits_and_is_removed() {
    browse(async |page| {
        let (id, token) = tenant(page).await;
        let own = format!("{TENANTS}/{id}");
        enter(page, &format!("{own}/rules")).await;
        page.shows("No rule").await;
        // Each of the documented kinds is one that the server takes.
        let kinds = page.await_script(
            "const { FAULTS } = await import('/console/twin_rules.mjs'); return FAULTS.map(({ when = {}, then }) => ({ when, then }));",
            json!([]),
        );
        let kinds = kinds.await;
        for kind in kinds.as_array().unwrap() {
            let added = control(page).send("POST", &format!("{own}/rules"), kind).await;
            assert_eq!(added["then"], kind["then"]);
        }
        page.shows("Remove all").await;
        press(page, "Remove all").await;
        page.shows("No rule").await;

        let chosen = page.run("return [...document.querySelector('.twin-form select').options].findIndex((e) => e.textContent === 'Throttled')", json!([])).await;
        fill(page, ".twin-form select", &chosen.to_string()).await;
        fill(page, ".twin-form label:nth-child(2) select", "GET").await;
        fill(page, ".twin-form label:nth-child(4) select", "first").await;
        press(page, "Add the rule").await;
        page.shows(r#"{"throttle":{"retryAfter":10}}"#).await;
        page.shows(r#"when {"method":"GET","first":1}"#).await;
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("{}{SCRIPTS}", page.world.server.http);
        for expected in [429, 200] {
            let reply = client.get(&url).bearer_auth(&token).send().await.unwrap();
            assert_eq!(reply.status().as_u16(), expected);
        }
        page.shows("1 of 2 matching requests").await;

        fill(page, ".twin-form textarea", r#"{"then":{"nonsense":true}}"#).await;
        press(page, "Add the rule").await;
        page.shows("an object with exactly one of").await;
        press(page, "Remove").await;
        page.shows("No rule").await;

        page.go(&format!("{own}/throttle")).await;
        page.shows("Requests are not throttled").await;
        press(page, "A tenth of it").await;
        press(page, "Set it").await;
        page.shows("Requests are throttled").await;
        let set = control(page).send("GET", &format!("{own}/throttle"), &json!({})).await;
        assert_eq!((&set["profile"], &set["scale"]), (&json!("intune-devices"), &json!(0.1)));
        fill(page, ".twin-form textarea", r#"{"scale":-1}"#).await;
        press(page, "Set it").await;
        page.shows("a number above 0").await;
    });
}

#[test]
fn the_requests_of_a_client_are_listed_and_its_manners_judged() {
    browse(async |page| {
        let (id, token) = tenant(page).await;
        let api = Api::new(&page.world.server.http, &token);
        api.send("GET", SCRIPTS, &json!({})).await;
        enter(page, &format!("{TENANTS}/{id}/requests")).await;
        page.shows("1 request").await;
        page.shows("Each read has $select not by #1").await;
        page.shows("No batch has more than 20 requests yes").await;
        api.send("POST", SCRIPTS, &json!({ "displayName": "Second" })).await;
        page.shows("2 requests").await;
        page.until(
            "the newest is first",
            "document.querySelector('.request-of').textContent.startsWith('POST')",
        )
        .await;
        page.keys("j").await;
        page.keys(crate::browser::ENTER).await;
        page.shows("Request #2").await;
        page.shows(r#""displayName": "Second""#).await;
        page.assert_accessible("twin-request").await;
        page.keys(crate::browser::ESCAPE).await;
        press(page, "Check").await;
        page.shows("It holds").await;
        press(page, "At least one report of a failure").await;
        press(page, "Check").await;
        page.shows("It does not hold").await;
        // Each sample is an assertion that the server reads.
        let samples = page.await_script(
            "const { ASSERTIONS, MANNERS } = await import('/console/twin_rules.mjs'); \
             return [...ASSERTIONS.map(({ value }) => value), { manners: MANNERS.map(([name]) => name) }];",
            json!([]),
        );
        for sample in samples.await.as_array().unwrap() {
            let path = format!("{TENANTS}/{id}/requests/verify");
            assert!(control(page).send("POST", &path, sample).await["ok"].is_boolean());
        }
        page.go(&format!("{TENANTS}/{id}/requests?method=GET")).await;
        page.shows("1 request").await;
        press(page, "Forget all").await;
        page.shows("No request yet").await;
    });
}

#[test]
fn a_tenant_is_opened_in_the_other_views_and_left_again() {
    browse(async |page| {
        let (id, _) = tenant(page).await;
        enter(page, &format!("{TENANTS}/{id}")).await;
        // The console has no tenant yet: the other sections ask for a sign-in.
        page.keys("gd").await;
        page.shows("Paste a token").await;
        page.go(&format!("{TENANTS}/{id}")).await;
        press(page, "Open this tenant").await;
        page.shows("Disk space").await;
        page.shows(&format!("You see the test tenant {id}")).await;
        page.assert_accessible("twin-opened").await;
        page.keys("gd").await;
        page.shows("PC 1").await;
        page.keys("gt").await;
        page.find(".twin-tenants").await;
        press_link(page, "Control it").await;
        page.shows("2026-02-28 23:59:00").await;
        page.run("[...document.querySelectorAll('.strip button')].find((e) => e.textContent === 'Leave it').click()", json!([])).await;
        page.until("no strip", "!document.querySelector('.strip')").await;
        page.keys("gs").await;
        page.shows("Paste a token").await;
    });
}

#[test]
fn times_in_an_open_tenant_are_compared_with_its_own_clock() {
    browse(async |page| {
        let (id, _) = tenant(page).await;
        enter(page, &format!("{TENANTS}/{id}")).await;
        press(page, "Open this tenant").await;
        page.shows("Disk space").await;
        press_link(page, "Disk space").await;
        page.shows("changed today").await;
    });
}

#[test]
fn an_example_fleet_is_made_and_its_record_switched_off() {
    browse(async |page| {
        enter(page, TENANTS).await;
        press(page, "New tenant").await;
        let id = format!("example-{}", Uuid::new_v4().simple());
        fill(page, "dialog [name=id]", &id).await;
        fill(page, "dialog [name=kind]", "fixture").await;
        press(page, "Make it").await;
        let shown = format!("document.querySelector('h1')?.textContent === '{id}'");
        page.until("the tenant is shown", &shown).await;
        page.click(".settings input").await;
        let own = format!("{TENANTS}/{id}");
        page.until("it is recorded no more", "!document.querySelector('.settings input').checked")
            .await;
        page.go(&format!("{own}/requests")).await;
        page.shows("The requests of this tenant are not recorded").await;
        let settings = control(page).send("GET", &own, &json!({})).await;
        assert_eq!(settings["record"], false);
        press(page, "Open this tenant").await;
        page.keys("gd").await;
        page.shows("6 devices").await;
    });
}

async fn press_link(page: &Page, text: &str) {
    let script =
        "[...document.querySelectorAll('a')].find((e) => e.textContent === arguments[0]).click()";
    page.run(script, json!([text])).await;
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
