//! Each view with the fleet, in both themes and at three widths; and what the views say about it.

use serde_json::json;

use crate::fleet::{DEVICES, Fleet, OFF, SLOW, device_id};
use crate::page::Page;
use crate::world::browse;

pub(crate) const MANAGEMENT: &str = "/beta/deviceManagement";

/// The views: a name, and the address.
fn views(fleet: &Fleet) -> Vec<(&'static str, String)> {
    let scripts = format!("{MANAGEMENT}/deviceManagementScripts");
    let script = format!("{scripts}/{}", fleet.script);
    let unused = format!("{MANAGEMENT}/deviceCustomAttributeShellScripts/{}", fleet.unused);
    let device = format!("{MANAGEMENT}/managedDevices/{}", device_id(0));
    vec![
        ("scripts", format!("{scripts};show=all")),
        ("failures", script.clone()),
        ("states", format!("{script}/deviceRunStates")),
        ("user-states", format!("{script}/userRunStates")),
        ("assignments", format!("{script}/assignments")),
        ("script-text", format!("{script}/scriptContent")),
        (
            "state",
            format!("{script}/deviceRunStates/{}:{};tab=devices", fleet.script, device_id(0)),
        ),
        ("unused-script", unused),
        ("devices", format!("{MANAGEMENT}/managedDevices")),
        ("no-device", format!("{MANAGEMENT}/managedDevices?$filter=startswith(deviceName,'?')")),
        ("device", device),
        ("users", format!("{scripts};view=users")),
        ("user", format!("{script}/userRunStates/chloe")),
        ("query", format!("{script}/deviceRunStates?$filter=runState eq 'fail'&$top=2;view=query")),
        ("unknown-address", "/beta/nothing/here".to_owned()),
        ("unknown-device", format!("{MANAGEMENT}/managedDevices/nobody")),
    ]
}

async fn every_view_is_accessible(page: &Page, theme: &str) {
    let fleet = page.world.fleet().await;
    page.theme(theme).await;
    page.console("").await;
    for (name, fragment) in views(fleet) {
        page.go(&fragment).await;
        page.settles().await;
        for (width, height) in [(1280, 860), (390, 844), (320, 640)] {
            page.size(width, height).await;
            page.assert_accessible(&format!("{name}-{theme}-{width}")).await;
            page.picture(&format!("{name}-{theme}-{width}")).await;
        }
        page.size(1280, 860).await;
    }
}

#[test]
fn every_view_is_accessible_in_the_light() {
    browse(async |page| every_view_is_accessible(page, "light").await);
}

#[test]
fn every_view_is_accessible_in_the_dark() {
    browse(async |page| every_view_is_accessible(page, "dark").await);
}

#[test]
fn every_view_is_accessible_with_text_of_twice_the_size() {
    browse(async |page| {
        let fleet = page.world.fleet().await;
        // What a user sets in the browser: it is the unit of all sizes, also of the widths in styles.
        let sizes = json!({ "fontSizes": { "standard": 32, "fixed": 26 } });
        page.command("Page.setFontSizes", sizes).await;
        page.console("").await;
        for (name, fragment) in views(fleet) {
            page.go(&fragment).await;
            page.settles().await;
            for width in [1280, 640] {
                page.size(width, 860).await;
                page.assert_accessible(&format!("{name}-large-{width}")).await;
                page.picture(&format!("{name}-large-{width}")).await;
            }
            page.size(1280, 860).await;
        }
        let sizes = json!({ "fontSizes": { "standard": 16, "fixed": 13 } });
        page.command("Page.setFontSizes", sizes).await;
    });
}

