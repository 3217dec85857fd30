//! Views with nothing in them, without names, and with more than fits.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::fleet::Api;
use crate::page::Page;
use crate::views::MANAGEMENT;
use crate::world::browse;

const SCRIPTS: &str = "/beta/deviceManagement/deviceManagementScripts";

/// A new tenant with one device, `d`, and the console signed in to it, at its devices.
async fn tenant_of_one_device(page: &Page) -> Api {
    let token = page.world.token(Uuid::new_v4());
    let base = &page.world.server.http;
    let api = Api::new(base, &token);
    api.send("POST", &format!("{MANAGEMENT}/managedDevices"), &json!({ "id": "d" })).await;
    page.sign_in(base, &token, &format!("{MANAGEMENT}/managedDevices")).await;
    api
}

/// The body of a run state of the device `d`.
fn state_of_the_device(state: &str) -> Json {
    let device = "deviceManagement/managedDevices('d')";
    json!({ "runState": state, "managedDevice@odata.bind": device })
}

#[test]
fn scripts_without_a_name_are_shown_in_each_list() {
    browse(async |page| {
        let api = tenant_of_one_device(page).await;
        let state = state_of_the_device("fail");
        // A name of spaces is as invisible as none.
        for body in [json!({}), json!({ "displayName": " \u{3000} " })] {
            let script = api.send("POST", SCRIPTS, &body).await;
            let script = format!("{SCRIPTS}/{}", script["id"].as_str().unwrap());
            let users = format!("{script}/userRunStates");
            api.send("POST", &users, &json!({ "id": "u" })).await;
            api.send("POST", &format!("{users}/u/deviceRunStates"), &state).await;
        }
        let nameless = "document.body.innerText.split('(no name)').length === 3";
        for (fragment, text) in [
            (format!("{SCRIPTS};show=all"), "2 scripts, 1 device, 2 run states"),
            (format!("{SCRIPTS};view=users"), "2 user states of 2 scripts"),
        ] {
            page.go(&fragment).await;
            page.shows(text).await;
            page.until("both are listed", nameless).await;
        }
        page.go(&format!("{MANAGEMENT}/managedDevices/d")).await;
        page.shows("Seven days").await;
        page.until("both have a lane", "document.querySelectorAll('.lane').length === 2").await;
    });
}

#[test]
fn a_device_with_a_blank_name_is_named_by_its_id() {
    browse(async |page| {
        let api = tenant_of_one_device(page).await;
        let script = api.script("deviceManagementScripts", "Name the device").await;
        let states = format!("{SCRIPTS}/{script}/deviceRunStates");
        api.send("POST", &states, &state_of_the_device("fail")).await;
        let device = format!("{MANAGEMENT}/managedDevices/d");
        api.send("PATCH", &device, &json!({ "deviceName": "  " })).await;
        page.go(&device).await;
        page.shows("Seven days").await;
        assert_eq!(page.text("h1").await, "d");
        page.go(&format!("{MANAGEMENT}/managedDevices")).await;
        page.until("the list has it", "document.querySelector('.table .name')?.innerText === 'd'")
            .await;
        page.go(&states).await;
        let id = "/^\\S+$/.test(document.querySelector('.states .name')?.innerText)";
        page.until("the state has its id", id).await;
    });
}

#[test]
fn on_a_phone_no_chip_is_beside_the_screen() {
    browse(async |page| {
        let fleet = page.world.fleet().await;
        page.size(320, 640).await;
        let script = format!("{SCRIPTS}/{}", fleet.script);
        let devices = format!("{MANAGEMENT}/managedDevices");
        let long = format!("ne '{}'", "long".repeat(40));
        page.console(&devices).await;
        for (fragment, content) in [
            (format!("{devices}?$filter=deviceName {long}"), ".chip .cut"),
            (format!("{SCRIPTS}?$filter=displayName {long}"), ".scripts"),
            (script.clone(), ".groups"),
            (format!("{script}/deviceRunStates?$filter=id {long}"), ".states"),
        ] {
            page.go(&fragment).await;
            page.find(content).await;
            let seen = "[...document.querySelectorAll('.chips *')] \
                        .every((it) => it.closest('.cut') || it.getBoundingClientRect().right <= innerWidth)";
            page.until("each chip is on the screen", seen).await;
        }
    });
}

#[test]
fn a_server_without_rows_says_what_to_do() {
    browse(async |page| {
        let token = page.world.token(Uuid::new_v4());
        let base = page.world.server.http.clone();
        page.sign_in(&base, &token, &format!("{MANAGEMENT}/managedDevices")).await;
        page.shows("There are no devices yet").await;
        page.assert_accessible("no-devices").await;
        page.go(&format!("{SCRIPTS};show=all")).await;
        page.shows("There are no scripts yet").await;
        page.assert_accessible("no-scripts").await;
        page.go(&format!("{SCRIPTS};view=users")).await;
        page.shows("No script has reported for a user").await;
    });
}

#[test]
fn a_script_that_nobody_ran_says_so_in_each_part() {
    browse(async |page| {
        let fleet = page.world.fleet().await;
        let script = format!("{MANAGEMENT}/deviceCustomAttributeShellScripts/{}", fleet.unused);
        page.console(&script).await;
        for (part, text) in [
            ("", "Nobody has run this script yet"),
            ("/deviceRunStates", "Nobody has run this script yet"),
            ("/userRunStates", "No user has reported"),
            ("/assignments", "Assigned to nobody"),
        ] {
            page.go(&format!("{script}{part}")).await;
            page.shows(text).await;
            page.settles().await;
            page.until("there is nothing to filter", "!document.querySelector('.chip')").await;
            for width in [1280, 320] {
                page.size(width, 800).await;
                page.assert_accessible(&format!("unused-{}-{width}", part.trim_start_matches('/')))
                    .await;
            }
        }
    });
}

#[test]
fn a_device_with_200_scripts_shows_the_first_lanes_and_then_all() {
    browse(async |page| {
        let api = tenant_of_one_device(page).await;
        let script = |n: usize| {
            let name = format!(
                "Script {n:03} with a name of some words that has to be cut on a narrow page"
            );
            let states = [state_of_the_device("success")];
            let body = json!({ "displayName": name, "deviceRunStates": states });
            json!({ "method": "POST", "url": SCRIPTS.trim_start_matches("/beta"), "body": body })
        };
        api.batch((0..200).map(script).collect()).await;
        page.go(&format!("{MANAGEMENT}/managedDevices/d")).await;
        page.until("twelve lanes", "document.querySelectorAll('.lane').length === 12").await;
        page.shows("Show all 200 scripts").await;
        page.shows("Show all 200 reports").await;
        page.shows("Reported without a time").await;
        for width in [1280, 320] {
            page.size(width, 800).await;
            page.assert_accessible(&format!("many-scripts-{width}")).await;
            page.picture(&format!("many-scripts-{width}")).await;
        }
        page.click(".lanes .more button").await;
        page.until("all lanes", "document.querySelectorAll('.lane').length === 200").await;
        page.go(&format!("{SCRIPTS};show=all")).await;
        page.shows("200 scripts, 1 device, 200 run states").await;
    });
}
