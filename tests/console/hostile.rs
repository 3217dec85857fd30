//! Names and outputs that somebody wrote to deceive, or that no page expects.

use serde_json::json;
use uuid::Uuid;

use crate::fleet::Api;
use crate::views::MANAGEMENT;
use crate::world::browse;

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
        let users = format!("{MANAGEMENT}/deviceManagementScripts/{script}/userRunStates");
        let user = json!({ "id": "u", "userPrincipalName": "\u{202e}moc.osotnoc@ada", "errorDeviceCount": 1 });
        api.send("POST", &users, &user).await;
        for (what, fragment) in [
            ("hostile-device", format!("{MANAGEMENT}/managedDevices/d")),
            ("hostile-devices", format!("{MANAGEMENT}/managedDevices")),
            ("hostile-scripts", format!("{MANAGEMENT}/deviceManagementScripts;show=all")),
            ("hostile-query", format!("{states};view=query")),
            ("hostile-failures", states.trim_end_matches("/deviceRunStates").to_owned()),
            ("hostile-states", states.clone()),
            ("hostile-state", format!("{states}/s")),
            ("hostile-users", users.clone()),
            ("hostile-user", format!("{users}/u")),
            ("hostile-text", states.replace("deviceRunStates", "scriptContent")),
        ] {
            page.go(&fragment).await;
            page.settles().await;
            // Neither a text nor a title has a character that nobody sees.
            let unseen = "const texts = [document.body.innerText, ...[...document.querySelectorAll('[title]')].map((e) => e.title)]; \
                          return texts.filter((text) => /[\\u0000-\\u0008\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069]/.test(text))";
            assert_eq!(page.run(unseen, json!([])).await, json!([]), "{what}");
            for width in [1280, 320] {
                page.size(width, 800).await;
                page.assert_accessible(&format!("{what}-{width}")).await;
            }
        }
    });
}

#[test]
fn what_nobody_sees_in_a_text_is_shown_and_emoji_stay_whole() {
    browse(async |page| {
        page.open(&format!("{}/console/", page.world.server.http)).await;
        page.find("#token").await;
        let script = "const { visible } = await import('/console/html.mjs'); \
            const texts = ['a\\u202eb', 'a\\u200db', '\\u{1f468}\\u200d\\u{1f469}', '\\u{1f469}\\u{1f3fd}\\u200d\\u{1f4bb}', \
                '\\u0645\\u06cc\\u200c\\u062e', '\\ud800x', '\\u001b[31m', 'a\\tb\\r\\n', '\\u00ad', '\\u2028', '\\ufeff', null]; \
            return texts.map((text) => visible(text) === text ? 'as it is' : visible(text))";
        let expected = json!([
            "a⟨U+202E⟩b",
            "a⟨U+200D⟩b",
            "as it is",
            "as it is",
            "as it is",
            "⟨U+D800⟩x",
            "⟨U+001B⟩[31m",
            "as it is",
            "⟨U+00AD⟩",
            "⟨U+2028⟩",
            "⟨U+FEFF⟩",
            "",
        ]);
        assert_eq!(page.await_script(script, json!([])).await, expected);
    });
}

#[test]
fn half_a_character_that_is_pasted_is_searched_as_a_replacement() {
    browse(async |page| {
        page.console(&format!("{MANAGEMENT}/managedDevices")).await;
        page.shows("60 devices").await;
        let paste = "const field = document.querySelector(arguments[0]); field.value = 'x\\ud800'; \
                     field.dispatchEvent(new Event('input', { bubbles: true }))";
        page.run(paste, json!(["#search"])).await;
        page.shows("Nothing begins with this.").await;
        page.run(paste, json!([".field input"])).await;
        page.shows("No device matches").await;
    });
}

#[test]
fn a_long_output_of_binary_is_read_in_parts() {
    browse(async |page| {
        let token = page.world.token(Uuid::new_v4());
        let base = page.world.server.http.clone();
        let api = Api::new(&base, &token);
        let script = api.script("deviceManagementScripts", "Dump").await;
        let states = format!("{MANAGEMENT}/deviceManagementScripts/{script}/deviceRunStates");
        let binary: String = ('\u{1}'..='\u{ff}').cycle().take(120_000).collect();
        let state =
            json!({ "id": "s", "runState": "fail", "errorCode": 1, "resultMessage": binary });
        api.send("POST", &states, &state).await;
        page.sign_in(&base, &token, &format!("{states}/s")).await;
        page.shows("120,000 characters").await;
        page.shows("⟨U+0001⟩").await;
        page.assert_accessible("binary").await;
        page.click(".message > button").await;
        page.until("all of it is shown", "!document.querySelector('.message > button')").await;
        page.go(states.trim_end_matches("/deviceRunStates")).await;
        page.shows("1 failure read, 1 group").await;
    });
}
