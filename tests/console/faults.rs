//! What the console says when the server is busy or away, or when something else answers for it, and that
//! it goes on afterwards.

use serde_json::json;

use crate::page::Page;
use crate::proxy::{Conduct, Proxy};
use crate::twin::{TENANTS, control, enter, press, tenant};
use crate::views::MANAGEMENT;
use crate::world::browse;

/// The devices of the fleet, in a console behind a proxy.
pub(crate) async fn through_a_proxy(page: &Page) -> Proxy {
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
fn a_request_of_a_batch_for_which_the_server_is_busy_is_sent_again() {
    browse(async |page| {
        let (id, _) = tenant(page).await;
        let rules = format!("{TENANTS}/{id}/rules");
        let busy = json!({ "id": "busy", "when": { "inBatch": true, "first": 3 }, "then": { "throttle": { "retryAfter": 1 } } });
        control(page).send("POST", &rules, &busy).await;
        enter(page, &format!("{TENANTS}/{id}")).await;
        press(page, "Open this tenant").await;
        page.shows("Disk space").await;
        let rule = control(page).send("GET", &rules, &json!({})).await;
        assert_eq!(rule["value"][0]["hits"], 3, "{rule}");
    });
}

#[test]
fn a_proxy_that_does_not_reach_the_server_is_waited_for() {
    browse(async |page| {
        let proxy = through_a_proxy(page).await;
        let gateway = "<html><h1>Bad Gateway</h1></html>";
        proxy.conduct(Conduct::Answer { status: 502, kind: "text/html", body: gateway });
        page.go(&format!("{MANAGEMENT}/managedDevices/device-00")).await;
        page.shows("The server does not answer. Next attempt in").await;
        proxy.conduct(Conduct::Pass);
        page.shows("Seven days").await;
    });
}

#[test]
fn a_wait_of_hours_is_told_in_hours() {
    browse(async |page| {
        let proxy = through_a_proxy(page).await;
        proxy.conduct(Conduct::Refuse { status: 429, retry_after: 10_000 });
        page.go(&format!("{MANAGEMENT}/managedDevices/device-00")).await;
        let wait =
            "/Next attempt in 2 h \\d+ min\\./.test(document.querySelector('.strip')?.textContent)";
        page.until("the wait is told in hours", wait).await;
        // Another view does not wait for it.
        proxy.conduct(Conduct::Pass);
        page.go(&format!("{MANAGEMENT}/managedDevices")).await;
        page.shows("60 devices").await;
        page.until("the strip is gone", "!document.querySelector('.strip')").await;
    });
}

#[test]
fn a_reply_of_something_else_than_the_server_is_named() {
    browse(async |page| {
        let proxy = through_a_proxy(page).await;
        let portal = "<html><h1>Welcome to the hotel</h1></html>";
        proxy.conduct(Conduct::Answer { status: 200, kind: "text/html", body: portal });
        page.go(&format!("{MANAGEMENT}/managedDevices/device-00")).await;
        page.shows("This reply is not of Runstate: something between this browser and the server has answered.").await;
        page.assert_accessible("foreign").await;
        // JSON that no view expects leaves the frame, and a way on.
        proxy.conduct(Conduct::Answer {
            status: 200,
            kind: "application/json",
            body: r#"{"id":"d","deviceName":5}"#,
        });
        page.go(&format!("{MANAGEMENT}/managedDevices/device-01")).await;
        page.shows("This view cannot show what the server sent").await;
        page.assert_accessible("failed-view").await;
        proxy.conduct(Conduct::Pass);
        page.click(".problem .button").await;
        page.shows("3 scripts").await;
        // So does JSON that a part of a view does not expect.
        let script = &page.world.fleet().await.script;
        proxy.conduct(Conduct::Answer { status: 200, kind: "application/json", body: "{}" });
        page.go(&format!("{MANAGEMENT}/deviceManagementScripts/{script}")).await;
        page.shows("This view cannot show what the server sent").await;
        page.shows("Failures").await;
        proxy.conduct(Conduct::Pass);
    });
}

#[test]
fn an_export_that_fails_says_why() {
    browse(async |page| {
        let proxy = through_a_proxy(page).await;
        let fleet = page.world.fleet().await;
        page.go(&format!("{MANAGEMENT}/deviceManagementScripts/{}/deviceRunStates", fleet.script))
            .await;
        page.find(".states .name").await;
        let refusal = r#"{"error":{"code":"BadRequest","message":"The filter is too long."}}"#;
        proxy.conduct(Conduct::Answer { status: 400, kind: "application/json", body: refusal });
        page.click(".export").await;
        page.shows("The export stopped: The filter is too long.").await;
        proxy.conduct(Conduct::Pass);
        page.until(
            "it can be begun again",
            "document.querySelector('.export').textContent === 'Export CSV'",
        )
        .await;
    });
}
