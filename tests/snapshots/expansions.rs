//! Expansions.

use crate::golden::assert_golden;
use crate::request::{Request, SCRIPT, SCRIPTS};

#[test]
fn an_entity_is_shown_with_what_it_refers_to() {
    let expand = "managedDevice($select=deviceName)";
    let target = format!("{SCRIPT}/deviceRunStates?$select=id&$expand={expand}");
    assert_golden("expand_reference", &Request::get(target));
}

#[test]
fn an_expanded_collection_has_its_own_page() {
    let options =
        "$select=id;$filter=runState eq 'fail';$orderby=errorCode desc;$top=3;$count=true";
    let target = format!("{SCRIPTS}?$select=id&$expand=deviceRunStates({options})");
    assert_golden("expand_collection", &Request::get(target));
}

#[test]
fn expansions_nest() {
    let expand = "userRunStates($select=id;$expand=deviceRunStates($select=id;$top=2))";
    assert_golden("expand_nested", &Request::get(format!("{SCRIPT}?$select=id&$expand={expand}")));
}

#[test]
fn several_navigations_are_expanded_at_once() {
    let target = format!("{SCRIPT}?$select=id&$expand=runSummary,assignments");
    assert_golden("expand_two", &Request::get(target));
}

#[test]
fn a_star_expands_all_that_no_other_name_names() {
    let target = format!("{SCRIPT}/userRunStates/user?$select=id&$expand=*");
    assert_golden("expand_all", &Request::get(target));
}

#[test]
fn a_run_state_is_shown_with_its_versions() {
    let expand = "history($select=runState;$top=3)";
    let target = format!("{SCRIPT}/deviceRunStates?$select=id&$expand={expand}");
    assert_golden("expand_versions", &Request::get(target));
}
