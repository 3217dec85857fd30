//! Does a filter follow a reference to the collections of the entity? The model has no such collection,
//! so the test adds one: the run states of a device.

use runstate::database;
use runstate::message::Method;
use runstate::model::{EntityType, Link, Navigation, NavigationKind};
use runstate::plan::{CollectionAddress, Operation};
use serde_json::{Value as Json, json};
use sqlx::Row;

use crate::harness::{Client, DEVICES, Server, encoded, operation, query};

/// A test has a model as long as the program runs.
fn leaked<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// The same run states in a model in which a device contains its run states.
fn with_states_of_devices(states: CollectionAddress) -> CollectionAddress {
    let to_states = states.navigation;
    let state = to_states.target;
    let to_device = state.navigation("managedDevice").unwrap();
    let states_of_device = leaked(Navigation {
        name: "deviceRunStates",
        target: state,
        kind: NavigationKind::Contained,
        links: leaked([Link { target: "managed_device_id", source: "id" }]),
        counter: None,
    });
    let device =
        leaked(EntityType { navigations: leaked([states_of_device]), ..*to_device.target });
    let to_device = leaked(Navigation { target: device, ..*to_device });
    let state = leaked(EntityType { navigations: leaked([to_device]), ..*state });
    CollectionAddress { navigation: leaked(Navigation { target: state, ..*to_states }), ..states }
}

/// A script with run states: `a` and `b` of one device, `c` of another one, and `d` of none.
async fn script(client: &Client) -> String {
    for id in ["one", "two"] {
        client.post(DEVICES, &json!({ "id": id })).await.created();
    }
    let script = client.new_script().await;
    for (id, device, state) in [
        ("a", Some("one"), "fail"),
        ("b", Some("one"), "success"),
        ("c", Some("two"), "success"),
        ("d", None, "fail"),
    ] {
        let mut body = json!({ "id": id, "runState": state });
        if let Some(device) = device {
            let device = format!("deviceManagement/managedDevices('{device}')");
            body["managedDevice@odata.bind"] = device.into();
        }
        client.post(&format!("{script}/deviceRunStates"), &body).await.created();
    }
    script
}

#[tokio::test]
async fn the_collections_of_a_referenced_entity_are_those_of_that_entity() {
    let server = Server::start().await;
    let script = script(&server.client()).await;
    let operation = operation(Method::Get, &format!("{script}/deviceRunStates"));
    let Operation::List(states) = operation else { panic!("not a list") };
    let list = Operation::List(with_states_of_devices(states));
    let mut database = server.database().await;
    for (filter, expected) in [
        ("managedDevice/deviceRunStates/any(s:s/runState eq 'fail')", "a b"),
        ("managedDevice/deviceRunStates/any()", "a b c"),
        ("managedDevice/deviceRunStates/all(s:s/runState eq 'success')", "c d"),
        ("managedDevice/deviceRunStates/$count eq 2", "a b"),
        ("managedDevice/deviceRunStates/$count($filter=runState eq 'fail') eq 0", "c"),
    ] {
        let options = format!("$select=id&$filter={}", encoded(filter));
        let page = query(server.tenant(), &list, &options, "").first.statement;
        let page = database::bind(page).fetch_one(&mut database).await.unwrap();
        let entities: Json =
            serde_json::from_str(&format!("[{}]", page.get::<String, _>(0))).unwrap();
        let ids: Vec<&str> =
            entities.as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
        assert_eq!(ids.join(" "), expected, "{filter}");
    }
}
