//! Do unusual filters and orders work?

use serde_json::json;

use crate::harness::{Client, DEVICES, SCRIPTS, Server, encoded};

async fn devices(client: &Client) {
    for (id, charge, state) in
        [("a", 5.5, "running"), ("b", 4.0, "other"), ("c", 1.0, "rebootRequired")]
    {
        let body = json!({
            "id": id,
            "hardwareInformation": {
                "batteryLevelPercentage": charge,
                "deviceGuardVirtualizationBasedSecurityState": state,
                "wiredIPv4Addresses": if id == "a" { json!(["10.0.0.1"]) } else { json!([]) },
                "sharedDeviceCachedUsers": [{ "userPrincipalName": id, "dataUsed": 7 }]
            },
            "chromeOSDeviceInfo": [{ "name": id, "updatable": id == "b" }]
        });
        client.post(DEVICES, &body).await.created();
    }
}

#[tokio::test]
async fn members_of_complex_values_can_be_filtered_and_sorted() {
    let server = Server::start().await;
    let client = server.client();
    devices(&client).await;
    let state = "hardwareInformation/deviceGuardVirtualizationBasedSecurityState";
    for (filter, expected) in [
        ("hardwareInformation/wiredIPv4Addresses/any(t:t eq '10.0.0.1')".to_owned(), "a"),
        ("hardwareInformation/wiredIPv4Addresses/any()".into(), "a"),
        ("hardwareInformation/sharedDeviceCachedUsers/any(u:u/userPrincipalName eq 'b' and u/dataUsed gt 6)".into(), "b"),
        ("hardwareInformation/sharedDeviceCachedUsers/any()".into(), "abc"),
        ("chromeOSDeviceInfo/any(v:v/updatable eq true or v/updatable in (true))".into(), "b"),
        (format!("{state} gt 'running'"), "bc"),
        (format!("{state} in ('other','running')"), "ab"),
        (format!("{state} eq 'rebootRequired'"), "c"),
        ("hardwareInformation/wiredIPv4Addresses/$count gt 0".into(), "a"),
        ("chromeOSDeviceInfo/$count eq 1 and chromeOSDeviceInfo/$count div 2 eq 0".into(), "abc"),
        ("hardwareInformation/sharedDeviceCachedUsers/$count ne 1".into(), ""),
        ("usersLoggedOn/$count eq 0".into(), "abc"),
        ("hardwareInformation/batteryLevelPercentage div 2 eq 2.75".into(), "a"),
        ("7 div 2 eq 3 and 7.0 div 2 eq 3.5 and 7 divby 2 eq 3.5".into(), "abc"),
    ] {
        let ids = client.ids(&format!("{DEVICES}?$select=id&$filter={filter}")).await;
        assert_eq!(ids.concat(), expected, "{filter}");
    }
    let sorted = client.ids(&format!("{DEVICES}?$select=id&$top=1&$orderby={state}")).await;
    assert_eq!(sorted, ["a", "c", "b"]);
}

#[tokio::test]
async fn substring_accepts_a_negative_start_but_no_negative_length() {
    let server = Server::start().await;
    let client = server.client();
    client.post(DEVICES, &json!({ "id": "d", "deviceName": "Done" })).await.created();
    for call in [
        "substring(deviceName,0) eq 'Done'",
        "substring(deviceName,1) eq 'one'",
        "substring(deviceName,4) eq ''",
        "substring(deviceName,9999999999) eq ''",
        "substring(deviceName,-2) eq 'ne'",
        "substring(deviceName,-3,2) eq 'on'",
        "substring(deviceName,-9999999999,99999999999) eq 'Done'",
        "substring(deviceName,1 sub length(deviceName)) eq 'one'",
        "substring(deviceName,length(substring(deviceName,-2))) eq 'ne'",
        "substring(substring(deviceName,-3),-2,1) eq 'n'",
        "substring(deviceName,0,0) eq ''",
        "substring(deviceName,0,length(deviceName) sub 5) eq null",
        "substring(deviceName,skuNumber,-0.5) eq ''",
        "substring(imei,-1) eq null",
    ] {
        let found = client.ids(&format!("{DEVICES}?$filter={}", encoded(call))).await;
        assert_eq!(found, ["d"], "{call}");
    }
    let refused = client.get(&format!("{DEVICES}?$filter=substring(deviceName,0,-1) eq ''")).await;
    let message = refused.refused(400, "BadRequest");
    assert!(message.contains("'substring' does not accept a negative length"), "{message}");
    let nested = (0..14).fold("1".to_owned(), |start, _| {
        format!("length(substring(deviceName,{start} sub length(deviceName)))")
    });
    client.get(&format!("{DEVICES}?$filter={} eq 1", encoded(&nested))).await.ok();
}

