//! The paths of retention policies in the OpenAPI document, and the schemas of their bodies. They are
//! not part of Graph.

use serde_json::{Map, Value as Json, json};

use super::operations::{operation, secured};
use super::parameters::{format, header};
use super::{Place, insert, schemas};
use crate::model::permission::{Access, Profile, SCRIPT_PERMISSIONS};
use crate::model::{EXTENSIONS, Surface};
use crate::retention::{Address, HistoryDays, MAX_RUN_STATE_DAYS, MAX_VERSIONS};

const POLICY: &str = "retentionPolicy";
const CHANGE: &str = "retentionPolicy-update";
/// The name of a script's key in the path.
const SCRIPT: &str = "script-id";

/// Adds the paths.
pub(super) fn paths(surface: Surface, profile: Profile, paths: &mut Map<String, Json>) {
    let root = Place {
        path: format!("/{}/v1/retention", Address::ROOT),
        name: format!("{EXTENSIONS}.retention"),
        keys: Vec::new(),
        surface,
        profile,
    };
    let script = Place {
        path: format!("{}/scripts/{{{SCRIPT}}}", root.path),
        name: format!("{}.scripts.entity", root.name),
        keys: vec![SCRIPT.into()],
        surface,
        profile,
    };
    let operations =
        [("get", get(&root)), ("patch", write(&root, "update")), ("delete", delete(&root))];
    insert(paths, &root, operations);
    let operations =
        [("get", get(&script)), ("put", write(&script, "replace")), ("delete", delete(&script))];
    insert(paths, &script, operations);
}

fn get(place: &Place) -> Json {
    let replies = [(200, Some(schemas::named(POLICY)))];
    let written = operation(place, "get", vec![format()], None, &replies, &[404]);
    secured(written, place, &SCRIPT_PERMISSIONS, Access::Get)
}

fn delete(place: &Place) -> Json {
    let written = operation(place, "delete", vec![format()], None, &[(204, None)], &[404]);
    secured(written, place, &SCRIPT_PERMISSIONS, Access::Write)
}

fn write(place: &Place, verb: &str) -> Json {
    let (body, reply) = (schemas::named(CHANGE), schemas::named(POLICY));
    let parameters = vec![format(), header("Prefer")];
    let replies = [(200, Some(reply)), (204, None)];
    let written = operation(place, verb, parameters, Some(body), &replies, &[404, 415]);
    secured(written, place, &SCRIPT_PERMISSIONS, Access::Write)
}

/// Adds the schemas.
pub(super) fn schemas(all: &mut Map<String, Json>) {
    let number = |most: i64| json!({ "type": ["integer", "null"], "minimum": 1, "maximum": most });
    let days: Vec<Option<i64>> = HistoryDays::CLASSES.into_iter().map(Some).chain([None]).collect();
    let values = [
        ("historyDays", json!({ "enum": days })),
        ("historyVersions", number(MAX_VERSIONS)),
        ("runStateDays", number(MAX_RUN_STATE_DAYS)),
    ];
    let policies = json!({ "type": "string", "enum": ["script", "tenant", "server"] });
    let sources = values.iter().map(|(name, _)| ((*name).to_owned(), policies.clone()));
    let sources: Map<String, Json> = sources.collect();
    let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
    let whole = json!({ "type": "integer", "minimum": 0 });
    let computed = [
        ("source", json!({ "type": "object", "required": names, "properties": sources })),
        ("oldestVersion", json!({ "type": ["string", "null"], "format": "date-time" })),
        ("versions", whole.clone()),
        ("bytes", whole),
        ("isEstimate", json!({ "type": "boolean" })),
    ];
    let named = |(name, schema): &(&str, Json)| ((*name).to_owned(), schema.clone());
    let properties: Map<String, Json> = values.iter().chain(&computed).map(named).collect();
    let required: Vec<&String> = properties.keys().collect();
    let policy = json!({ "type": "object", "required": required, "properties": properties });
    all.insert(POLICY.into(), policy);
    // What a reply computes says nothing in a request.
    let ignored = computed.iter().map(|(name, _)| ((*name).to_owned(), json!({})));
    let properties = values.iter().map(named).chain(ignored).collect();
    all.insert(CHANGE.into(), schemas::closed(properties, &[]));
}
