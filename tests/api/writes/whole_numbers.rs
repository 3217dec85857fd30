//! How may a whole number be written in JSON?

use reqwest::Method;
use serde_json::json;

use crate::harness::{Client, DEVICES, Reply, Server, send};

/// Spellings of whole numbers, and their values.
const WHOLE: &[(&str, i64)] = &[
    ("1.0", 1),
    ("1e2", 100),
    ("1.50E+1", 15),
    ("-20e-1", -2),
    ("-0.0", 0),
    ("2147483647.0", 2_147_483_647),
    ("-2147483648.00", -2_147_483_648),
    ("0.0000000001e10", 1),
    ("10000000000000000000000e-22", 1),
    ("-0", 0),
    ("0e400", 0),
];

async fn patch(client: &Client, path: &str, body: &str) -> Reply {
    let request = client.request(Method::PATCH, path).header("Content-Type", "application/json");
    send(request.body(body.to_owned())).await
}

/// Bodies with a number as an Int32, as an Int64 and in a complex value, with its JSON pointer.
fn bodies(number: &str) -> [(String, &'static str); 3] {
    let inner = format!("{{\"batteryChargeCycles\":{number}}}");
    [
        (format!("{{\"skuNumber\":{number}}}"), "/skuNumber"),
        (format!("{{\"freeStorageSpaceInBytes\":{number}}}"), "/freeStorageSpaceInBytes"),
        (
            format!("{{\"hardwareInformation\":{inner}}}"),
            "/hardwareInformation/batteryChargeCycles",
        ),
    ]
}

#[tokio::test]
async fn whole_numbers_may_have_a_zero_fraction_or_an_exponent() {
    let server = Server::start().await;
    let client = server.client();
    client.post(DEVICES, &json!({ "id": "d" })).await.created();
    let device = format!("{DEVICES}/d");
    for (written, read) in WHOLE {
        for (body, place) in bodies(written) {
            let created = client.post_text(DEVICES, &body).await.created();
            let changed = patch(&client, &device, &body).await.ok();
            for entity in [created, changed] {
                assert_eq!(entity.pointer(place), Some(&json!(read)), "{body}");
            }
        }
    }
    for (written, read) in [
        ("9007199254740991.0", 9_007_199_254_740_991_i64),
        ("9007199254740992.0", 9_007_199_254_740_992),
        ("9007199254740993.0", 9_007_199_254_740_993),
        ("1e18", 1_000_000_000_000_000_000),
        ("9223372036854775807.0", i64::MAX),
        ("-9.223372036854775808e18", i64::MIN),
    ] {
        let body = format!("{{\"freeStorageSpaceInBytes\":{written}}}");
        let created = client.post_text(DEVICES, &body).await.created();
        assert_eq!(created["freeStorageSpaceInBytes"], read, "{written}");
    }
}

#[tokio::test]
async fn a_refused_number_is_quoted_as_the_client_wrote_it() {
    let server = Server::start().await;
    let client = server.client();
    client.post(DEVICES, &json!({ "id": "d" })).await.created();
    let device = format!("{DEVICES}/d");
    let before = client.get(&device).await.ok();
    let long = format!("1.{}1", "0".repeat(100));
    let cut = format!("1.{}…", "0".repeat(58));
    for (written, quoted) in [
        ("1.00000000000000000001", "1.00000000000000000001"),
        ("0.99999999999999999999", "0.99999999999999999999"),
        ("2147483647.0000000001", "2147483647.0000000001"),
        ("1e-400", "1e-400"),
        ("-0.5E+0", "-0.5E+0"),
        ("9223372036854775808", "9223372036854775808"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("9223372036854775807.5", "9223372036854775807.5"),
        ("1e19", "1e19"),
        ("\"1.0\"", "1.0"),
        ("\"1e2\"", "1e2"),
        (&long, &cut),
    ] {
        for (name, of) in [("skuNumber", "Int32"), ("freeStorageSpaceInBytes", "Int64")] {
            let reply = patch(&client, &device, &format!("{{\"{name}\":{written}}}")).await;
            assert_eq!(
                reply.refused(400, "ModelValidationFailure"),
                format!(
                    "The property '{name}' cannot be read: Cannot convert the literal '{quoted}' \
                     to the expected type 'Edm.{of}'."
                )
            );
        }
    }
    let reply = patch(&client, &device, "{\"skuNumber\":1e400}").await;
    assert_eq!(
        reply.refused(400, "BadRequest"),
        "The request body is not valid JSON: in the property 'skuNumber': a number is out of range \
         at line 1 column 14."
    );
    assert_eq!(client.get(&device).await.ok(), before);
}

#[tokio::test]
async fn fractions_and_numbers_out_of_range_are_refused_by_name() {
    let server = Server::start().await;
    let client = server.client();
    client.post(DEVICES, &json!({ "id": "d" })).await.created();
    let device = format!("{DEVICES}/d");
    let before = client.get(&device).await.ok();
    for written in ["1.5", "1e-1", "9007199254740992.5", "1e19", "-1e300", "9223372036854775808"] {
        for (body, place) in bodies(written) {
            let name = place.rsplit('/').next().unwrap();
            let words = format!("The property '{name}' cannot be read: Cannot convert the literal");
            for reply in
                [client.post_text(DEVICES, &body).await, patch(&client, &device, &body).await]
            {
                let message = reply.refused(400, "ModelValidationFailure");
                assert!(message.contains(&words), "{body}: {message}");
            }
        }
    }
    for written in ["2147483648.0", "-2147483649", "3e9"] {
        let body = format!("{{\"skuNumber\":{written}}}");
        let message = patch(&client, &device, &body).await.refused(400, "ModelValidationFailure");
        assert!(message.contains("'skuNumber' cannot be read"), "{message}");
    }
    assert_eq!(client.get(&device).await.ok(), before);
    assert_eq!(client.get(&format!("{DEVICES}/$count")).await.body, "1");
}
