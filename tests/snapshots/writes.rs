//! Creates, updates, deletes and actions.

use crate::golden::assert_golden;
use crate::request::{Request, SCRIPT, SCRIPTS};

#[test]
fn a_script_gets_a_key_and_the_time_from_the_server() {
    let body = r#"{"displayName": "Backup", "scriptContent": "aGk=", "runAsAccount": "user"}"#;
    assert_golden("create", &Request::post(SCRIPTS, body));
}

#[test]
fn a_script_of_another_family_has_properties_of_its_own() {
    let body = r#"{"displayName": "Backup", "executionFrequency": "PT1H", "retryCount": 3}"#;
    assert_golden("create_shell_script", &Request::post("deviceShellScripts", body));
}

#[test]
fn a_client_may_choose_the_key_of_a_run_state_and_bind_its_device() {
    let body = r#"{"id": "state", "runState": "success",
  "lastStateUpdateDateTime": "2026-01-01T12:00:00.1234567+02:00",
  "managedDevice@odata.bind": "deviceManagement/managedDevices('device')"}"#;
    assert_golden("create_bound", &Request::post(format!("{SCRIPT}/deviceRunStates"), body));
}

#[test]
fn contained_entities_are_created_after_their_parent() {
    let body = r##"{"displayName": "Backup", "assignments": [
  {"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": "group"}},
  {"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}]}"##;
    assert_golden("create_deep", &Request::post(SCRIPTS, body));
}

#[test]
fn a_reply_without_the_entity_reads_its_key_and_its_tag() {
    let request = Request::post(format!("{SCRIPT}/userRunStates"), r#"{"id": "user"}"#);
    assert_golden("create_minimal", &request.with("Prefer", "return=minimal"));
}

#[test]
fn a_change_sets_the_named_properties_and_the_time() {
    let body = r#"{"displayName": null, "roleScopeTagIds": ["1", "2"]}"#;
    assert_golden("update", &Request::patch(SCRIPT, body));
}

#[test]
fn a_change_with_a_condition_can_be_explained() {
    let request = Request::patch(SCRIPT, r#"{"fileName": "a.ps1"}"#);
    assert_golden("update_if_match", &request.with("If-Match", "W/\"1\", W/\"2\""));
}

#[test]
fn an_empty_change_changes_nothing() {
    assert_golden("update_empty", &Request::patch(format!("{SCRIPT}/userRunStates/user"), "{}"));
}

#[test]
fn a_reference_is_changed_or_removed() {
    let body = r#"{"errorCode": -1, "managedDevice@odata.bind": null}"#;
    assert_golden(
        "update_reference",
        &Request::patch(format!("{SCRIPT}/deviceRunStates/state"), body),
    );
}

#[test]
fn an_attached_entity_is_changed() {
    let body = r#"{"successDeviceCount": 1}"#;
    assert_golden("update_attached", &Request::patch(format!("{SCRIPT}/runSummary"), body));
}

#[test]
fn an_upsert_is_an_update_and_a_create() {
    let body = r#"{"id": "ignored", "errorCode": 5, "runState": "fail"}"#;
    let request =
        Request::patch(format!("{SCRIPT}/userRunStates/user/deviceRunStates/state"), body);
    assert_golden("upsert", &request.with("Prefer", "create-if-missing"));
}

#[test]
fn an_upsert_may_be_limited_to_the_create() {
    let request = Request::patch("managedDevices/laptop", r#"{"deviceName": "Laptop"}"#);
    let request = request.with("Prefer", "create-if-missing").with("If-None-Match", "*");
    assert_golden("upsert_create_only", &request);
}

#[test]
fn an_entity_is_deleted_by_its_key() {
    assert_golden("delete", &Request::delete(SCRIPT));
}

#[test]
fn an_entity_below_others_is_deleted_only_there() {
    let target = format!("{SCRIPT}/userRunStates/user/deviceRunStates/state");
    assert_golden("delete_nested", &Request::delete(target).with("If-Match", "*"));
}

#[test]
fn assign_replaces_the_assignments() {
    let body = r##"{"deviceManagementScriptAssignments": [
    {"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": "one"}}],
  "deviceManagementScriptGroupAssignments": [{"targetGroupId": "two"}]}"##;
    assert_golden("assign", &Request::post(format!("{SCRIPT}/assign"), body));
}

#[test]
fn a_function_of_the_api_is_a_function_of_the_database() {
    let body = r#"{"payloadIds": ["22222222-2222-4222-8222-222222222222", "none"]}"#;
    assert_golden("has_payload_links", &Request::post(format!("{SCRIPTS}/hasPayloadLinks"), body));
}
