//! What the console says when something is wrong, and that it goes on afterwards.

use serde_json::json;
use uuid::Uuid;

use crate::fleet::Api;
use crate::page::Page;
use crate::proxy::{Conduct, Proxy};
use crate::views::MANAGEMENT;
use crate::world::browse;

async fn through_a_proxy(page: &Page) -> Proxy {
    let proxy = Proxy::start(&page.world.server.http).await;
    let fleet = page.world.fleet().await;
    page.sign_in(&proxy.base, &fleet.token, &format!("{MANAGEMENT}/managedDevices")).await;
    page.shows("LYN-5CG3400XKT").await;
    proxy
}

#[test]
fn a_busy_server_is_given_the_time_that_it_asks_for() {
    browse(async |page| {
        let proxy = through_a_proxy(page).await;
        for (status, text) in
            [(429, "The server asks for fewer requests."), (503, "The server is busy.")]
        {
            proxy.conduct(Conduct::Refuse { status, retry_after: 3 });
            page.go(&format!("{MANAGEMENT}/managedDevices/device-00")).await;
            page.shows(text).await;
            page.shows("Next attempt in").await;
            page.assert_accessible(&format!("busy-{status}")).await;
            proxy.conduct(Conduct::Pass);
            page.shows("Seven days").await;
            page.until("the strip is gone", "!document.querySelector('.strip')").await;
            page.go(&format!("{MANAGEMENT}/managedDevices")).await;
            page.shows("60 devices").await;
        }
    });
}

#[test]
fn the_strip_stays_while_other_requests_are_answered() {
    browse(async |page| {
        let proxy = through_a_proxy(page).await;
        proxy.conduct(Conduct::Throttle { part: "managedDevices/device-00", retry_after: 6 });
        page.go(&format!("{MANAGEMENT}/managedDevices/device-00")).await;
        // The reports come in a batch, which is answered.
        page.shows("Seven days").await;
        page.shows("The server asks for fewer requests.").await;
        proxy.conduct(Conduct::Pass);
        page.shows("LYN-5CG3400XKT").await;
        page.until("the strip is gone", "!document.querySelector('.strip')").await;
    });
}

#[test]
fn a_server_that_was_away_is_found_again() {
    browse(async |page| {
        let proxy = through_a_proxy(page).await;
        proxy.conduct(Conduct::Away);
        page.go(&format!("{MANAGEMENT}/managedDevices/device-00")).await;
        page.shows("The server does not answer.").await;
        page.assert_accessible("away").await;
        proxy.conduct(Conduct::Pass);
        page.shows("Seven days").await;
        page.until("the strip is gone", "!document.querySelector('.strip')").await;
    });
}

#[test]
fn a_view_goes_on_after_signing_in_again() {
    browse(async |page| {
        let proxy = through_a_proxy(page).await;
        // The server refuses the token, as it does with one that has expired.
        proxy.conduct(Conduct::Refuse { status: 401, retry_after: 0 });
        page.go(&format!("{MANAGEMENT}/managedDevices/device-00")).await;
        page.shows("The server no longer accepts your token.").await;
        page.assert_accessible("refused").await;
        proxy.conduct(Conduct::Pass);
        let token = &page.world.fleet().await.token;
        let paste = "const form = document.querySelector('.strip form'); \
                     form.querySelector('input').value = arguments[0]; form.requestSubmit()";
        page.run(paste, json!([token])).await;
        page.shows("Seven days").await;
        assert!(page.address().await.ends_with("/managedDevices/device-00"));
    });
}

#[test]
fn a_token_without_permission_is_told_what_it_needs() {
    browse(async |page| {
        let token = page.world.token_with(Uuid::new_v4(), &["User.Read"]);
        let base = page.world.server.http.clone();
        page.sign_in(&base, &token, &format!("{MANAGEMENT}/managedDevices")).await;
        page.shows("Your token does not permit this").await;
        page.shows("You hold User.Read").await;
        page.shows("DeviceManagementManagedDevices.Read.All").await;
        page.assert_accessible("forbidden").await;
        page.go(&format!("{MANAGEMENT}/managedDevices;view=query")).await;
        page.shows("You hold none.").await;
        page.shows("403 Forbidden").await;
        page.shows("You hold User.Read").await;
    });
}

