//! The pages of the test twin, and what their tests share: a tenant, the secret, and what a user presses
//! and fills in.

mod pages;
mod requests;
mod rules;
mod tenants;

use serde_json::json;
use uuid::Uuid;

use crate::fleet::Api;
use crate::page::Page;
use crate::world::TWIN_SECRET;

pub(crate) const TENANTS: &str = "/twin/v1/tenants";
const SCRIPTS: &str = "/beta/deviceManagement/deviceManagementScripts";

/// Makes a page that of a server without a test twin.
pub(crate) const WITHOUT_TWIN: &str = "const { config } = await import('/console/sign_in.mjs'); \
                                       config.set({ ...config.get(), twin: false });";

/// The control API.
pub(crate) fn control(page: &Page) -> Api {
    Api::new(&page.world.server.http, TWIN_SECRET)
}

/// A tenant whose clock is frozen before a midnight. See [`tenant_at`].
pub(crate) async fn tenant(page: &Page) -> (String, String) {
    tenant_at(page, "2026-02-28T23:59:00Z").await
}

/// A tenant with a script and a device, whose clock is frozen. Returns its id and the token of a user.
pub(crate) async fn tenant_at(page: &Page, now: &str) -> (String, String) {
    let id = format!("t-{}", Uuid::new_v4().simple());
    let seed = json!({
        "managedDevices": [{ "id": "pc-1", "deviceName": "PC 1", "operatingSystem": "Windows" }],
        "deviceManagementScripts": [{ "displayName": "Disk space" }],
    });
    let clock = json!({ "now": now, "rate": 0 });
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
pub(crate) async fn press(page: &Page, text: &str) {
    let found = format!(
        "[...document.querySelectorAll('dialog[open] button, main button')].filter((e) => e.textContent.trim() === {})",
        json!(text)
    );
    page.until(text, &format!("{found}.length")).await;
    page.run(&format!("const found = {found}; found[0].click()"), json!([])).await;
}

/// Clicks the link with a text.
async fn press_link(page: &Page, text: &str) {
    let script =
        "[...document.querySelectorAll('a')].find((e) => e.textContent === arguments[0]).click()";
    page.run(script, json!([text])).await;
}

/// Chooses or types a value, as a user does.
async fn fill(page: &Page, selector: &str, value: &str) {
    page.find(selector).await;
    let script = "const field = document.querySelector(arguments[0]); field.value = arguments[1]; \
                  for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, { bubbles: true }))";
    page.run(script, json!([selector, value])).await;
}
