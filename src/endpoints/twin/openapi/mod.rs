//! The OpenAPI document of the control API: one row for each operation. The schemas of its bodies are in
//! `schemas.json`; docs/reference/twin-rules.md describes what these leave open.

use serde_json::{Map, Value as Json, json};

use crate::endpoints::openapi;
use crate::error::{Error, Result};

const DESCRIPTION: &str = "The control API of the test twin: tenants, snapshots, clocks, tokens, rules, the \
                           throttle and recorded requests.";
const SCHEMAS: &str = include_str!("schemas.json");

/// A path below `/twin/v1`, a method, what it does, the schema of the body, the status and the schema of
/// the reply.
type Operation =
    (&'static str, &'static str, &'static str, Option<&'static str>, u16, Option<&'static str>);

const OPERATIONS: &[Operation] = &[
    ("", "get", "What the twin has, and its limits", None, 200, Some("twin")),
    ("/reset", "post", "Remove all tenants and snapshots", None, 204, None),
    ("/tenants", "post", "Make a tenant", Some("newTenant"), 201, Some("tenant")),
    ("/tenants", "get", "List tenants", None, 200, Some("tenants")),
    ("/tenants", "delete", "Remove the tenants whose names have a prefix", None, 204, None),
    ("/tenants/{id}", "get", "Show a tenant", None, 200, Some("tenant")),
    ("/tenants/{id}", "patch", "Change a tenant", Some("tenantChange"), 200, Some("tenant")),
    ("/tenants/{id}", "delete", "Remove a tenant", None, 204, None),
    ("/tenants/{id}/fork", "post", "Copy a tenant", Some("newFork"), 201, Some("tenant")),
    ("/tenants/{id}/reset", "post", "Restore contents", Some("reset"), 200, Some("tenant")),
    ("/tenants/{id}/snapshots", "post", "Keep contents", Some("snapshot"), 201, Some("snapshot")),
    ("/tenants/{id}/contents", "get", "Show all contents", None, 200, Some("contents")),
    ("/tenants/{id}/contents", "put", "Replace all contents", Some("contents"), 204, None),
    ("/tenants/{id}/clock", "get", "Show the clock", None, 200, Some("clock")),
    ("/tenants/{id}/clock", "put", "Set the clock", Some("clock"), 200, Some("clock")),
    ("/tenants/{id}/clock/advance", "post", "Advance", Some("advance"), 200, Some("clock")),
    ("/tenants/{id}/tokens", "post", "Make a token", Some("newToken"), 201, Some("token")),
    ("/tenants/{id}/rules", "post", "Add a rule", Some("newRule"), 201, Some("rule")),
    ("/tenants/{id}/rules", "get", "List rules", None, 200, Some("rules")),
    ("/tenants/{id}/rules", "delete", "Remove all rules", None, 204, None),
    ("/tenants/{id}/rules/{rule}", "get", "Show a rule", None, 200, Some("rule")),
    ("/tenants/{id}/rules/{rule}", "delete", "Remove a rule", None, 204, None),
    ("/tenants/{id}/throttle", "get", "Show the throttle", None, 200, Some("throttle")),
    ("/tenants/{id}/throttle", "put", "Set it", Some("throttle"), 200, Some("throttle")),
    ("/tenants/{id}/requests", "get", "List the requests", None, 200, Some("requests")),
    ("/tenants/{id}/requests", "delete", "Forget the requests", None, 204, None),
    ("/tenants/{id}/requests/verify", "post", "Check", Some("assertion"), 200, Some("verdict")),
    ("/snapshots", "get", "List snapshots", None, 200, Some("snapshots")),
    ("/snapshots/{name}", "delete", "Remove a snapshot", None, 204, None),
];

/// The document.
///
/// # Errors
/// If the schemas are not JSON, which a test excludes.
pub(super) fn document() -> Result<Json> {
    let schemas: Json =
        serde_json::from_str(SCHEMAS).map_err(|error| Error::Internal(error.to_string()))?;
    let mut paths: Map<String, Json> = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(format!("/twin/v1{}", operation.0)).or_insert_with(|| json!({}));
        path[operation.1] = described(operation);
    }
    paths.insert("/twin/v1/openapi.json".into(), of_document());
    let components = Map::from_iter([("schemas".to_owned(), schemas)]);
    Ok(openapi::document("Runstate: test twin", DESCRIPTION, &paths, components))
}

