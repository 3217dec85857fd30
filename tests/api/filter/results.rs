//! Does `$filter` return exactly the matching entities, and are invalid filters refused?

use serde_json::{Value as Json, json};

use crate::harness::{Client, DEVICES, SCRIPTS, Server, encoded};

/// Creates the devices `d1` and `d2`, and a script with the run states `a` to `e`. Returns the path of
/// the run states.
pub(super) async fn run_states(client: &Client) -> String {
    let hardware = json!({ "serialNumber": "S1", "totalStorageSpace": 64 });
    for device in [
        json!({ "id": "d1", "deviceName": "One", "operatingSystem": "Windows",
            "complianceState": "compliant", "hardwareInformation": hardware }),
        json!({ "id": "d2", "operatingSystem": "macOS" }),
    ] {
        client.post(DEVICES, &device).await.created();
    }
    let states = json!([
        { "id": "a", "runState": "success", "resultMessage": "Done",
          "lastStateUpdateDateTime": "2017-01-01T00:02:58.4418045-08:00",
          "managedDevice@odata.bind": "managedDevices/d1" },
        { "id": "b", "runState": "fail", "errorCode": 5, "resultMessage": "It's over",
          "lastStateUpdateDateTime": "2020-02-29T23:30:00Z", "errorDescription": "access denied",
          "managedDevice@odata.bind": "managedDevices/d2" },
        { "id": "c", "runState": "scriptError", "errorCode": -7,
          "lastStateUpdateDateTime": "2021-06-15T12:00:00+05:30" },
        { "id": "d" },
        { "id": "e", "runState": "pending", "errorCode": 2_147_483_647, "resultMessage": " padded ",
          "lastStateUpdateDateTime": "2020-02-29T23:30:00.0000001Z", "errorDescription": "",
          "managedDevice@odata.bind": "managedDevices/d1" },
    ]);
    let script = client.new_script().await;
    let states_path = format!("{script}/deviceRunStates");
    for state in states.as_array().unwrap() {
        let mut state = state.clone();
        if let Some(Json::String(url)) = state.get_mut("managedDevice@odata.bind") {
            *url = format!("/beta/deviceManagement/{url}");
        }
        client.post(&states_path, &state).await.created();
    }
    states_path
}