#[test]
fn a_token_that_has_expired_or_is_none_is_not_taken() {
    browse(async |page| {
        page.open(&format!("{}/console/", page.world.server.http)).await;
        let paste = "document.querySelector('#token').value = arguments[0]; \
                     document.querySelector('form:has(#token)').requestSubmit()";
        page.find("#token").await;
        page.run(paste, json!(["hello"])).await;
        page.shows("This is no JSON Web Token").await;
        // {"exp":1}
        page.run(paste, json!(["e30.eyJleHAiOjF9.x"])).await;
        page.shows("This token expired").await;
        page.assert_accessible("refusal").await;
        // One that the server does not know: its first request is refused.
        page.run(paste, json!(["e30.eyJleHAiOjk5OTk5OTk5OTl9.x"])).await;
        page.shows("The server no longer accepts your token.").await;
    });
}

#[test]
fn hostile_names_and_outputs_are_text() {
    browse(async |page| {
        let token = page.world.token(Uuid::new_v4());
        let base = page.world.server.http.clone();
        let api = Api::new(&base, &token);
        let script =
            api.script("deviceManagementScripts", "<img src=x onerror=alert(1)>\u{202e}gpj").await;
        let name = "W".repeat(255);
        let device = json!({ "id": "d", "deviceName": name, "userPrincipalName": format!("{name}@x"),
            "userDisplayName": "</h1><script>alert(1)</script>", "model": "\u{202e}\u{2066}evil", "lastSyncDateTime": "2026-11-01T00:00:00Z" });
        api.send("POST", &format!("{MANAGEMENT}/managedDevices"), &device).await;
        let output =
            format!("{}\u{202e}gnp.exe\u{7}\n{}", "long ".repeat(6_000), "x".repeat(2_000));
        let state = json!({ "id": "s", "runState": "fail", "errorCode": -1, "errorDescription": "<b>bold</b>",
            "resultMessage": output, "lastStateUpdateDateTime": "2026-11-26T00:00:00Z",
            "managedDevice@odata.bind": "deviceManagement/managedDevices('d')" });
        let states = format!("{MANAGEMENT}/deviceManagementScripts/{script}/deviceRunStates");
        api.send("POST", &states, &state).await;
        page.sign_in(&base, &token, &format!("{MANAGEMENT}/managedDevices/d")).await;
        page.shows("<img src=x onerror=alert(1)>").await;
        page.shows("</h1><script>alert(1)</script>").await;
        page.shows("<b>bold</b>").await;
        page.shows("32,010 characters").await;
        page.shows("U+202E").await;
        page.shows("U+0007").await;
        assert_eq!(
            page.run(
                "return document.querySelectorAll('main img, main script, main b').length",
                json!([])
            )
            .await,
            json!(0)
        );
        for (what, fragment) in [
            ("hostile-device", format!("{MANAGEMENT}/managedDevices/d")),
            ("hostile-devices", format!("{MANAGEMENT}/managedDevices")),
            ("hostile-scripts", format!("{MANAGEMENT}/deviceManagementScripts;show=all")),
            ("hostile-query", format!("{states};view=query")),
        ] {
            page.go(&fragment).await;
            page.settles().await;
            for width in [1280, 320] {
                page.size(width, 800).await;
                page.assert_accessible(&format!("{what}-{width}")).await;
            }
        }
    });
}

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
fn a_query_may_write_and_a_delete_is_confirmed() {
    browse(async |page| {
        let token = page.world.token(Uuid::new_v4());
        let base = page.world.server.http.clone();
        let api = Api::new(&base, &token);
        let script = api.script("deviceManagementScripts", "Short-lived").await;
        let path = format!("{MANAGEMENT}/deviceManagementScripts/{script}");
        page.sign_in(&base, &token, &format!("{path};view=query")).await;
        page.shows("200 OK").await;
        page.shows("Short-lived").await;
        page.shows("You hold one.").await;
        let choose = "const select = document.querySelector('[aria-label=Method]'); \
                      select.value = arguments[0]; select.dispatchEvent(new Event('change'))";
        page.run(choose, json!(["PATCH"])).await;
        // What a request needs is shown before it is sent.
        let needed = page.text(".needed").await;
        assert!(needed.contains("ReadWrite.All") && !needed.contains(".Read.All"), "{needed}");
        page.find("#query-body").await.write(r#"{"displayName":"Renamed"}"#).await;
        page.click(".editor .primary").await;
        page.shows("\"Renamed\"").await;
        page.run(choose, json!(["DELETE"])).await;
        page.click(".editor .primary").await;
        page.shows("Delete this?").await;
        page.assert_accessible("confirm").await;
        page.click("dialog[open] button:not(.danger)").await;
        page.until("it is kept", "!document.querySelector('dialog[open]')").await;
        api.send("GET", &path, &json!({})).await;
        page.click(".editor .primary").await;
        page.click("dialog[open] .danger").await;
        page.shows("204 No Content").await;
        page.run(choose, json!(["GET"])).await;
        page.click(".editor .primary").await;
        page.shows("404 Not Found").await;
    });
}
