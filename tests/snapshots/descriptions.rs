//! The descriptions of the API, which need no token: `$metadata` in both formats, the OpenAPI document
//! and the service document.

use runstate::clock::Clock;
use runstate::endpoints::describe;
use runstate::message::{Body, Headers, Method, NO_ADDRESS, Request};
use runstate::model::Surface;
use runstate::model::permission::Profile;
use runstate::route::Description;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::golden::assert_text;

fn description(description: Description, media_type: &str) -> String {
    shown(description, media_type, Surface::Extended, Profile::Current)
}

fn shown(description: Description, media_type: &str, surface: Surface, profile: Profile) -> String {
    let request = Request {
        id: Uuid::nil(),
        client_id: String::new(),
        method: Method::Get,
        path: String::new(),
        query: String::new(),
        headers: [("Accept", media_type)].into_iter().collect::<Headers>(),
        body: Vec::new().into(),
        base: "http://localhost:8080".into(),
        address: NO_ADDRESS,
        item: None,
        clock: Clock::Real,
    };
    let reply = describe::answer(&request, description, surface, profile).unwrap();
    let Body::Whole(body) = reply.body else { panic!("the description is streamed") };
    String::from_utf8(body.to_vec()).unwrap()
}

#[test]
fn metadata_is_xml() {
    let xml = description(Description::Metadata, "application/xml");
    assert_text("metadata_xml", &xml);
}

#[test]
fn metadata_is_json_too() {
    let json = description(Description::Metadata, "application/json");
    assert_text("metadata_json", &pretty(&json));
}

#[test]
fn the_openapi_document_describes_every_path() {
    let json = description(Description::OpenApi, "application/json");
    assert_text("openapi", &pretty(&json));
}

#[test]
fn the_openapi_document_names_the_permissions_of_the_profile() {
    let reports = "/beta/deviceManagement/deviceManagementScripts/{deviceManagementScript-id}/deviceRunStates";
    let create = |profile| {
        let json = shown(Description::OpenApi, "application/json", Surface::Graph, profile);
        let document: Json = serde_json::from_str(&json).unwrap();
        document["paths"][reports]["post"]["security"].clone()
    };
    let [devices, configuration] =
        ["ManagedDevices", "Configuration"].map(|it| format!("DeviceManagement{it}.ReadWrite.All"));
    assert_eq!(create(Profile::Seed), json!([{ "bearer": [devices] }]));
    assert_eq!(
        create(Profile::Current),
        json!([{ "bearer": [configuration] }, { "bearer": [devices] }])
    );
    assert_eq!(
        create(Profile::Either),
        json!([{ "bearer": [devices] }, { "bearer": [configuration] }])
    );
}

#[test]
fn the_service_document_names_the_singleton() {
    let json = description(Description::ServiceDocument, "application/json");
    assert_text("service_document", &pretty(&json));
}

/// The golden files above show all of the API; this shows that Graph's part has nothing of the rest.
#[test]
fn without_extensions_no_description_names_one() {
    for (of, media_type) in [
        (Description::Metadata, "application/xml"),
        (Description::Metadata, "application/json"),
        (Description::OpenApi, "application/json"),
    ] {
        let words = ["runStateVersion", "history", "\"runstate", "$at", "/runstate/"];
        let named = |text: &str| words.iter().filter(|word| text.contains(**word)).count();
        assert!(
            named(&shown(of, media_type, Surface::Extended, Profile::Current)) >= 2,
            "{of:?} {media_type}"
        );
        assert_eq!(
            named(&shown(of, media_type, Surface::Graph, Profile::Current)),
            0,
            "{of:?} {media_type}"
        );
    }
}

/// JSON on several lines; what fits into one line stays together.
fn pretty(text: &str) -> String {
    let json: Json = serde_json::from_str(text).unwrap();
    assert_eq!(json.to_string(), text, "the order of members would not be shown");
    lines(&json, 0)
}

fn lines(json: &Json, indent: usize) -> String {
    let whole = json.to_string();
    let (open, close, items): (_, _, Vec<String>) = match json {
        _ if indent + whole.len() <= 100 => return whole,
        Json::Array(items) => ('[', ']', items.iter().map(|it| lines(it, indent + 1)).collect()),
        Json::Object(members) => {
            let member = |(name, value)| format!("{name:?}: {}", lines(value, indent + 1));
            ('{', '}', members.iter().map(member).collect())
        }
        _ => return whole,
    };
    let space = "\n".to_owned() + &" ".repeat(indent);
    format!("{open}{space} {}{space}{close}", items.join(&format!(",{space} ")))
}
