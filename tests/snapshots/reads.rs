//! Reads of one entity, and counts.

use crate::golden::assert_golden;
use crate::request::{Request, SCRIPT, SCRIPTS};

const MANAGED_DEVICE: &str = "deviceRunStates/state/managedDevice";

#[test]
fn an_entity_is_read_by_its_key() {
    assert_golden("get", &Request::get(SCRIPT));
}

#[test]
fn selected_properties_are_read() {
    assert_golden("get_selected", &Request::get(format!("{SCRIPT}?$select=fileName,displayName")));
}

#[test]
fn a_key_that_no_entity_can_have_is_null() {
    assert_golden("get_impossible_key", &Request::get(format!("{SCRIPTS}/not-a-uuid")));
}

#[test]
fn an_entity_below_others_is_joined_to_them() {
    let target = format!("{SCRIPT}/userRunStates/user/deviceRunStates/state");
    assert_golden("get_nested", &Request::get(target));
}

#[test]
fn the_one_entity_of_a_parent_needs_no_key() {
    assert_golden("get_attached", &Request::get(format!("{SCRIPT}/runSummary")));
}

#[test]
fn a_reference_leads_to_an_entity_or_to_none() {
    let target = format!("{SCRIPT}/{MANAGED_DEVICE}?$select=deviceName,hardwareInformation");
    assert_golden("get_reference", &Request::get(target));
}

#[test]
fn all_annotations_are_shown_if_asked_for() {
    let request = Request::get(format!("{SCRIPT}/assignments/assignment"));
    let request = request.with("Accept", "application/json;odata.metadata=full");
    assert_golden("get_full_metadata", &request);
}

#[test]
fn no_annotations_are_shown_if_none_are_wanted() {
    let request = Request::get(format!("{SCRIPT}/assignments/assignment"));
    let request = request.with("Accept", "application/json;odata.metadata=none");
    assert_golden("get_no_metadata", &request);
}

#[test]
fn an_entity_that_the_client_has_is_not_read_again() {
    let request = Request::get(SCRIPT).with("If-None-Match", "W/\"1\"");
    assert_golden("get_if_none_match", &request);
}

#[test]
fn a_whole_collection_is_counted_by_its_counter() {
    assert_golden("count", &Request::get(format!("{SCRIPT}/deviceRunStates/$count")));
}

#[test]
fn the_entities_with_a_value_are_counted_by_their_counter() {
    let target = format!("{SCRIPT}/deviceRunStates/$count?$filter=runState eq 'fail'");
    assert_golden("count_of_value", &Request::get(target));
}

#[test]
fn a_filtered_collection_is_counted_row_by_row() {
    let filter = "runState eq 'fail' and errorCode gt 0";
    let target = format!("{SCRIPT}/deviceRunStates/$count?$filter={filter}");
    assert_golden("count_filtered", &Request::get(target));
}

#[test]
fn a_property_is_read_alone() {
    assert_golden("get_property", &Request::get(format!("{SCRIPT}/displayName")));
}

#[test]
fn a_raw_value_is_text_or_bytes() {
    let state = format!("{SCRIPT}/deviceRunStates/state/lastStateUpdateDateTime/$value");
    assert_golden("get_raw_text", &Request::get(state));
    assert_golden("get_raw_bytes", &Request::get(format!("{SCRIPT}/scriptContent/$value")));
}

#[test]
fn an_entity_is_read_as_it_was() {
    let target = format!("{SCRIPT}/deviceRunStates/state?$select=runState&$at=2026-11-26");
    assert_golden("get_version", &Request::get(target));
}
