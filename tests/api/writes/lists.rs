//! How long may a collection in a body be?

use runstate::model::{Edm, MAX_ITEMS, Property};
use serde_json::{Value as Json, json};

use crate::harness::{DEVICES, SCRIPTS, Server};

/// The collection properties of a type, each with a minimal item.
fn collections(of: &'static [Property]) -> impl Iterator<Item = (&'static str, Json)> {
    of.iter().filter_map(|property| match property.edm {
        Edm::Strings => Some((property.name, json!(""))),
        Edm::Complexes(_) => Some((property.name, json!({}))),
        _ => None,
    })
}

/// For each collection property: the path to post to, its name, and a body with `items` items.
fn bodies(items: usize) -> Vec<(&'static str, &'static str, Json)> {
    let mut bodies = Vec::new();
    for (path, type_name) in [(SCRIPTS, "deviceManagementScript"), (DEVICES, "managedDevice")] {
        for property in properties(type_name) {
            if let Edm::Complex(complex) = property.edm {
                bodies.extend(collections(complex.properties).map(|(name, item)| {
                    (path, name, json!({ property.name: { name: vec![item; items] } }))
                }));
            }
        }
        let own = collections(properties(type_name));
        bodies.extend(own.map(|(name, item)| (path, name, json!({ name: vec![item; items] }))));
    }
    bodies
}

fn properties(type_name: &str) -> &'static [Property] {
    let mut types = runstate::model::ENTITY_TYPES.iter();
    types.find(|it| it.name == type_name).unwrap().properties
}

#[tokio::test]
async fn a_collection_has_at_most_a_thousand_items() {
    let server = Server::start().await;
    let client = server.client();
    let names: Vec<&str> = bodies(0).iter().map(|(_, name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "roleScopeTagIds",
            "sharedDeviceCachedUsers",
            "wiredIPv4Addresses",
            "chromeOSDeviceInfo",
            "deviceActionResults",
            "roleScopeTagIds",
            "usersLoggedOn",
            "cloudPcRemoteActionResults",
        ]
    );
    for ((path, name, most), (.., too_many)) in bodies(MAX_ITEMS).iter().zip(bodies(MAX_ITEMS + 1))
    {
        let id = client.post(path, most).await.created()["id"].as_str().unwrap().to_owned();
        let entity = format!("{path}/{id}");
        client.patch(&entity, most).await.ok();
        let before = client.get(&entity).await.ok();
        let words = format!("'{name}' cannot be read: It has 1001 items, and 1000 is the limit.");
        for refused in [client.post(path, &too_many).await, client.patch(&entity, &too_many).await]
        {
            let message = refused.refused(400, "ModelValidationFailure");
            assert!(message.contains(&words), "{message}");
        }
        assert_eq!(client.get(&entity).await.ok(), before);
        assert_eq!(client.delete(&entity).await.status, 204);
        assert_eq!(client.get(path).await.ok()["value"], json!([]));
    }
}

#[tokio::test]
async fn no_item_of_a_collection_is_null() {
    let server = Server::start().await;
    let client = server.client();
    for (path, name, correct) in bodies(1) {
        let id = client.post(path, &correct).await.created()["id"].as_str().unwrap().to_owned();
        let entity = format!("{path}/{id}");
        let before = client.get(&entity).await.ok();
        let null = replaced(&correct, name, &json!([null]));
        for refused in [client.post(path, &null).await, client.patch(&entity, &null).await] {
            let message = refused.refused(400, "ModelValidationFailure");
            assert!(
                message.contains(&format!("'{name}' cannot be read: In item 0: A ")),
                "{message}"
            );
        }
        assert_eq!(client.get(&entity).await.ok(), before);
        assert_eq!(client.delete(&entity).await.status, 204);
        assert_eq!(client.get(path).await.ok()["value"], json!([]));
    }
}

/// The body, which has one member, with another value of the member of this name: of its own, or of
/// the complex value that it has.
fn replaced(body: &Json, name: &str, value: &Json) -> Json {
    let own = body.as_object().unwrap().keys().next().unwrap();
    if own == name { json!({ name: value }) } else { json!({ own: { name: value } }) }
}

#[tokio::test]
async fn the_openapi_document_states_the_maximum_length_of_a_collection() {
    let server = Server::start().await;
    let document = server.client_with_token(None).get("/openapi.json").await.ok();
    let schemas = &document["components"]["schemas"];
    let of_types = ["deviceManagementScript", "managedDevice"].map(|name| (name, properties(name)));
    for (type_name, properties) in of_types {
        for side in ["", "-create", "-update"] {
            for (name, _) in collections(properties) {
                let schema = &schemas[format!("{type_name}{side}")]["properties"][name];
                assert_eq!(schema["maxItems"], MAX_ITEMS, "{type_name}{side} {name}: {schema}");
            }
        }
    }
    let hardware = &schemas["hardwareInformation"]["properties"];
    for name in ["sharedDeviceCachedUsers", "wiredIPv4Addresses"] {
        assert_eq!(hardware[name]["maxItems"], MAX_ITEMS, "{name}");
    }
}

#[tokio::test]
async fn a_body_contains_at_most_a_thousand_entities() {
    let server = Server::start().await;
    let client = server.client();
    let groups = |many: usize| -> Json {
        (0..many).map(|number| json!({ "targetGroupId": number.to_string() })).collect()
    };
    let (all, of_groups) =
        ("deviceManagementScriptAssignments", "deviceManagementScriptGroupAssignments");
    let script = client.post(SCRIPTS, &json!({ "groupAssignments": groups(999) })).await;
    let script = format!("{SCRIPTS}/{}", script.created()["id"].as_str().unwrap());
    let assign = format!("{script}/assign");
    let one =
        json!([{ "target": { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" } }]);
    for (path, body) in [
        (SCRIPTS, json!({ "groupAssignments": groups(1000) })),
        (&*assign, json!({ of_groups: groups(1001) })),
        (&*assign, json!({ all: one, of_groups: groups(1000) })),
    ] {
        let message = client.post(path, &body).await.refused(400, "ModelValidationFailure");
        assert!(message.contains("describes more than 1000 entities"), "{message}");
    }
    let count = async || client.get(&format!("{script}/assignments/$count")).await.body;
    assert_eq!(count().await, "999");
    assert_eq!(client.get(&format!("{SCRIPTS}/$count")).await.body, "1");
    let body = json!({ all: one, of_groups: groups(999) });
    assert_eq!(client.post(&assign, &body).await.status, 204);
    assert_eq!(count().await, "1000");
}