/// Asserts which entities each filter matches, in the list and in `$count`. An entity is identified by
/// one member.
pub(super) async fn finds(client: &Client, collection: &str, member: &str, table: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (filter, expected) in table {
        let query = format!("$filter={}", encoded(filter));
        let list = client.get(&format!("{collection}?{query}")).await;
        let found = match list.status {
            200 => crate::harness::members(&list.json(), member).join(" "),
            _ => list.body.clone(),
        };
        let count = client.get(&format!("{collection}/$count?{query}")).await.body;
        let expected_count = expected.split_whitespace().count().to_string();
        if found != *expected || count != expected_count {
            wrong.push(format!("{filter}\n  expected {expected}\n  found {found}, count {count}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn comparisons_and_logic() {
    let server = Server::start().await;
    let client = server.client();
    let table = [
        ("errorCode eq 0", "a d"),
        ("errorCode ne 0", "b c e"),
        ("errorCode gt 0", "b e"),
        ("errorCode ge 5", "b e"),
        ("errorCode lt 0", "c"),
        ("errorCode le 0", "a c d"),
        ("5 eq errorCode", "b"),
        ("ERRORcode eq 5 and RUNSTATE eq 'fail'", "b"),
        ("runState eq 'success'", "a"),
        ("runState ne 'SUCCESS'", "b c d e"),
        ("runState eq microsoft.graph.runState'fail'", "b"),
        ("runState in ('success', 'fail')", "a b"),
        ("errorCode in (5,-7)", "b c"),
        ("not (errorCode in (5))", "a c d e"),
        ("id in ('a','z')", "a"),
        ("errorCode eq 5 or errorCode eq 0 and runState eq 'unknown'", "b d"),
        ("(errorCode eq 5 or errorCode eq 0) and runState eq 'unknown'", "d"),
        ("not (errorCode eq 5) and not (errorCode eq 0)", "c e"),
        ("true", "a b c d e"),
        ("false", ""),
    ];
    finds(&client, &run_states(&client).await, "id", &table).await;
}

#[tokio::test]
async fn a_comparison_with_null_is_false_and_a_function_of_null_is_null() {
    let server = Server::start().await;
    let client = server.client();
    let table = [
        ("resultMessage eq null", "c d"),
        ("null eq resultMessage", "c d"),
        ("resultMessage ne null", "a b e"),
        ("resultMessage gt null", ""),
        ("not (resultMessage gt null)", "a b c d e"),
        ("resultMessage in ('Done', null)", "a c d"),
        ("resultMessage ne 'Done'", "b c d e"),
        ("not (resultMessage eq 'Done')", "b c d e"),
        ("resultMessage gt 'D'", "a b"),
        ("not (resultMessage gt 'D')", "c d e"),
        ("resultMessage eq errorDescription", "c d"),
        ("resultMessage ne errorDescription", "a b e"),
        ("contains(resultMessage,'o')", "a b"),
        ("not contains(resultMessage,'o')", "e"),
        ("contains(resultMessage,'o') or errorCode eq -7", "a b c"),
        ("length(resultMessage) eq null", "c d"),
        ("length(resultMessage) gt 4", "b e"),
        ("not (length(resultMessage) gt 4)", "a c d"),
        ("not (errorCode gt length(resultMessage))", "a b c d"),
        ("not (length(resultMessage) lt errorCode)", "a b c d"),
        ("managedDevice/id eq null", "c d"),
        ("managedDevice/deviceName eq null", "b c d"),
        ("managedDevice/operatingSystem ne 'Windows'", "b c d"),
        ("not contains(managedDevice/deviceName,'x')", "a e"),
        ("errorCode div 0 eq 1", ""),
        ("errorCode mod 0 eq null", "a b c d e"),
    ];
    finds(&client, &run_states(&client).await, "id", &table).await;
}

#[tokio::test]
async fn string_functions_and_arithmetic() {
    let server = Server::start().await;
    let client = server.client();
    let table = [
        ("startswith(resultMessage,'It''s')", "b"),
        ("endswith(resultMessage,'ne')", "a"),
        ("startsWith(resultMessage,'D')", "a"),
        ("contains(resultMessage,'%')", ""),
        ("length(resultMessage) eq 4", "a"),
        ("indexof(resultMessage,'o') eq 1", "a"),
        ("substring(resultMessage,1) eq 'one'", "a"),
        ("substring(resultMessage,1,2) eq 'on'", "a"),
        ("tolower(resultMessage) eq 'done'", "a"),
        ("toupper(resultMessage) eq 'DONE'", "a"),
        ("trim(resultMessage) eq 'padded'", "e"),
        ("concat(concat(id,':'),resultMessage) eq 'a:Done'", "a"),
        ("errorCode add 2 eq 7", "b"),
        ("errorCode sub 2 eq 3", "b"),
        ("errorCode mul 9999999999 gt 0", "b e"),
        ("errorCode mul 1e100 mul 1e100 mul 1e100 gt 0", "b e"),
        ("errorCode div 2 eq 2", "b"),
        ("errorCode divby 2 eq 2.5", "b"),
        ("errorCode mod 2 eq 1", "b e"),
        ("-errorCode eq 7", "c"),
        ("1 add 2 mul 3 eq 7", "a b c d e"),
        ("round(errorCode divby 2) eq 3", "b"),
        ("floor(errorCode divby 2) eq -4", "c"),
        ("ceiling(errorCode divby 2) eq -3", "c"),
        ("managedDevice/id eq 'd1'", "a e"),
        ("managedDevice/complianceState eq 'compliant'", "a e"),
        ("managedDevice/hardwareInformation/serialNumber eq 'S1'", "a e"),
        ("managedDevice/hardwareInformation/totalStorageSpace gt 63", "a e"),
    ];
    finds(&client, &run_states(&client).await, "id", &table).await;
}

#[tokio::test]
async fn date_functions_use_the_offset_of_the_value() {
    let server = Server::start().await;
    let client = server.client();
    let at = "lastStateUpdateDateTime";
    let table = [
        ("AT eq 2017-01-01T08:02:58.4418045Z", "a"),
        ("AT eq 2017-01-01T09:02:58.4418045+01:00", "a"),
        ("AT gt 2020-02-29T23:30:00Z", "c e"),
        ("year(AT) eq 2017", "a"),
        ("month(AT) eq 6", "c"),
        ("day(AT) eq 1 and hour(AT) eq 0", "a d"),
        ("hour(AT) eq 12", "c"),
        ("minute(AT) eq 2", "a"),
        ("second(AT) eq 58", "a"),
        ("fractionalseconds(AT) eq 0.4418045", "a"),
        ("date(AT) eq 2020-02-29", "b e"),
        ("time(AT) eq 12:00:00", "c"),
        ("totaloffsetminutes(AT) eq -480", "a"),
        ("totaloffsetminutes(AT) gt 0", "c"),
        ("AT lt now()", "a b c d e"),
        ("AT eq mindatetime()", "d"),
        ("AT lt maxdatetime()", "a b c d e"),
        ("AT sub duration'P1D' lt 2017-01-01T00:00:00Z", "a d"),
        ("now() sub AT gt duration'P1D'", "a b c d e"),
        ("AT add duration'P9999999D' gt now()", "a b c d e"),
        ("year(2000-01-01T00:30:00+01:00) eq 2000", "a b c d e"),
    ];
    let table: Vec<_> = table.iter().map(|(it, ids)| (it.replace("AT", at), *ids)).collect();
    let table: Vec<_> = table.iter().map(|(it, ids)| (&**it, *ids)).collect();
    finds(&client, &run_states(&client).await, "id", &table).await;
}

#[tokio::test]
async fn lambdas_and_navigation_paths() {
    let server = Server::start().await;
    let client = server.client();
    let kind = "@odata.type";
    for script in [
        json!({ "displayName": "x", "roleScopeTagIds": ["0", "1"], "assignments": [
            { "target": { kind: "#microsoft.graph.groupAssignmentTarget", "groupId": "g1" } }],
            "deviceRunStates": [{ "runState": "fail", "errorCode": 3, "resultMessage": "x" }] }),
        json!({ "displayName": "y", "roleScopeTagIds": [], "assignments": [
            { "target": { kind: "#microsoft.graph.allDevicesAssignmentTarget" } }],
            "userRunStates": [{ "deviceRunStates": [{ "runState": "success" }] }] }),
        json!({ "displayName": "z", "roleScopeTagIds": ["1", "2"] }),
    ] {
        client.post(SCRIPTS, &script).await.created();
    }
    let table = [
        ("displayName eq 'x'", "x"),
        ("roleScopeTagIds/any(t:t eq '0')", "x"),
        ("roleScopeTagIds/any()", "x z"),
        ("roleScopeTagIds/any(t:t eq null)", ""),
        ("roleScopeTagIds/all(t:t eq '1')", "y"),
        ("roleScopeTagIds/all(t:contains(t,'1'))", "y"),
        ("not roleScopeTagIds/any(t:t eq '1')", "y"),
        ("assignments/any()", "x y"),
        ("not assignments/any()", "z"),
        ("assignments/$count eq 1", "x y"),
        ("assignments/any(a:a/target/groupId eq 'g1')", "x"),
        ("assignments/all(a:a/target/groupId eq 'g1')", "x z"),
        ("groupAssignments/any(g:g/targetGroupId eq 'g1')", "x"),
        ("deviceRunStates/any(r:r/resultMessage eq displayName)", "x"),
        ("userRunStates/any(u:u/deviceRunStates/any(r:r/runState eq 'success'))", "y"),
        ("runSummary/errorDeviceCount gt 0", "x"),
        ("runSummary/id eq id and length(runSummary/id) eq 36", "x y z"),
        ("runSummary/id eq 'a' or runSummary/id in ('a',null)", ""),
        ("runSummary/successUserCount eq 1", "y"),
    ];
    finds(&client, SCRIPTS, "displayName", &table).await;
}

#[tokio::test]
async fn an_invalid_filter_is_400_and_the_message_locates_the_error() {
    let server = Server::start().await;
    let client = server.client();
    let states = run_states(&client).await;
    for (filter, words) in [
        ("errorCode eq 'x'", "column 14"),
        ("resultMessage eq 5", "column 18"),
        ("runState eq 5", "column 13"),
        ("runState eq 'nonsense'", "notApplicable"),
        ("runState eq microsoft.graph.other'fail'", "column 13"),
        ("lastStateUpdateDateTime eq '2017-01-01T00:00:00Z'", "column 28"),
        ("lastStateUpdateDateTime eq 2017-01-01T00:00:00", "column 28"),
        ("errorCode in (5,'x')", "column 17"),
        ("errorCode eq resultMessage", "column"),
        ("nonsense eq 1", "'nonsense'"),
        ("managedDevice/nonsense eq 1", "column 15"),
        ("id/nonsense eq 1", "'nonsense'"),
        ("frobnicate(id) eq 1", "'frobnicate'"),
        ("contains(errorCode,'5')", "contains"),
        ("contains(id)", "contains"),
        ("runState has 'success'", "has"),
        ("errorCode", "column 1"),
        ("errorCode eq", "column"),
        ("(errorCode eq 1", "column"),
        ("errorCode eq 1 1", "column"),
        ("id/any()", "column"),
        ("errorCode add 'x' eq 1", "column"),
        ("errorCode eq 99999999999999999999999999999999999999999999999999", "column 14"),
        ("errorCode eq 1e999999", "column 14"),
    ] {
        for path in [format!("{states}?"), format!("{states}/$count?")] {
            let reply = client.get(&format!("{path}$filter={}", encoded(filter))).await;
            let message = reply.refused(400, "BadRequest");
            assert!(message.contains(words), "{filter}: {message}");
        }
    }
}
