//! The pictures of the documents: they are made by a test run with `UPDATE_PICTURES=1`, of a fleet that
//! `runstate simulate` reports, and are small enough to be read on the way.

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::fleet::Api;
use crate::page::Page;
use crate::process::RUNSTATE;
use crate::twin::{TENANTS, WITHOUT_TWIN, control, enter};
use crate::views::MANAGEMENT;
use crate::world::browse;

/// The most bytes of a picture.
const LIMIT: u64 = 80_000;
/// The names, each in the light and in the dark.
const NAMES: [&str; 5] = ["scripts", "failures", "device", "query", "twin"];
const THEMES: [&str; 2] = ["light", "dark"];

fn file(name: &str, theme: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    folder.join(format!("console-{name}-{theme}.webp"))
}

#[test]
fn the_pictures_of_the_documents_are_there_and_small() {
    if std::env::var_os("UPDATE_PICTURES").is_some() {
        browse(make);
    }
    for (name, theme) in NAMES.iter().flat_map(|name| THEMES.map(|theme| (name, theme))) {
        let file = file(name, theme);
        let size =
            std::fs::metadata(&file).unwrap_or_else(|error| panic!("{file:?}: {error}")).len();
        assert!((5_000..=LIMIT).contains(&size), "{file:?} has {size} bytes");
    }
}

async fn make(page: &Page) {
    let token = page.world.token(Uuid::new_v4());
    let base = page.world.server.http.clone();
    let fleet = ["simulate", "--devices", "1500", "--hours-per-second", "0", "--quiet"];
    let mut simulation = Command::new(RUNSTATE);
    simulation.args(fleet).args(["--server", &base, "--token", &token]);
    assert!(simulation.status().unwrap().success());
    let (script, device) = failing(&Api::new(&base, &token)).await;
    page.sign_in(&base, &token, "").await;
    // A server has a test twin only if somebody asks for it.
    page.await_script(WITHOUT_TWIN, json!([])).await;
    let query = "deviceManagementScripts?$select=displayName&$top=2&$expand=runSummary";
    for theme in THEMES {
        page.theme(theme).await;
        for (name, fragment) in [
            ("scripts", format!("{MANAGEMENT}/deviceManagementScripts;show=all")),
            ("failures", format!("{MANAGEMENT}/deviceManagementScripts/{script}")),
            ("device", format!("{MANAGEMENT}/managedDevices/{device}")),
            ("query", format!("{MANAGEMENT}/{query};view=query")),
        ] {
            page.go(&fragment).await;
            page.settles().await;
            let is_whole = "!document.querySelector('.of-all')?.textContent.includes('sample') && \
                (!document.querySelector('.query') || document.querySelector('.reply .code') && \
                document.querySelector('.needed code') && document.querySelector('.samples button'))";
            page.until("all of the view is there", is_whole).await;
            take(page, name, theme).await;
        }
    }
    let fragment = tenant(page).await;
    page.open("about:blank").await;
    enter(page, &fragment).await;
    for theme in THEMES {
        page.theme(theme).await;
        page.shows("again after #1").await;
        take(page, "twin", theme).await;
    }
}

async fn take(page: &Page, name: &str, theme: &str) {
    let picture = json!({ "format": "webp", "quality": 78 });
    let picture = page.command("Page.captureScreenshot", picture).await;
    let bytes = STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
    let file = file(name, theme);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, bytes).unwrap();
}

/// A test tenant whose client repeats what was throttled. Returns the address of its requests.
async fn tenant(page: &Page) -> String {
    let rule = json!({ "id": "busy", "when": { "method": "GET", "first": 1 }, "then": { "throttle": { "retryAfter": 5 } } });
    let body = json!({ "id": "login", "name": "ci-4711-login", "from": "fixture:intune-small", "rules": [rule] });
    let made = control(page).send("POST", TENANTS, &body).await;
    let token = made["tokens"]["user"].as_str().unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let scripts = format!("{}{MANAGEMENT}/deviceManagementScripts", page.world.server.http);
    for options in ["?$select=displayName", "?$select=displayName", "?$top=2", "/$count"] {
        let request = client.get(format!("{scripts}{options}")).bearer_auth(token);
        request.header("client-request-id", Uuid::new_v4().to_string()).send().await.unwrap();
    }
    client
        .post(scripts)
        .bearer_auth(token)
        .json(&json!({ "displayName": "Disk space" }))
        .send()
        .await
        .unwrap();
    format!("{TENANTS}/login/requests")
}

/// The ids of the first script that fails on many devices, and of a device on which it failed three times.
async fn failing(api: &Api) -> (String, String) {
    let states = "deviceRunStates($filter=runState eq 'fail' and history/$count ge 3;$top=1;$count=true;$expand=managedDevice($select=id))";
    let path = format!("{MANAGEMENT}/deviceManagementScripts?$select=id&$expand={states}");
    let scripts: Json = api.send("GET", &path, &json!({})).await;
    let text = |value: &Json| value.as_str().unwrap().to_owned();
    let scripts = scripts["value"].as_array().unwrap().iter();
    let worst =
        scripts.max_by_key(|script| script["deviceRunStates@odata.count"].as_u64()).unwrap();
    (text(&worst["id"]), text(&worst["deviceRunStates"][0]["managedDevice"]["id"]))
}