fn of_document() -> Json {
    let summary = "This document";
    json!({ "get": {
        "operationId": "get.openapi.json",
        "summary": summary,
        "security": [],
        "responses": { "200": { "description": summary } },
    } })
}

fn described(&(path, method, summary, body, status, reply): &Operation) -> Json {
    let mut replies = Map::new();
    let error = content("error");
    for (status, description) in
        [("400", "Bad request"), ("401", "No token"), ("403", "No permission")]
    {
        replies.insert(status.into(), with(description, &error));
    }
    if path.contains('{') || body.is_some() {
        replies.insert("404".into(), with("No such tenant or snapshot", &error));
        replies.insert("409".into(), with("Taken, full, or a clock that would go back", &error));
    }
    let success = match reply {
        Some(name) => with("Done", &content(name)),
        None => json!({ "description": "Done" }),
    };
    replies.insert(status.to_string(), success);
    let id = format!("{method}{}", path.replace('/', ".").replace(['{', '}'], ""));
    let mut operation = json!({
        "operationId": id,
        "summary": summary,
        "parameters": parameters(path, method),
        "responses": replies,
    });
    if let Some(name) = body {
        operation["requestBody"] = json!({ "content": content(name) });
    }
    operation
}

fn parameters(path: &str, method: &str) -> Vec<Json> {
    let parameter = |place: &str, name: &str, required: bool| {
        let schema = json!({ "type": "string" });
        json!({ "in": place, "name": name, "required": required, "schema": schema })
    };
    let in_path =
        ["id", "name", "rule"].into_iter().filter(|name| path.contains(&format!("{{{name}}}")));
    let mut all: Vec<Json> = in_path.map(|name| parameter("path", name, true)).collect();
    match (path, method) {
        ("/tenants", "get") => all.push(parameter("query", "name", false)),
        ("/tenants", "delete") => all.push(parameter("query", "prefix", true)),
        ("/tenants/{id}/requests", "get") => {
            let names = ["after", "method", "path", "status", "limit"];
            all.extend(names.map(|name| parameter("query", name, false)));
        }
        _ => {}
    }
    all
}

fn content(name: &str) -> Json {
    let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
    json!({ "application/json": { "schema": reference } })
}

fn with(description: &str, content: &Json) -> Json {
    json!({ "description": description, "content": content })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Spoil;
    use crate::endpoints::twin::Target;
    use crate::message::Method;
    use crate::twin::limits::{MAX_RATE, MAX_TWIN_NAME};

    #[test]
    fn the_document_has_each_method_of_each_path() {
        let document = document().unwrap();
        for (path, operations) in document["paths"].as_object().unwrap() {
            let target = Target::of(&path.replace(['{', '}'], "")).unwrap();
            assert_ne!(target, Target::Unknown, "{path}");
            let documented = operations.as_object().unwrap().keys();
            let mut documented: Vec<String> = documented.map(|it| it.to_uppercase()).collect();
            let methods = target.methods().iter().map(|method| match method {
                Method::Get => "GET".to_owned(),
                other => other.names().to_owned(),
            });
            let mut methods: Vec<String> = methods.collect();
            documented.sort();
            methods.sort();
            assert_eq!(documented, methods, "{path}");
        }
        assert_eq!(document["paths"].as_object().unwrap().len(), 19);
    }

    #[test]
    fn the_schemas_have_the_limits_and_words_of_the_program() {
        let document = document().unwrap();
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["name"]["maxLength"], MAX_TWIN_NAME);
        assert_eq!(schemas["clock"]["properties"]["rate"]["maximum"].as_f64(), Some(MAX_RATE));
        let spoil = Spoil::ALL.map(|(name, _)| name);
        assert_eq!(schemas["newToken"]["properties"]["spoil"]["enum"], json!(spoil));
    }

    #[test]
    fn each_reference_leads_to_a_schema() {
        let document = document().unwrap();
        let text = document.to_string();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for part in text.split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(schemas.contains_key(name), "{name}");
        }
    }
}
