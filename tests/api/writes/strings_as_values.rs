//! Which strings in a body are read as booleans, whole numbers and members of enumerations?

use serde_json::{Value as Json, json};

use crate::harness::{Client, DEVICES, Reply, SCRIPTS, Server};

/// A script with a user state and a device state, which are to be changed.
struct Target<'a> {
    client: &'a Client,
    script: String,
    user: String,
}

impl<'a> Target<'a> {
    async fn new(client: &'a Client) -> Self {
        let script = client.new_script().await;
        let user = client.new_user_state(&script, "u").await;
        client.post(&format!("{script}/deviceRunStates"), &json!({ "id": "d" })).await.created();
        Self { client, script, user }
    }

    /// Writes the same device state in each way that there is: created, below a user state, inside
    /// the body of a script, changed, and in a batch.
    async fn write_state(&self, state: &Json) -> Vec<Reply> {
        let states = format!("{}/deviceRunStates", self.script);
        let scripts = json!({ "deviceRunStates": [state] });
        let request = json!({
            "id": "1", "method": "POST", "url": states, "body": state,
            "headers": { "Content-Type": "application/json" },
        });
        vec![
            self.client.post(&states, state).await,
            self.client.post(&format!("{}/deviceRunStates", self.user), state).await,
            self.client.post(SCRIPTS, &scripts).await,
            self.client.patch(&format!("{states}/d"), state).await,
            self.client.post("/beta/$batch", &json!({ "requests": [request] })).await,
        ]
    }

    /// The member of the states that [`Target::write_state`] has written.
    async fn written(&self, replies: &[Reply], name: &str) -> Vec<Json> {
        let [created, below, script, changed, batch] = replies else { panic!("{replies:?}") };
        let script = script.created()["id"].as_str().unwrap().to_owned();
        let inserted = self.client.get(&format!("{SCRIPTS}/{script}/deviceRunStates")).await.ok();
        let answer = batch.ok()["responses"][0].clone();
        assert_eq!(answer["status"], 201, "{answer}");
        let states = [
            created.created(),
            below.created(),
            inserted["value"][0].clone(),
            changed.ok(),
            answer["body"].clone(),
        ];
        states.iter().map(|state| state[name].clone()).collect()
    }

    async fn everything(&self) -> Json {
        self.client.get(&format!("{SCRIPTS}?$expand=deviceRunStates,userRunStates")).await.ok()
    }
}

/// The message of a refusal, alone or in a batch.
fn message(reply: &Reply) -> String {
    match reply.status {
        200 => {
            let answer = &reply.json()["responses"][0];
            assert_eq!(answer["status"], 400, "{answer}");
            answer["body"]["error"]["message"].as_str().unwrap().to_owned()
        }
        _ => reply.refused(400, "ModelValidationFailure"),
    }
}

#[tokio::test]
async fn a_script_may_have_booleans_and_members_as_strings() {
    let server = Server::start().await;
    let client = server.client();
    let body = r#"{"displayName":"demo","runAs32Bit":"true","enforceSignatureCheck":"False"}"#;
    let created = client.post_text(SCRIPTS, body).await.created();
    assert_eq!(created["runAs32Bit"], true);
    assert_eq!(created["enforceSignatureCheck"], false);
    let body = r#"{"displayName":"demo","runAsAccount":"System"}"#;
    assert_eq!(client.post_text(SCRIPTS, body).await.created()["runAsAccount"], "system");
    let script = format!("{SCRIPTS}/{}", created["id"].as_str().unwrap());
    let body = json!({ "runAs32Bit": "FALSE", "runAsAccount": "USER" });
    let changed = client.patch(&script, &body).await.ok();
    assert_eq!((&changed["runAs32Bit"], &changed["runAsAccount"]), (&json!(false), &json!("user")));
}

#[tokio::test]
async fn strings_that_are_no_booleans_are_refused_by_name() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let before = client.get(SCRIPTS).await.ok();
    for value in ["maybe", "", " true", "true ", "1", "0", "yes", "t", "null", "'true'"] {
        let body = json!({ "runAs32Bit": value });
        let words = format!(
            "The property 'runAs32Bit' cannot be read: Cannot convert the literal '{value}' to the \
             expected type 'Edm.Boolean'."
        );
        for reply in [client.post(SCRIPTS, &body).await, client.patch(&script, &body).await] {
            assert_eq!(reply.refused(400, "ModelValidationFailure"), words);
        }
    }
    for value in [json!(1), json!(0)] {
        let body = json!({ "runAs32Bit": value });
        client.post(SCRIPTS, &body).await.refused(400, "ModelValidationFailure");
    }
    assert_eq!(client.get(SCRIPTS).await.ok(), before);
}

