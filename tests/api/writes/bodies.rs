//! Is an invalid body refused with the name of the property, and is nothing stored?

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{Client, SCRIPTS, Server, send};

async fn device_states(client: &Client) -> String {
    format!("{}/deviceRunStates", client.new_script().await)
}

/// Asserts that each body is refused as `ModelValidationFailure` with these words, and that nothing is
/// stored.
async fn refuses(bodies: &[(Json, &str)]) {
    let server = Server::start().await;
    let client = server.client();
    let states = device_states(&client).await;
    for (body, words) in bodies {
        let message = client.post(&states, body).await.refused(400, "ModelValidationFailure");
        assert!(message.contains(words), "{body}: {message}");
    }
    assert_eq!(client.get(&states).await.ok()["value"], json!([]));
}

#[tokio::test]
async fn unknown_and_repeated_properties_are_refused() {
    refuses(&[
        (json!({ "runStat": "success" }), "The property 'runStat' does not exist on type 'microsoft.graph.deviceManagementScriptDeviceState'."),
        (json!({ "managedDeviceId": "x" }), "The property 'managedDeviceId' does not exist"),
        (json!({ "": 1 }), "The property '' does not exist"),
        (json!({ "runState": "fail", "RunState": "success" }), "The property 'runState' is given more than once."),
    ])
    .await;
}

#[tokio::test]
async fn each_value_must_fit_its_type() {
    let int32 = "to the expected type 'Edm.Int32'";
    refuses(&[
        (json!({ "errorCode": "nine" }), int32),
        (json!({ "errorCode": 9.5 }), int32),
        (json!({ "errorCode": 2_147_483_648.0 }), int32),
        (json!({ "errorCode": 1e300 }), int32),
        (json!({ "errorCode": 2_147_483_648_i64 }), "Cannot convert the literal '2147483648' to the expected type 'Edm.Int32'"),
        (json!({ "errorCode": -2_147_483_649_i64 }), int32),
        (json!({ "errorCode": true }), int32),
        (json!({ "errorCode": [9] }), "'errorCode' cannot be read: An unexpected 'StartArray' node"),
        (json!({ "resultMessage": 9 }), "'resultMessage' cannot be read: Cannot convert the literal '9' to the expected type 'Edm.String'"),
        (json!({ "resultMessage": {} }), "An unexpected 'StartObject' node"),
        (json!({ "runState": "succes" }), "'runState' cannot be read: Cannot convert the literal 'succes' to the expected type 'microsoft.graph.runState'. Its members are unknown, success, fail, scriptError, pending, notApplicable."),
        (json!({ "runState": "error" }), "'runState' cannot be read"),
        (json!({ "runState": 1 }), "'runState' cannot be read"),
        (json!({ "id": 1 }), "'id' cannot be read"),
    ])
    .await;
}

#[tokio::test]
async fn null_is_refused_for_properties_that_are_not_nullable() {
    for name in ["runState", "errorCode", "lastStateUpdateDateTime", "id"] {
        let words = format!("The property '{name}' cannot be read: A null value was found");
        refuses(&[(json!({ name: null }), &words)]).await;
    }
}

#[tokio::test]
async fn a_date_time_must_follow_the_odata_grammar() {
    let words = "'lastStateUpdateDateTime' cannot be read";
    let wrong = [
        json!("2017-01-01"),
        json!("2017-01-01T00:02:58"),
        json!("2017-01-01 00:02:58Z"),
        json!("2017-02-29T00:00:00Z"),
        json!("2017-01-01T24:00:00Z"),
        json!("2017-01-01T00:00:60Z"),
        json!("2017-01-01T00:02:58.44180451Z"),
        json!("2017-01-01T00:02:58+15:00"),
        json!("0000-01-01T00:00:00Z"),
        json!("0001-01-01T00:00:00+01:00"),
        json!("10000-01-01T00:00:00Z"),
        json!("9999-12-31T23:59:59-01:00"),
        json!(""),
        json!("now"),
        json!(1_483_228_800),
    ];
    let bodies = wrong.map(|value| (json!({ "lastStateUpdateDateTime": value }), words));
    refuses(&bodies).await;
}

