//! Addresses: those that no view knows, and the way back and forward between views.

use serde_json::json;

use crate::browser::ESCAPE;
use crate::views::MANAGEMENT;
use crate::world::browse;

#[test]
fn an_address_without_a_view_is_shown_with_a_way_on() {
    browse(async |page| {
        let unknown = format!("{MANAGEMENT}/deviceConfigurations?$top=1");
        page.console(&unknown).await;
        page.shows(&format!("No view shows this address {unknown}")).await;
        page.shows("The API may know it all the same: Query sends it.").await;
        page.assert_accessible("unknown").await;
        page.click("main .button:not(.primary)").await;
        page.shows("400 Bad Request").await;
        for fragment in ["nonsense", "/%zz/'(;", "/beta/deviceManagement/managedDevices/a/b/c"] {
            page.go(fragment).await;
            page.shows("No view shows this address").await;
        }
        page.go("nonsense").await;
        page.shows("An address of the console is a path of the API, and begins with #/beta/deviceManagement.").await;
        page.click("main .primary").await;
        page.shows("3 scripts").await;
    });
}

#[test]
fn back_and_forward_lead_through_the_views_and_find_the_same_row() {
    browse(async |page| {
        page.console(&format!("{MANAGEMENT}/managedDevices")).await;
        page.shows("60 devices").await;
        page.settles().await;
        let scroll = "document.querySelector('[data-scrolls]').scrollTop = 1000";
        page.run(scroll, json!([])).await;
        page.find("[aria-rowindex='30'] .name").await;
        let left =
            page.run("return document.querySelector('[data-scrolls]').scrollTop", json!([])).await;
        // As a script clicks, the page is not scrolled to the row.
        page.run("document.querySelector(\"[aria-rowindex='30'] .name\").click()", json!([])).await;
        page.shows("Seven days").await;
        let top = "document.querySelector('[data-scrolls]').scrollTop";
        page.until("a device begins at its top", &format!("{top} === 0")).await;
        page.browser.back().await;
        page.until("the list is where it was", &format!("{top} === {left}")).await;
        page.find("[aria-rowindex='30'] .name").await;
        page.browser.forward().await;
        page.shows("Seven days").await;
        page.browser.back().await;
        page.go(&format!("{MANAGEMENT}/deviceManagementScripts;show=all")).await;
        page.shows("3 scripts").await;
        page.until("a new view begins at its top", &format!("{top} === 0")).await;
        page.browser.back().await;
        page.until("the list is where it was again", &format!("{top} === {left}")).await;
    });
}

#[test]
fn a_sheet_is_left_by_going_back() {
    browse(async |page| {
        let fleet = page.world.fleet().await;
        let states =
            format!("{MANAGEMENT}/deviceManagementScripts/{}/deviceRunStates", fleet.script);
        page.console(&states).await;
        page.click(".states .name").await;
        page.find("dialog.sheet[open]").await;
        page.browser.back().await;
        page.until("the sheet is gone", "!document.querySelector('dialog[open]')").await;
        assert!(page.address().await.ends_with(&states));
        page.browser.forward().await;
        page.find("dialog.sheet[open]").await;
    });
}

#[test]
fn the_foot_shows_the_request_of_what_is_shown() {
    browse(async |page| {
        let fleet = page.world.fleet().await;
        let scripts = format!("{MANAGEMENT}/deviceManagementScripts");
        let states = format!("{scripts}/{}/deviceRunStates", fleet.script);
        let is_shown = |path: &str| {
            format!("document.querySelector('.foot .request')?.title.startsWith('{path}?')")
        };
        page.console(&states).await;
        page.until("the request of the list", &is_shown(&states)).await;
        page.find(".states .name").await;
        let id = format!("{}:device-00", fleet.script);
        page.go(&format!("{states}/{id};tab=devices")).await;
        page.until("the request of a state", &is_shown(&format!("{states}/{id}"))).await;
        page.keys(ESCAPE).await;
        page.until("the request of the list again", &is_shown(&states)).await;
        let nothing = format!("{scripts}/00000000-0000-4000-8000-000000000000");
        page.go(&nothing).await;
        page.shows("The script may have been deleted, or belongs to another tenant.").await;
        page.until("the request that failed", &is_shown(&nothing)).await;
    });
}
