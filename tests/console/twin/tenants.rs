//! The tenants of the test twin: made, kept, reset, copied, opened and deleted, and their clocks.

use serde_json::json;
use uuid::Uuid;

use super::{TENANTS, control, enter, fill, press, press_link, tenant};
use crate::world::browse;

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
