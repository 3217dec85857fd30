//! Filters, each on a list that shows the key only.

use crate::golden::assert_golden;
use crate::request::{Request, SCRIPT, SCRIPTS};

fn assert_filter(name: &str, collection: &str, filter: &str) {
    let target = format!("{collection}?$select=id&$filter={filter}");
    assert_golden(name, &Request::get(target));
}

fn assert_scripts(name: &str, filter: &str) {
    assert_filter(name, SCRIPTS, filter);
}

fn assert_states(name: &str, filter: &str) {
    assert_filter(name, &format!("{SCRIPT}/deviceRunStates"), filter);
}

#[test]
fn a_member_of_an_enumeration_is_compared_in_its_type() {
    assert_scripts("filter_enum", "runAsAccount eq 'system'");
}

#[test]
fn logic_keeps_nulls_apart() {
    let filter = "displayName ne 'x' and not (fileName eq 'y' or runAs32Bit eq true)";
    assert_scripts("filter_logic", filter);
}

#[test]
fn null_is_compared_by_is_null() {
    assert_scripts("filter_null", "description eq null and fileName ne null");
}

#[test]
fn a_list_is_one_bind() {
    assert_scripts("filter_in", "displayName in ('a','b',null)");
}

#[test]
fn a_list_of_one_member_is_an_equality() {
    assert_states("filter_in_one", "runState in ('fail') and errorCode in (-4,null)");
}

#[test]
fn a_whole_decimal_is_compared_as_a_whole_number() {
    assert_states("filter_whole_decimal", "errorCode eq -2016281112.0 and errorCode ne 5.5");
}

#[test]
fn functions_of_texts_take_binds() {
    let filter = "startswith(tolower(displayName),'a') and contains(description,'100%25_')";
    assert_scripts("filter_text_functions", filter);
}

#[test]
fn a_date_time_is_compared_in_ticks() {
    let filter = "lastModifiedDateTime ge 2025-12-31T23:00:00%2B01:00 and now() gt createdDateTime";
    assert_scripts("filter_date_time", filter);
}

#[test]
fn a_range_of_an_indexed_property_is_read_in_its_order() {
    assert_states("filter_range", "lastStateUpdateDateTime ge now() sub duration'P1D'");
}

#[test]
fn parts_of_a_date_time_go_by_its_offset() {
    let filter = "year(createdDateTime) eq 2025 and date(createdDateTime) lt 2026-01-01";
    assert_scripts("filter_date_parts", filter);
}

#[test]
fn numbers_are_exact() {
    assert_states("filter_arithmetic", "(errorCode add 1) mul -2 divby 3 le 1.5");
}

#[test]
fn properties_are_compared_with_each_other() {
    assert_states("filter_two_properties", "resultMessage eq errorDescription");
}

#[test]
fn a_reference_is_followed() {
    let filter =
        "managedDevice/deviceName eq 'pc' and managedDevice/hardwareInformation/model eq 'x'";
    assert_states("filter_through_reference", filter);
}

#[test]
fn the_key_of_a_referenced_entity_is_a_column_of_the_row() {
    assert_states("filter_reference_key", "managedDevice/id in ('a','b')");
}

#[test]
fn whole_numbers_are_compared_in_the_type_of_the_column() {
    assert_states("filter_whole_number", "runState eq 'fail' and errorCode eq -2016281112");
}

#[test]
fn any_is_an_exists() {
    let filter = "deviceRunStates/any(s:s/runState eq 'fail' and s/errorCode gt 0)";
    assert_scripts("filter_any", filter);
}

#[test]
fn all_is_a_missing_counterexample() {
    assert_scripts("filter_all", "deviceRunStates/all(s:s/runState eq 'success')");
}

#[test]
fn lambdas_nest() {
    let filter = "userRunStates/any(u:u/deviceRunStates/any(s:s/resultMessage eq u/id))";
    assert_scripts("filter_nested_any", filter);
}

#[test]
fn texts_in_a_property_are_items() {
    assert_scripts("filter_any_text", "roleScopeTagIds/any(t:t eq '0')");
}

#[test]
fn a_contained_collection_is_counted_by_its_counter() {
    assert_scripts("filter_count", "deviceRunStates/$count gt 10");
}

#[test]
fn the_items_of_a_collection_that_pass_are_counted() {
    let filter = "deviceRunStates/$count($filter=runState eq 'fail') gt 3";
    assert_scripts("filter_count_of", filter);
}

#[test]
fn a_date_beside_a_date_time_is_its_start() {
    assert_states("filter_date", "lastStateUpdateDateTime ge 2022-01-19");
}

#[test]
fn casts_are_null_where_a_value_does_not_fit() {
    let filter = "cast(errorCode,Edm.String) eq '5' or cast(resultMessage,Edm.Int32) gt 5";
    assert_states("filter_cast", filter);
}

#[test]
fn a_type_cast_is_null_in_values_of_other_types() {
    let filter = "target/microsoft.graph.groupAssignmentTarget/groupId eq 'g' or \
                  isof(target,microsoft.graph.allDevicesAssignmentTarget)";
    assert_filter("filter_type_cast", &format!("{SCRIPT}/assignments"), filter);
}

#[test]
fn a_condition_is_a_value_as_well() {
    assert_states("filter_condition_as_value", "(errorCode gt 5) eq (runState eq 'fail')");
}

#[test]
fn an_alias_is_a_bind_like_its_literal() {
    assert_states("filter_alias", "errorCode eq @p&@p=5");
}
