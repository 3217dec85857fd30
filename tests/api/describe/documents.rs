//! What do the service document, `$metadata` and the OpenAPI document contain?

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use runstate::model::ENTITY_TYPES;
use runstate::odata::MAX_ORDER_KEYS;
use serde_json::{Value as Json, json};

use super::model::value_types;
use crate::harness::{DEVICES, Server, encoded, send};

const METADATA: &str = "/beta/$metadata";

#[tokio::test]
async fn the_service_document_needs_no_token() {
    let server = Server::start().await;
    let nobody = server.client_with_token(None);
    let singleton =
        json!({ "name": "deviceManagement", "kind": "Singleton", "url": "deviceManagement" });
    let context = format!("{}/beta/$metadata", server.base());
    let expected = json!({ "@odata.context": context, "value": [singleton] });
    for path in ["/beta", "/beta/", "/BETA"] {
        let reply = nobody.get(path).await;
        assert_eq!(reply.ok(), expected);
        assert!(reply.header("request-id").is_some());
    }
    let refused = nobody.post("/beta", &json!({})).await;
    refused.refused(405, "Request_BadRequest");
    assert_eq!(refused.header("allow"), Some("GET, HEAD, OPTIONS"));
    nobody.get("/beta?$top=1").await.refused(400, "BadRequest");
}

#[tokio::test]
async fn metadata_is_xml_or_json_as_the_client_requests() {
    let server = Server::start().await;
    let nobody = server.client_with_token(None);
    for path in [METADATA, "/beta/%24metadata", "/Beta/$MetaData/", "/beta/$metadata?$format=xml"] {
        let reply = nobody.get(path).await;
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.header("content-type"), Some("application/xml"));
    }
    let accepting = |accept| send(nobody.request(Method::GET, METADATA).header("Accept", accept));
    let json = accepting("application/json").await.ok();
    assert_eq!(json["$Version"], "4.01");
    assert_eq!(json, nobody.get("/beta/$metadata?$format=json").await.ok());
    let graph = &json["microsoft.graph"];
    let states = &graph["deviceManagementScript"]["deviceRunStates"];
    assert_eq!(states["$Type"], "microsoft.graph.deviceManagementScriptDeviceState");
    assert_eq!(states["$ContainsTarget"], true);
    let creates = &states["@Org.OData.Capabilities.V1.InsertRestrictions"];
    assert_eq!(creates["CustomHeaders"][0]["Name"], "Idempotency-Key");
    assert_eq!(graph["assign"].as_array().unwrap().len(), 3);
    assert_eq!(
        graph["GraphService"]["deviceManagement"]["$Type"],
        "microsoft.graph.deviceManagement"
    );
    accepting("text/html").await.refused(406, "NotAcceptable");
    nobody.delete(METADATA).await.refused(405, "Request_BadRequest");
}

#[tokio::test]
async fn each_type_is_declared_before_its_use() {
    let server = Server::start().await;
    let xml = server.client_with_token(None).get(METADATA).await.body;
    let mut open = Vec::new();
    let mut declared = BTreeSet::new();
    let mut counts = BTreeMap::new();
    for tag in xml.split('<').skip(2) {
        let tag = tag.split('>').next().unwrap();
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "the closing tag does not match");
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap();
        *counts.entry(name).or_insert(0) += 1;
        if !tag.ends_with('/') {
            open.push(name);
        }
        for attribute in ["BaseType", "Type"] {
            let used = attribute_of(tag, attribute).unwrap_or_default();
            let used = used.trim_start_matches("Collection(").trim_end_matches(')');
            if let Some(used) = used.strip_prefix("microsoft.graph.") {
                assert!(declared.contains(used), "{used} is used before it is declared");
            }
        }
        if ["EnumType", "ComplexType", "EntityType"].contains(&name) {
            declared.insert(attribute_of(tag, "Name").unwrap());
        }
    }
    assert!(open.is_empty(), "{open:?} are not closed");
    assert_eq!(counts["EntityType"], ENTITY_TYPES.len() + 2);
    assert_eq!((counts["Action"], counts["Singleton"]), (4, 1));
    let [enumerations, complexes] = value_types();
    let missing = enumerations.union(&complexes).find(|name| !declared.contains(name.as_str()));
    assert_eq!(missing, None, "a type of the model is not declared");
    assert_eq!(
        (counts["EnumType"], counts["ComplexType"]),
        (enumerations.len(), complexes.len()),
        "{enumerations:?} {complexes:?}"
    );
    assert!(enumerations.len() >= 27 && complexes.len() >= 18, "{enumerations:?} {complexes:?}");
    assert!(xml.contains("<EntityType Name=\"entity\" Abstract=\"true\">"));
    assert!(xml.contains("Term=\"Org.OData.Core.V1.Computed\" Bool=\"true\""));
}