#[tokio::test]
async fn whole_numbers_may_be_strings_of_digits() {
    let server = Server::start().await;
    let client = server.client();
    let target = Target::new(&client).await;
    for (text, number) in [
        ("-1", -1),
        ("0", 0),
        ("007", 7),
        ("2147483647", 2_147_483_647_i64),
        ("-2147483648", -2_147_483_648),
    ] {
        let replies = target.write_state(&json!({ "errorCode": text })).await;
        assert_eq!(target.written(&replies, "errorCode").await, vec![json!(number); 5], "{text}");
    }
    let body = json!({
        "skuNumber": "-1",
        "freeStorageSpaceInBytes": "9223372036854775807",
        "isEncrypted": "tRUE",
        "hardwareInformation": { "batteryChargeCycles": "5", "batteryLevelPercentage": "50" },
        "chromeOSDeviceInfo": [{ "updatable": "true" }],
    });
    let device = client.post(DEVICES, &body).await.created();
    for (place, value) in [
        ("/skuNumber", json!(-1)),
        ("/freeStorageSpaceInBytes", json!(i64::MAX)),
        ("/isEncrypted", json!(true)),
        ("/hardwareInformation/batteryChargeCycles", json!(5)),
        ("/hardwareInformation/batteryLevelPercentage", json!(50.0)),
        ("/chromeOSDeviceInfo/0/updatable", json!(true)),
    ] {
        assert_eq!(device.pointer(place), Some(&value), "{place}");
    }
    let counts = json!({ "errorDeviceCount": "3" });
    let summary = client.patch(&format!("{}/runSummary", target.script), &counts).await.ok();
    assert_eq!(summary["errorDeviceCount"], 3);
}

#[tokio::test]
async fn strings_that_are_no_whole_numbers_are_refused_by_name() {
    let server = Server::start().await;
    let client = server.client();
    let target = Target::new(&client).await;
    let before = target.everything().await;
    for text in [
        "",
        "-",
        "+1",
        " 1",
        "1 ",
        "1.5",
        "1.0",
        "1e3",
        "0x1",
        "1_000",
        "1,000",
        "--1",
        "٣",
        "2147483648",
        "-2147483649",
        "99999999999999999999",
        "null",
        "true",
    ] {
        let words = format!(
            "The property 'errorCode' cannot be read: Cannot convert the literal '{text}' to the \
             expected type 'Edm.Int32'."
        );
        for reply in target.write_state(&json!({ "errorCode": text })).await {
            assert!(message(&reply).ends_with(&words), "{text}: {reply:?}");
        }
    }
    assert_eq!(target.everything().await, before);
    let percentage = json!({ "hardwareInformation": { "batteryLevelPercentage": "1.5" } });
    let message = client.post(DEVICES, &percentage).await.refused(400, "ModelValidationFailure");
    assert!(message.contains("'batteryLevelPercentage' cannot be read"), "{message}");
    let too_large = json!({ "freeStorageSpaceInBytes": "9223372036854775808" });
    let message = client.post(DEVICES, &too_large).await.refused(400, "ModelValidationFailure");
    assert!(message.contains("'freeStorageSpaceInBytes' cannot be read"), "{message}");
    assert_eq!(client.get(DEVICES).await.ok()["value"], json!([]));
}

#[tokio::test]
async fn members_of_enumerations_are_read_in_any_case() {
    let server = Server::start().await;
    let client = server.client();
    let target = Target::new(&client).await;
    for (text, member) in [("SCRIPTERROR", "scriptError"), ("Success", "success")] {
        let replies = target.write_state(&json!({ "runState": text })).await;
        assert_eq!(target.written(&replies, "runState").await, vec![json!(member); 5], "{text}");
    }
    let body = json!({
        "managementState": "RETIREPENDING",
        "cloudPcRemoteActionResults": [{ "actionState": "Done" }],
    });
    let device = client.post(DEVICES, &body).await.created();
    assert_eq!(device["managementState"], "retirePending");
    assert_eq!(device["cloudPcRemoteActionResults"][0]["actionState"], "done");
}

#[tokio::test]
async fn what_is_no_member_is_refused_with_the_members() {
    let server = Server::start().await;
    let client = server.client();
    let target = Target::new(&client).await;
    let before = target.everything().await;
    for value in [json!("0"), json!(2), json!("sucess"), json!(""), json!(" fail"), json!("fäil")]
    {
        let literal = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let words = format!(
            "The property 'runState' cannot be read: Cannot convert the literal '{literal}' to the \
             expected type 'microsoft.graph.runState'. Its members are unknown, success, fail, \
             scriptError, pending, notApplicable."
        );
        for reply in target.write_state(&json!({ "runState": value })).await {
            assert!(message(&reply).ends_with(&words), "{value}: {reply:?}");
        }
    }
    assert_eq!(target.everything().await, before);
    let body = json!({ "displayName": "demo", "runAsAccount": "sytem" });
    let message = client.post(SCRIPTS, &body).await.refused(400, "ModelValidationFailure");
    assert!(message.ends_with("Its members are system, user."), "{message}");
}