#[tokio::test]
async fn the_alias_of_the_namespace_is_read_as_the_namespace() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let states = format!("{script}/deviceRunStates");
    let of = "#graph.deviceManagementScriptDeviceState";
    let state = json!({ "@odata.type": of, "id": "a", "runState": "success" });
    client.post(&states, &state).await.created();
    let filter = "$filter=runState eq Graph.runState'success'";
    assert_eq!(client.get(&format!("{states}?{filter}")).await.ok()["value"][0]["id"], "a");
    let target = json!({ "@odata.type": "#graph.allDevicesAssignmentTarget" });
    let assignments = json!({ "deviceManagementScriptAssignments": [{ "target": target }] });
    assert_eq!(client.post(&format!("{script}/graph.assign"), &assignments).await.status, 204);
    let wrong = json!({ "@odata.type": "#graphs.deviceManagementScriptDeviceState" });
    let message = client.post(&states, &wrong).await.refused(400, "ModelValidationFailure");
    assert!(
        message.starts_with("A type named 'graphs.deviceManagementScriptDeviceState'"),
        "{message}"
    );
}

#[tokio::test]
async fn text_that_postgresql_cannot_store_is_refused_by_name() {
    let server = Server::start().await;
    let client = server.client();
    let states = device_states(&client).await;
    let message = client
        .post(&states, &json!({ "resultMessage": "a\u{0}b" }))
        .await
        .refused(400, "ModelValidationFailure");
    assert!(message.contains("'resultMessage'") && message.contains("U+0000"), "{message}");
    let lone = client.post_text(&states, r#"{"errorDescription":"\ud800"}"#).await;
    let message = lone.refused(400, "BadRequest");
    assert!(message.contains("'errorDescription'"), "{message}");
    assert_eq!(client.get(&states).await.ok()["value"], json!([]));
}

#[tokio::test]
async fn an_id_has_1_to_255_characters_and_no_slash() {
    let words = "The property 'id' must have 1 to 255 characters";
    let wrong = ["", "a/b", "a\nb", "\u{7f}", &"é".repeat(256)];
    let bodies: Vec<_> = wrong.iter().map(|id| (json!({ "id": id }), words)).collect();
    refuses(&bodies).await;
    refuses(&[(json!({ "id": "\u{0}" }), "'id' cannot be read")]).await;
}

#[tokio::test]
async fn the_type_annotation_must_name_the_expected_type() {
    refuses(&[
        (json!({ "@odata.type": "#microsoft.graph.deviceManagementScript" }), "is not assignable to the expected type 'microsoft.graph.deviceManagementScriptDeviceState'"),
        (json!({ "@odata.type": "#microsoft.graph.nonsense" }), "A type named 'microsoft.graph.nonsense' could not be resolved by the model"),
        (json!({ "@odata.type": 1 }), "The annotation '@odata.type' is not a string"),
    ])
    .await;
    let server = Server::start().await;
    let client = server.client();
    let states = device_states(&client).await;
    for name in [
        "microsoft.graph.deviceManagementScriptDeviceState",
        "#Microsoft.Graph.DeviceManagementScriptDeviceState",
    ] {
        client.post(&states, &json!({ "@odata.type": name })).await.created();
    }
}

#[tokio::test]
async fn irrelevant_annotations_are_ignored() {
    let server = Server::start().await;
    let client = server.client();
    let states = device_states(&client).await;
    let body = json!({
        "@odata.context": "anything",
        "@odata.id": 1,
        "runState@odata.type": "#microsoft.graph.runState",
        "@example.note": {},
        "#microsoft.graph.assign": { "target": "x" },
        "runState": "success"
    });
    assert_eq!(client.post(&states, &body).await.created()["runState"], "success");
}

#[tokio::test]
async fn a_body_must_be_one_json_object() {
    let server = Server::start().await;
    let client = server.client();
    let states = device_states(&client).await;
    for (body, words) in [
        ("", "line 1 column 0"),
        ("{", "line 1 column 1"),
        ("{\n  \"runState\": success\n}", "line 2 column"),
        ("{} {}", "trailing characters at line 1 column 4"),
        ("{runState:'success'}", "line 1 column 2"),
        (
            r#"{"runState":"fail","runState":"success"}"#,
            "the name 'runState' is given twice at line 1",
        ),
        ("{\"resultMessage\":\"a\tb\"}", "in the property 'resultMessage'"),
        ("\u{feff}\u{feff}{}", "line 1 column 1"),
    ] {
        let message = client.post_text(&states, body).await.refused(400, "BadRequest");
        assert!(message.contains("not valid JSON") && message.contains(words), "{body}: {message}");
    }
    for body in ["[]", "null", "1", "\"text\""] {
        client.post_text(&states, body).await.refused(400, "ModelValidationFailure");
    }
    let deep = format!("{}{}", r#"{"a":"#.repeat(5000), "}".repeat(5000));
    let message = client.post_text(&states, &deep).await.refused(400, "BadRequest");
    assert!(message.contains("nesting is deeper than"), "{message}");
    assert_eq!(client.get(&states).await.ok()["value"], json!([]));
}

#[tokio::test]
async fn the_content_type_must_be_json() {
    let server = Server::start().await;
    let client = server.client();
    let states = device_states(&client).await;
    for content_type in [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin1",
        "",
    ] {
        let request = client.request(Method::POST, &states).header("Content-Type", content_type);
        send(request.body("{}")).await.refused(415, "UnsupportedMediaType");
    }
    let request = client.request(Method::POST, &states).body("{}");
    let message = send(request).await.refused(415, "UnsupportedMediaType");
    assert_eq!(message, "The Content-Type header is missing. Send application/json.");
    for second in ["application/json", "text/plain"] {
        let request = client.request(Method::POST, &states);
        let request = request.header("Content-Type", "application/json");
        let request = request.header("Content-Type", second).body("{}");
        let message = send(request).await.refused(415, "UnsupportedMediaType");
        assert_eq!(message, "The Content-Type header is given more than once. Send it once.");
    }
    assert_eq!(client.get(&states).await.ok()["value"], json!([]));
    let gzipped = client.request(Method::POST, &states).header("Content-Type", "application/json");
    let gzipped = gzipped.header("Content-Encoding", "gzip").body("{}");
    send(gzipped).await.refused(415, "UnsupportedMediaType");
    let request = client.request(Method::POST, &states);
    let request =
        request.header("Content-Type", "application/json;odata.metadata=minimal;charset=UTF-8");
    send(request.body("{}")).await.created();
}

#[tokio::test]
async fn a_body_has_at_most_4_mebibytes() {
    let server = Server::start().await;
    let client = server.client();
    let states = device_states(&client).await;
    let body = |length: usize| json!({ "resultMessage": "x".repeat(length - 20) }).to_string();
    let limit = 4 * 1024 * 1024;
    assert_eq!(body(limit).len(), limit);
    client.post_text(&states, &body(limit)).await.created();
    client.post_text(&states, &body(limit + 1)).await.refused(413, "RequestEntityTooLarge");
}

#[tokio::test]
async fn the_body_of_a_script_is_validated_as_strictly() {
    let server = Server::start().await;
    let client = server.client();
    for (body, words) in [
        (
            json!({ "scriptContent": "no base64!" }),
            "'scriptContent' cannot be read: Cannot convert the literal 'no base64!' to the expected type 'Edm.Binary'",
        ),
        (json!({ "roleScopeTagIds": null }), "'roleScopeTagIds' cannot be read"),
        (json!({ "roleScopeTagIds": "0" }), "A 'StartArray' node was expected"),
        (json!({ "roleScopeTagIds": [0] }), "'roleScopeTagIds' cannot be read"),
        (
            json!({ "roleScopeTagIds": ["0", null] }),
            "'roleScopeTagIds' cannot be read: In item 1: A null value was found, which has the expected type 'Edm.String[Nullable=False]'.",
        ),
        (json!({ "enforceSignatureCheck": "maybe" }), "to the expected type 'Edm.Boolean'"),
        (json!({ "runAsAccount": "root" }), "Its members are system, user."),
        (json!({ "deviceRunStates": {} }), "The navigation property 'deviceRunStates'"),
    ] {
        let message = client.post(SCRIPTS, &body).await.refused(400, "ModelValidationFailure");
        assert!(message.contains(words), "{body}: {message}");
    }
    assert_eq!(client.get(SCRIPTS).await.ok()["value"], json!([]));
}
