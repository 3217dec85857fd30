//! Pages of collections.

use runstate::plan::skip_token;

use crate::golden::assert_golden;
use crate::request::{Request, SCRIPT, SCRIPTS, TOKEN_KEY};

#[test]
fn a_collection_is_read_in_the_order_of_its_keys() {
    assert_golden("list", &Request::get(SCRIPTS));
}

#[test]
fn a_contained_collection_is_that_of_its_parent() {
    assert_golden("list_contained", &Request::get(format!("{SCRIPT}/deviceRunStates")));
}

#[test]
fn a_page_may_be_cut_out_and_counted() {
    let target = format!("{SCRIPTS}?$top=5&$skip=10&$count=true&$select=id");
    assert_golden("list_top_skip_count", &Request::get(target));
}

#[test]
fn a_client_may_prefer_smaller_pages() {
    let request = Request::get(format!("{SCRIPTS}?$select=id"));
    let request = request.with("Prefer", "odata.maxpagesize=2");
    assert_golden("list_preferred_size", &request);
}

#[test]
fn an_order_ends_with_the_key() {
    let target = format!("{SCRIPTS}?$select=id&$orderby=lastModifiedDateTime desc,displayName");
    assert_golden("list_ordered", &Request::get(target));
}

#[test]
fn an_order_may_compute_and_follow_references() {
    let order = "length(resultMessage) desc,managedDevice/deviceName";
    let target = format!("{SCRIPT}/deviceRunStates?$select=id&$orderby={order}");
    assert_golden("list_ordered_by_terms", &Request::get(target));
}

#[test]
fn the_next_page_starts_after_the_place_in_its_token() {
    let payload = r#"{"collection": "deviceManagement/deviceManagementScripts", "scan": "\ndisplayName desc", "after": ["Backup", "33333333-3333-4333-8333-333333333333"]}"#;
    let target = format!("{SCRIPTS}?$select=id&$orderby=displayName desc&$skiptoken=");
    assert_golden("list_next_page", &Request::get(target + &skip_token::sign(TOKEN_KEY, payload)));
}

#[test]
fn the_next_page_in_the_order_of_an_index_starts_there() {
    let payload = r#"{"collection": "deviceManagement/deviceManagementScripts('22222222-2222-4222-8222-222222222222')/deviceRunStates", "scan": "\nlastStateUpdateDateTime desc", "after": ["636188257784418045", "one"]}"#;
    let order = "lastStateUpdateDateTime desc";
    let target = format!("{SCRIPT}/deviceRunStates?$select=id&$orderby={order}&$skiptoken=");
    assert_golden(
        "list_next_page_by_time",
        &Request::get(target + &skip_token::sign(TOKEN_KEY, payload)),
    );
}

#[test]
fn a_row_of_nulls_is_a_place_too() {
    let payload = r#"{"collection": "deviceManagement/deviceManagementScripts", "scan": "\ndisplayName", "after": [null, "33333333-3333-4333-8333-333333333333"]}"#;
    let target = format!("{SCRIPTS}?$select=id&$orderby=displayName&$skiptoken=");
    assert_golden(
        "list_next_page_after_null",
        &Request::get(target + &skip_token::sign(TOKEN_KEY, payload)),
    );
}

#[test]
fn a_page_of_nothing_reads_no_rows() {
    assert_golden(
        "list_top_zero",
        &Request::get(format!("{SCRIPTS}?$top=0&$count=true&$select=id")),
    );
}

#[test]
fn the_newest_version_comes_first() {
    let options = "$select=runState&$from=2026-11-26T10:00:00Z&$toInclusive=2026-11-26T11:00:00Z";
    let target = format!("{SCRIPT}/deviceRunStates/state/history?{options}");
    assert_golden("list_versions", &Request::get(target));
}