fn attribute_of<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = format!(" {name}=\"");
    tag.split_once(&start)?.1.split('"').next()
}

#[tokio::test]
async fn the_openapi_document_has_unique_operation_ids_and_valid_references() {
    let server = Server::start().await;
    let document = server.client_with_token(None).get("/openapi.json").await.ok();
    let paths = document["paths"].as_object().unwrap();
    let mut ids = BTreeSet::new();
    for (path, item) in paths {
        for (verb, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str();
            assert!(verb == "parameters" || ids.insert(id.unwrap()), "{path} {verb}");
        }
    }
    let states = "/beta/deviceManagement/deviceManagementScripts/{deviceManagementScript-id}\
                  /deviceRunStates";
    let body = &paths[states]["post"]["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["$ref"], "#/components/schemas/deviceManagementScriptDeviceState-create");
    let assign =
        "/beta/deviceManagement/deviceManagementScripts/{deviceManagementScript-id}/assign";
    for path in [states, assign] {
        let parameters = paths[path]["post"]["parameters"].as_array().unwrap();
        assert!(parameters.iter().any(|it| it["name"] == "Idempotency-Key"), "{path}");
        assert!(paths[path]["post"]["responses"].get("422").is_some(), "{path}");
    }
    assert_references(&document, &document);
}

#[tokio::test]
async fn the_openapi_document_allows_empty_options() {
    let server = Server::start().await;
    let document = server.client_with_token(None).get("/openapi.json").await.ok();
    let parameters =
        &document["paths"]["/beta/deviceManagement/managedDevices"]["get"]["parameters"];
    let parameters = parameters.as_array().unwrap();
    for name in ["$filter", "$select", "$orderby"] {
        let parameter = parameters.iter().find(|it| it["name"] == name).unwrap();
        let schema = &parameter["schema"];
        assert_eq!((schema.get("minLength"), schema.get("minItems")), (None, None), "{name}");
        let devices = server.client().get(&format!("{DEVICES}?{name}=")).await.ok();
        assert_eq!(devices["value"], json!([]));
    }
}

#[tokio::test]
async fn every_orderby_key_in_the_openapi_document_works() {
    let server = Server::start().await;
    let client = server.client();
    let document = client.get("/openapi.json").await.ok();
    let parameters = document["paths"][DEVICES]["get"]["parameters"].as_array().unwrap();
    let order = parameters.iter().find(|it| it["name"] == "$orderby").unwrap();
    let keys = order["schema"]["items"]["enum"].as_array().unwrap();
    assert!(keys.contains(&json!("deviceName")) && keys.contains(&json!("deviceName desc")));
    for keys in keys.chunks(MAX_ORDER_KEYS) {
        let keys: Vec<&str> = keys.iter().map(|key| key.as_str().unwrap()).collect();
        let order = encoded(&keys.join(","));
        client.get(&format!("{DEVICES}?$select=id&$orderby={order}")).await.ok();
    }
}

#[tokio::test]
async fn the_openapi_document_describes_rules_that_a_schema_cannot_express() {
    let server = Server::start().await;
    let document = server.client_with_token(None).get("/openapi.json").await.ok();
    let parameters = document["paths"][DEVICES]["get"]["parameters"].as_array().unwrap();
    for name in ["$filter", "$orderby"] {
        let parameter = parameters.iter().find(|it| it["name"] == name).unwrap();
        assert!(parameter["description"].as_str().unwrap().contains("refused with 400"), "{name}");
    }
    let device = &document["components"]["schemas"]["managedDevice-create"]["properties"];
    let enrolled = &device["enrolledDateTime"];
    assert_eq!(enrolled["format"], "date-time");
    assert!(enrolled["description"].as_str().unwrap().contains("14:00"), "{enrolled}");
}

fn assert_references(json: &Json, document: &Json) {
    match json {
        Json::Object(members) => {
            if let Some(Json::String(reference)) = members.get("$ref") {
                assert!(
                    document.pointer(&reference[1..]).is_some(),
                    "{reference} does not resolve"
                );
            }
            members.values().for_each(|member| assert_references(member, document));
        }
        Json::Array(items) => items.iter().for_each(|item| assert_references(item, document)),
        _ => {}
    }
}
