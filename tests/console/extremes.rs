//! Views with nothing in them, without names, and with more than fits.

use serde_json::json;
use uuid::Uuid;

use crate::fleet::Api;
use crate::views::MANAGEMENT;
use crate::world::browse;

#[test]
fn scripts_without_a_name_are_shown_in_each_list() {
    browse(async |page| {
        let token = page.world.token(Uuid::new_v4());
        let base = page.world.server.http.clone();
        let api = Api::new(&base, &token);
        let scripts = format!("{MANAGEMENT}/deviceManagementScripts");
        api.send("POST", &format!("{MANAGEMENT}/managedDevices"), &json!({ "id": "d" })).await;
        for _ in 0..2 {
            let script = api.send("POST", &scripts, &json!({})).await;
            let script = format!("{scripts}/{}", script["id"].as_str().unwrap());
            let device = "deviceManagement/managedDevices('d')";
            let state = json!({ "runState": "fail", "managedDevice@odata.bind": device });
            let users = format!("{script}/userRunStates");
            api.send("POST", &users, &json!({ "id": "u" })).await;
            api.send("POST", &format!("{users}/u/deviceRunStates"), &state).await;
        }
        page.sign_in(&base, &token, &format!("{MANAGEMENT}/managedDevices")).await;
        let nameless = "document.body.innerText.split('(no name)').length === 3";
        for (fragment, text) in [
            (format!("{scripts};show=all"), "2 scripts, 1 device, 2 run states"),
            (format!("{scripts};view=users"), "2 user states of 2 scripts"),
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
fn a_server_without_rows_says_what_to_do() {
    browse(async |page| {
        let token = page.world.token(Uuid::new_v4());
        let base = page.world.server.http.clone();
        page.sign_in(&base, &token, &format!("{MANAGEMENT}/managedDevices")).await;
        page.shows("There are no devices yet").await;
        page.assert_accessible("no-devices").await;
        page.go(&format!("{MANAGEMENT}/deviceManagementScripts;show=all")).await;
        page.shows("There are no scripts yet").await;
        page.assert_accessible("no-scripts").await;
        page.go(&format!("{MANAGEMENT}/deviceManagementScripts;view=users")).await;
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
        let token = page.world.token(Uuid::new_v4());
        let base = page.world.server.http.clone();
        let api = Api::new(&base, &token);
        let scripts = format!("{MANAGEMENT}/deviceManagementScripts");
        api.send("POST", &format!("{MANAGEMENT}/managedDevices"), &json!({ "id": "d" })).await;
        let script = |n: usize| {
            let name = format!(
                "Script {n:03} with a name of some words that has to be cut on a narrow page"
            );
            let device = "deviceManagement/managedDevices('d')";
            let state = json!({ "runState": "success", "managedDevice@odata.bind": device });
            let body = json!({ "displayName": name, "deviceRunStates": [state] });
            json!({ "method": "POST", "url": scripts.trim_start_matches("/beta"), "body": body })
        };
        api.batch((0..200).map(script).collect()).await;
        page.sign_in(&base, &token, &format!("{MANAGEMENT}/managedDevices/d")).await;
        page.until("twelve lanes", "document.querySelectorAll('.lane').length === 12").await;
        page.shows("Show all 200 scripts").await;
        page.shows("Show all 200 reports").await;
        for width in [1280, 320] {
            page.size(width, 800).await;
            page.assert_accessible(&format!("many-scripts-{width}")).await;
            page.picture(&format!("many-scripts-{width}")).await;
        }
        page.click(".lanes .more button").await;
        page.until("all lanes", "document.querySelectorAll('.lane').length === 200").await;
        page.go(&format!("{scripts};show=all")).await;
        page.shows("200 scripts, 1 device, 200 run states").await;
    });
}
