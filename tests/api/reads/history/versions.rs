//! What becomes a version, and in which order are versions?

use chrono::DateTime;
use serde_json::{Value as Json, json};

use super::{column, report, reported, text, values};
use crate::harness::{DEVICES, Server};

#[tokio::test]
async fn the_current_version_comes_first_and_each_begins_where_the_next_ends() {
    let server = Server::start().await;
    let client = server.client();
    let state = reported(&client, &[1, 2]).await;
    let mut page = client.get(&format!("{state}/history")).await.ok();
    let times: Vec<Json> = page["value"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .flat_map(|version| {
            let version = version.as_object_mut().unwrap();
            ["validFrom", "validTo"].map(|name| version.remove(name).unwrap())
        })
        .collect();
    let [newest_from, newest_to, oldest_from, oldest_to] = &times[..] else { panic!("{times:?}") };
    assert_eq!((newest_from, newest_to), (oldest_to, &Json::Null));
    let instant = |time: &Json| DateTime::parse_from_rfc3339(text(time)).unwrap();
    assert!(instant(oldest_from) < instant(oldest_to), "{times:?}");
    let script = state.split('/').nth_back(2).unwrap();
    let version = |number: i32| {
        json!({
            "@odata.type": "#runstate.runStateVersion",
            "id": number.to_string(),
            "runState": "fail",
            "resultMessage": null,
            "lastStateUpdateDateTime": "0001-01-01T00:00:00Z",
            "errorCode": number,
            "errorDescription": null,
            "version": number,
        })
    };
    let expected = json!({
        "@odata.context": format!(
            "{}/beta/$metadata#deviceManagement/deviceManagementScripts('{script}')\
             /deviceRunStates('one')/history",
            server.base()
        ),
        "value": [version(2), version(1)],
    });
    assert_eq!(page, expected);
}

#[tokio::test]
async fn a_version_is_an_entity_of_its_own() {
    let server = Server::start().await;
    let client = server.client();
    let state = reported(&client, &[7, 8]).await;
    let of_list = values(&client, &format!("{state}/history")).await;
    for (number, expected) in ["2", "1"].into_iter().zip(of_list) {
        let mut version = client.get(&format!("{state}/history/{number}")).await.ok();
        version.as_object_mut().unwrap().remove("@odata.context");
        assert_eq!(version, expected);
    }
    assert_eq!(client.get(&format!("{state}/history('1')/errorCode/$value")).await.body, "7");
    for unknown in ["3", "0", "-1", "one", "01"] {
        assert_eq!(
            client.get(&format!("{state}/history/{unknown}")).await.status,
            404,
            "{unknown}"
        );
    }
}

#[tokio::test]
async fn an_identical_report_makes_no_version_and_keeps_the_tag() {
    let server = Server::start().await;
    let client = server.client();
    let state = reported(&client, &[5]).await;
    let tag = client.get(&state).await.header("etag").unwrap().to_owned();
    report(&client, &state, 5).await;
    client.patch(&state, &json!({})).await.ok();
    assert_eq!(client.get(&state).await.header("etag"), Some(&*tag));
    assert_eq!(column(&client, &format!("{state}/history"), "version").await, [1]);
}

#[tokio::test]
async fn a_state_of_a_user_has_versions_on_both_paths() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let user = client.new_user_state(&script, "adele").await;
    for code in [1, 2] {
        report(&client, &format!("{user}/deviceRunStates/one"), code).await;
    }
    for parent in [&script, &user] {
        let history = format!("{parent}/deviceRunStates/one/history");
        assert_eq!(column(&client, &history, "errorCode").await, [2, 1]);
    }
}

#[tokio::test]
async fn a_version_follows_when_the_device_is_deleted() {
    let server = Server::start().await;
    let client = server.client();
    client.post(DEVICES, &json!({ "id": "laptop" })).await.created();
    let script = client.new_script().await;
    let state = json!({ "id": "one", "managedDevice@odata.bind": format!("{DEVICES}/laptop") });
    client.post(&format!("{script}/deviceRunStates"), &state).await.created();
    assert_eq!(client.delete(&format!("{DEVICES}/laptop")).await.status, 204);
    let history = format!("{script}/deviceRunStates/one/history");
    assert_eq!(column(&client, &history, "version").await, [2, 1]);
}

#[tokio::test]
async fn a_run_state_that_is_made_again_has_no_versions_of_its_former_life() {
    let server = Server::start().await;
    let client = server.client();
    let state = reported(&client, &[1, 2]).await;
    assert_eq!(client.delete(&state).await.status, 204);
    assert_eq!(client.get(&format!("{state}/history")).await.status, 404);
    report(&client, &state, 3).await;
    assert_eq!(column(&client, &format!("{state}/history"), "errorCode").await, [3]);
    report(&client, &state, 4).await;
    assert_eq!(column(&client, &format!("{state}/history"), "errorCode").await, [4, 3]);
    assert_eq!(column(&client, &format!("{state}/history"), "version").await, [2, 1]);
}

#[tokio::test]
async fn another_tenant_and_a_missing_state_have_no_history() {
    let server = Server::start().await;
    let client = server.client();
    let state = reported(&client, &[1, 2]).await;
    let (other, missing) = (server.other_tenant(), state.replace("/one", "/two"));
    for suffix in ["/history", "/history/1", "/history/$count", "?$at=2030-01-01"] {
        assert_eq!(other.get(&format!("{state}{suffix}")).await.status, 404, "{suffix}");
        assert_eq!(client.get(&format!("{missing}{suffix}")).await.status, 404, "{suffix}");
    }
}