#[tokio::test]
async fn expensive_filters_and_now_in_orderby_are_refused() {
    let server = Server::start().await;
    let client = server.client();
    let nested = (0..9).fold("id".to_owned(), |inner, _| format!("concat({inner},id)"));
    let lambdas = ["usersLoggedOn/any()"; 17].join(" and ");
    for (query, words) in [
        (format!("$filter=length({nested}) gt 1"), "more than 8 'concat'"),
        (format!("$filter={lambdas}"), "more than 16 'any', 'all' and '/$count' with a filter"),
        ("$orderby=now() desc".into(), "now() is not allowed in $orderby"),
        ("$orderby=lastSyncDateTime sub now()".into(), "now() is not allowed in $orderby"),
    ] {
        let message = client.get(&format!("{DEVICES}?{query}")).await.refused(400, "BadRequest");
        assert!(message.contains(words), "{message}");
    }
    client.get(&format!("{DEVICES}?$filter=lastSyncDateTime lt now()")).await.ok();
    let as_many_as_may_be = ["assignments/any(a:a/id ne null)"; 16].join(" and ");
    client.get(&format!("{SCRIPTS}?$filter={as_many_as_may_be}")).await.ok();
}

#[tokio::test]
async fn a_collection_is_no_value_but_its_count_is() {
    let server = Server::start().await;
    let client = server.client();
    let reply = client.get(&format!("{SCRIPTS}?$filter=deviceRunStates eq 1")).await;
    assert_eq!(
        reply.refused(400, "BadRequest"),
        "The value of $filter is not valid at column 1: 'deviceRunStates' is a collection, not a \
         value: use any, all or /$count."
    );
    client.get(&format!("{SCRIPTS}?$filter=deviceRunStates/$count eq 1")).await.ok();
}

#[tokio::test]
async fn setting_the_navigation_to_null_unbinds_the_device() {
    let server = Server::start().await;
    let client = server.client();
    client.post(DEVICES, &json!({ "id": "pc" })).await.created();
    let states = format!("{}/deviceRunStates", client.new_script().await);
    let bind =
        json!({ "id": "a", "managedDevice@odata.bind": "deviceManagement/managedDevices/pc" });
    client.post(&states, &bind).await.created();
    let state = format!("{states}/a");
    assert_eq!(client.get(&format!("{state}/managedDevice")).await.ok()["id"], "pc");
    client.patch(&state, &json!({ "managedDevice": null })).await.ok();
    assert_eq!(client.get(&format!("{state}/managedDevice")).await.status, 204);
}

#[tokio::test]
async fn a_collection_inside_of_a_lambda_begins_with_its_variable() {
    let server = Server::start().await;
    let client = server.client();
    client.new_script().await;
    let refusal = "inside of any and all, a collection must begin with a variable";
    for (filter, column) in [
        ("deviceRunStates/any(a:deviceRunStates/any(b:a/errorCode eq b/errorCode))", 23),
        ("deviceRunStates/all(a:userRunStates/any())", 23),
        ("userRunStates/any(u:u/deviceRunStates/any(s:deviceRunStates/any()))", 45),
        ("userRunStates/any(u:deviceRunStates/$count gt 3)", 21),
        ("roleScopeTagIds/any(a:roleScopeTagIds/any(b:a ne b))", 23),
    ] {
        let reply = client.get(&format!("{SCRIPTS}?$filter={filter}")).await;
        let message = reply.refused(400, "BadRequest");
        let expected = format!("The value of $filter is not valid at column {column}: {refusal}.");
        assert_eq!(message, expected, "{filter}");
    }
    for filter in [
        "userRunStates/any(u:u/deviceRunStates/any(s:s/errorCode eq 0))",
        "userRunStates/$count($filter=deviceRunStates/any()) eq 0",
        "userRunStates/any(u:u/deviceRunStates/$count gt 3) or deviceRunStates/any()",
    ] {
        client.get(&format!("{SCRIPTS}?$filter={}", encoded(filter))).await.ok();
    }
}
