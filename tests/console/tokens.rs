//! Tokens that the server does not accept, or that permit too little, and tabs with a token each.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use crate::browser::ESCAPE;
use crate::faults::through_a_proxy;
use crate::fleet::Api;
use crate::proxy::Conduct;
use crate::twin::tenant_at;
use crate::views::MANAGEMENT;
use crate::world::browse;

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
        page.keys("/").await;
        page.keys("a").await;
        page.find("#found .bad").await;
        page.assert_accessible("forbidden-search").await;
        page.keys(ESCAPE).await;
        page.go(&format!("{MANAGEMENT}/managedDevices;view=query")).await;
        page.shows("You hold none.").await;
        page.shows("403 Forbidden").await;
        page.shows("You hold User.Read").await;
    });
}

#[test]
fn what_is_no_token_is_not_taken_and_the_server_judges_all_others() {
    browse(async |page| {
        let base = page.world.server.http.clone();
        page.open(&format!("{base}/console/")).await;
        let paste = "document.querySelector('#token').value = arguments[0]; \
                     document.querySelector('form:has(#token)').requestSubmit()";
        page.find("#token").await;
        page.run(paste, json!(["hello"])).await;
        page.shows("This is no JSON Web Token").await;
        page.assert_accessible("refusal").await;
        // {"exp":1}
        page.run(paste, json!(["e30.eyJleHAiOjF9.x"])).await;
        page.shows(
            "The server no longer accepts your token. By the clock of this browser, it expired",
        )
        .await;
        page.assert_accessible("expired").await;
        // {"exp":9999999999}: the server does not know who signed it.
        page.open("about:blank").await;
        page.sign_in(&base, "e30.eyJleHAiOjk5OTk5OTk5OTl9.x", "").await;
        page.shows("The server no longer accepts your token. Sign in again").await;
    });
}

#[test]
fn the_token_of_a_tenant_with_another_clock_can_be_pasted() {
    browse(async |page| {
        for now in ["2001-02-28T23:59:00Z", "2101-02-28T23:59:00Z"] {
            let (_, token) = tenant_at(page, now).await;
            page.open("about:blank").await;
            page.sign_in(&page.world.server.http, &token, "").await;
            page.shows("Disk space").await;
            assert_eq!(
                page.run("return document.querySelectorAll('.strip').length", json!([])).await,
                0
            );
        }
    });
}

#[test]
fn two_tabs_show_two_tenants() {
    browse(async |page| {
        let base = page.world.server.http.clone();
        let first = page.browser.tab().await;
        let second = page.browser.new_tab().await;
        let mut tenants = Vec::new();
        for (tab, name) in [(&first, "Of the first"), (&second, "Of the second")] {
            let tenant = Uuid::new_v4();
            let token = page.world.token(tenant);
            Api::new(&base, &token).script("deviceManagementScripts", name).await;
            page.browser.switch(tab).await;
            page.sign_in(&base, &token, "").await;
            page.shows(name).await;
            tenants.push(tenant.to_string());
        }
        for (tab, tenant, name) in
            [(&second, &tenants[1], "Of the second"), (&first, &tenants[0], "Of the first")]
        {
            page.browser.switch(tab).await;
            page.go(&format!("{MANAGEMENT}/managedDevices")).await;
            page.shows("There are no devices yet").await;
            page.shows(&format!("tenant {}", &tenant[..8])).await;
            page.go(&format!("{MANAGEMENT}/deviceManagementScripts;show=all")).await;
            page.shows("1 script").await;
            page.shows(name).await;
            let other = if name == "Of the first" { "Of the second" } else { "Of the first" };
            let text = page.text("main").await;
            assert!(!text.contains(other), "{text}");
        }
        page.browser.switch(&second).await;
        page.browser.close_tab().await;
        page.browser.switch(&first).await;
    });
}

#[test]
fn a_page_that_nobody_sees_asks_for_nothing() {
    browse(async |page| {
        page.console("").await;
        page.shows("3 scripts, 60 devices").await;
        page.settles().await;
        let first = page.browser.tab().await;
        page.run("document.addEventListener('visibilitychange', () => (window.left ??= performance.now()))", json!([])).await;
        page.browser.new_tab().await;
        // Longer than the pause between two turns of a page that is seen.
        tokio::time::sleep(Duration::from_secs(7)).await;
        page.browser.close_tab().await;
        page.browser.switch(&first).await;
        let sent = "return performance.getEntriesByType('resource').filter(({ name, startTime }) => \
                    name.includes('/beta/') && startTime > window.left && startTime < window.left + 6500).length";
        assert_eq!(page.run("return window.left > 0", json!([])).await, json!(true));
        assert_eq!(page.run(sent, json!([])).await, json!(0));
    });
}