#[test]
fn every_view_keeps_its_shapes_in_forced_colors() {
    browse(async |page| {
        let fleet = page.world.fleet().await;
        let forced = json!({ "features": [
            { "name": "forced-colors", "value": "active" },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        page.command("Emulation.setEmulatedMedia", forced).await;
        page.console("").await;
        for (name, fragment) in views(fleet) {
            page.go(&fragment).await;
            page.settles().await;
            page.assert_accessible(&format!("{name}-forced")).await;
            page.picture(&format!("{name}-forced")).await;
            // The fill of a bar or a shape is its meaning: the colours of the system would make all equal.
            let script = "const fills = (selector) => [...document.querySelectorAll(selector)].map((e) => getComputedStyle(e).fill); \
                const ground = getComputedStyle(document.querySelector('main')).backgroundColor; \
                return fills('main .ribbon rect, main .shape .fill').filter((fill) => fill === 'none' || fill === ground);";
            assert_eq!(page.run(script, json!([])).await, json!([]), "{name}");
        }
    });
}

#[test]
fn the_first_view_is_small_and_takes_few_requests() {
    browse(async |page| {
        page.console("").await;
        // The other views are loaded after the first one has asked for everything that it shows.
        let entries = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]";
        let other = format!("{entries}.find(({{ name }}) => name.endsWith('/views/twin.mjs'))");
        page.until("another view is loaded", &other).await;
        let script = format!(
            "const first = {entries}.filter(({{ startTime }}) => startTime < {other}.startTime); \
             const files = first.filter(({{ name }}) => name.includes('/console/')); \
             const bodies = files.reduce((sum, {{ encodedBodySize }}) => sum + encodedBodySize, 0); \
             return [first.length, first.length - files.length, bodies];"
        );
        let sent = page.run(&script, json!([])).await;
        let [requests, of_graph, bytes] = [0, 1, 2].map(|at| sent[at].as_u64().unwrap());
        assert!((20..=30).contains(&requests), "{requests} requests");
        assert!((1..=4).contains(&of_graph), "{of_graph} requests of Graph");
        assert!((30_000..=60_000).contains(&bytes), "{bytes} bytes of files");
    });
}

#[test]
fn a_device_tells_its_story_out_of_the_history() {
    browse(async |page| {
        page.console(&format!("{MANAGEMENT}/managedDevices/{}", device_id(0))).await;
        page.shows("LYN-5CG3400XKT").await;
        page.shows("Chloé Laurent").await;
        // Four versions of the state that belongs to no user, and the states of two users.
        page.until("six reports", "document.querySelectorAll('.event').length === 6").await;
        page.shows("0x80310008 FVE_E_NOT_ACTIVATED, BitLocker is not enabled on the drive").await;
        let states = "return [...document.querySelectorAll('.event .hidden')].map((e) => e.textContent).sort()";
        let expected =
            json!(["fail: ", "fail: ", "fail: ", "scriptError: ", "success: ", "success: "]);
        assert_eq!(page.run(states, json!([])).await, expected);
        let lane = page.run("return document.querySelector('.lane').textContent", json!([])).await;
        let lane = lane.as_str().unwrap();
        assert!(lane.starts_with("BitLocker: escrow recovery key: success"), "{lane}");
    });
}

#[test]
fn a_number_leads_to_a_list_of_exactly_so_many() {
    browse(async |page| {
        let fleet = page.world.fleet().await;
        page.console(&format!("{MANAGEMENT}/managedDevices/{}", device_id(1))).await;
        let same = page.find(".facts-of a[href*='errorCode']").await;
        let fragment = same.attribute("href").await;
        assert_eq!(same.text().await, format!("{} other devices", OFF - 1));
        let path =
            format!("{MANAGEMENT}/deviceManagementScripts/{}/deviceRunStates?", fleet.script);
        assert!(fragment.starts_with(&format!("#{path}")), "{fragment}");
        // The address is the request: without the console it is the API's own.
        let script = "const reply = await fetch(arguments[0], { headers: { Authorization: `Bearer ${arguments[1]}` } }); \
                      return (await reply.json()).value.length;";
        let request = fragment.trim_start_matches('#').split(';').next().unwrap();
        let url = format!("{}{request}", page.world.server.http);
        let found = page.await_script(script, json!([url, fleet.token])).await;
        assert_eq!(found, json!(OFF - 1));

        // The view of that address lists the same states.
        page.go(fragment.trim_start_matches('#')).await;
        let rows = format!("document.querySelector('[role=table]')?.ariaRowCount === '{OFF}'");
        page.until("the list has a head and the other devices", &rows).await;

        page.go(&format!("{MANAGEMENT}/managedDevices")).await;
        page.shows(&format!("{DEVICES} devices")).await;
        let rows = page.find("[role=table]").await.attribute("aria-rowcount").await;
        assert_eq!(rows, format!("{}", DEVICES + 1));

        page.go(&format!("{MANAGEMENT}/deviceManagementScripts;view=users")).await;
        page.shows("2 user states of 1 script").await;
    });
}

#[test]
fn the_scripts_say_how_many_fail() {
    browse(async |page| {
        page.console(&format!("{MANAGEMENT}/deviceManagementScripts;show=all")).await;
        page.shows("3 scripts, 60 devices").await;
        let failing = page.text(".failing").await;
        // Two states of a user fail besides.
        assert_eq!(failing, (OFF + SLOW + 2).to_string());
        page.shows("nobody has reported").await;
    });
}

#[test]
fn the_sections_have_their_numbers_wherever_the_page_begins() {
    browse(async |page| {
        let fleet = page.world.fleet().await;
        let script = format!("{MANAGEMENT}/deviceManagementScripts/{}", fleet.script);
        let filtered = "deviceManagementScripts?$filter=contains(displayName,'x')";
        let query = "managedDevices;view=query";
        let [filtered, query] = [filtered, query].map(|part| format!("{MANAGEMENT}/{part}"));
        for fragment in [script, filtered, query, String::new()] {
            page.console(&fragment).await;
            let counts = "[...document.querySelectorAll('.sections .count')].slice(0, 2).map((e) => e.textContent).join() === '3,60'";
            page.until("3 scripts and 60 devices", counts).await;
            page.assert_nothing_held().await;
            page.open("about:blank").await;
        }
    });
}

#[test]
fn a_user_has_the_states_of_the_users_devices() {
    browse(async |page| {
        let fleet = page.world.fleet().await;
        let script = format!("{MANAGEMENT}/deviceManagementScripts/{}", fleet.script);
        page.console(&format!("{script}/userRunStates/chloe")).await;
        page.shows("chloe@contoso.example").await;
        page.shows("0 succeeded 2 failed").await;
        page.until("two reports", "document.querySelectorAll('.event').length === 2").await;
        page.shows("53 ERROR_BAD_NETPATH, the network path was not found").await;
        page.click(".facts-of a[href*='managedDevices']").await;
        page.shows("Seven days").await;
    });
}
