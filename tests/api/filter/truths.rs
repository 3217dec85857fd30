//! Is a condition a value, and are the functions that do not exist named?

use super::results::finds;
use crate::harness::{DEVICES, Server, encoded};
use serde_json::json;

#[tokio::test]
async fn a_condition_is_compared_sorted_and_cast_like_a_boolean() {
    let server = Server::start().await;
    let client = server.client();
    for (id, name, supervised) in
        [("a", json!("x"), true), ("b", json!("y"), false), ("c", json!(null), true)]
    {
        let body = json!({ "id": id, "deviceName": name, "isSupervised": supervised });
        client.post(DEVICES, &body).await.created();
    }
    let table = [
        ("(deviceName eq 'x') eq true", "a"),
        ("deviceName eq 'x' eq true", "a"),
        ("(deviceName eq 'x') ne true", "b c"),
        ("false eq (deviceName eq 'x' or deviceName eq 'y')", "c"),
        ("(deviceName eq 'x') eq isSupervised", "a b"),
        ("(deviceName eq null) eq (id in ('a','c'))", "b c"),
        ("not isSupervised eq true", "b"),
        ("not (isSupervised eq true) eq (id eq 'b')", "a b c"),
        ("contains(deviceName,'x') eq null", "c"),
        ("(deviceName gt 'x') in (true)", "b"),
        ("chromeOSDeviceInfo/any() eq false", "a b c"),
        ("cast(deviceName eq 'y',Edm.String) eq 'true'", "b"),
        ("(null eq null) eq true", "a b c"),
        ("(deviceName eq 'x') eq null", ""),
    ];
    finds(&client, DEVICES, "id", &table).await;
    for (order, expected) in [
        ("(deviceName eq 'x') desc,id desc", ["a", "c", "b"]),
        ("id ne 'b',id", ["b", "a", "c"]),
        ("null eq null,id", ["a", "b", "c"]),
        ("isof(microsoft.graph.managedDevice) and true,id desc", ["c", "b", "a"]),
    ] {
        let pages = format!("{DEVICES}?$select=id&$top=1&$orderby={}", encoded(order));
        assert_eq!(client.ids(&pages).await, expected, "{order}");
    }
}

#[tokio::test]
async fn what_is_no_condition_or_no_function_is_400_and_named() {
    let server = Server::start().await;
    let client = server.client();
    for (filter, message) in [
        ("null", "column 1: found a value where a condition was expected."),
        ("not null", "column 5: found a value where a condition was expected."),
        ("not deviceName eq 'x'", "column 5: found a value where a condition was expected."),
        (
            "(id eq 'a') eq 1",
            "column 16: 1 is not a literal of type 'Edm.Boolean', which is true or false.",
        ),
        (
            "(id eq 'a') add 1 eq 2",
            "column 13: 'add' cannot combine 'Edm.Boolean' with 'Edm.Decimal'.",
        ),
        (
            "length(id eq 'a') eq 1",
            "column 11: 'length' does not accept a value of type 'Edm.Boolean' here.",
        ),
        ("case(id eq 'a':true,true:false)", "column 1: the function 'case' is not supported."),
        ("substring(id) eq 'a'", "column 1: 'substring' takes 2 or 3 arguments, not 1."),
        ("length() eq 1", "column 1: 'length' takes 1 argument, not 0."),
        ("now(1) gt now()", "column 1: 'now' takes no arguments, not 1."),
        (
            "lastSyncDateTime gt now() sub duration'P99999999D'",
            "column 31: duration'P99999999D' is not a literal of type 'Edm.Duration', which is a duration of less than 10675200 days, such as duration'PT1H'.",
        ),
    ] {
        let reply = client.get(&format!("{DEVICES}?$filter={}", encoded(filter))).await;
        let expected = format!("The value of $filter is not valid at {message}");
        assert_eq!(reply.refused(400, "BadRequest"), expected, "{filter}");
    }
    for name in ["geo.distance", "matchesPattern", "hassubset", "frobnicate"] {
        let reply = client.get(&format!("{DEVICES}?$filter={name}(nonsense,1) gt 1")).await;
        let message = reply.refused(400, "BadRequest");
        assert!(
            message.contains(&format!("column 1: there is no function '{name}'.")),
            "{message}"
        );
    }
}
