//! The OpenAPI document of the control API: one row for each operation, and the schemas of its bodies.

use serde_json::{Map, Value as Json, json};

use crate::auth::Spoil;
use crate::twin::limits::{MAX_RATE, MAX_TWIN_NAME};

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
pub(super) fn document() -> Json {
    let mut paths: Map<String, Json> = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(format!("/twin/v1{}", operation.0)).or_insert_with(|| json!({}));
        path[operation.1] = described(operation);
    }
    paths.insert("/twin/v1/openapi.json".into(), of_document());
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Runstate: test twin", "version": env!("CARGO_PKG_VERSION") },
        "servers": [{ "url": "/" }],
        "security": [{ "bearer": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
            "schemas": all_schemas(),
        },
    })
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

fn all_schemas() -> Map<String, Json> {
    let parts = [schemas(), schemas_of_traffic()].into_iter();
    parts.filter_map(|part| part.as_object().cloned()).flatten().collect()
}

fn list(name: &str) -> Json {
    let item = json!({ "$ref": format!("#/components/schemas/{name}") });
    object(&json!({ "value": { "type": "array", "items": item } }))
}

/// Rules, throttle, record and assertions. docs/reference/twin-rules.md describes their members.
fn schemas_of_traffic() -> Json {
    let text = json!({ "type": "string" });
    let any = json!({ "type": "object" });
    let count = json!({ "type": "integer", "minimum": 0 });
    json!({
        "newRule": object(&json!({ "id": text, "when": any, "then": any })),
        "rule": object(&json!({ "id": text, "when": any, "then": any, "matched": count, "hits": count })),
        "rules": list("rule"),
        "throttle": object(&json!({
            "profile": { "enum": ["off", "intune-devices"] },
            "scale": { "type": "number" },
            "retryAfter": { "enum": ["seconds", "fraction", "date", "absent", "zero", "lie"] },
            "onBatch": { "enum": ["items"] },
            "early": { "enum": ["ignore", "extend"] },
            "custom": { "type": "array", "items": any },
        })),
        "requests": object(&json!({ "value": { "type": "array", "items": any } })),
        "assertion": object(&json!({
            "match": any, "count": any, "within": text,
            "order": { "type": "array", "items": any }, "manners": { "type": "array", "items": text },
        })),
        "verdict": any,
    })
}

fn schemas() -> Json {
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "array", "items": text });
    let name = json!({ "type": "string", "minLength": 1, "maxLength": MAX_TWIN_NAME });
    let time = json!({ "type": "string", "format": "date-time" });
    let rate = json!({ "type": "number", "minimum": 0, "maximum": MAX_RATE });
    let count = json!({ "type": "integer", "minimum": 0 });
    let permissions = json!({ "enum": ["seed", "current", "either"] });
    let ids = json!({ "enum": ["random", "seeded"] });
    let spoil: Vec<&str> = Spoil::ALL.iter().map(|(name, _)| *name).collect();
    let clock = json!({ "$ref": "#/components/schemas/clock" });
    let yes_or_no = json!({ "type": "boolean" });
    let fork = json!({
        "id": name, "name": name, "ttl": text, "permissions": permissions, "ids": ids,
        "clock": clock, "headerFaults": yes_or_no, "record": yes_or_no,
        "throttle": { "$ref": "#/components/schemas/throttle" },
        "rules": { "type": "array", "items": { "$ref": "#/components/schemas/newRule" } },
    });
    let mut new = fork.clone();
    new["from"] = text.clone();
    new["seed"] = json!({ "$ref": "#/components/schemas/contents" });
    json!({
        "twin": object(&json!({
            "version": text, "tenants": count, "snapshots": count, "now": time,
            "fork": { "enum": ["replica", "checked"] }, "limits": { "type": "object" },
        })),
        "newTenant": object(&new),
        "newFork": object(&fork),
        "tenant": object(&json!({
            "id": name, "tenant": { "type": "string", "format": "uuid" }, "name": name,
            "graph": text, "permissions": permissions, "ids": ids, "expires": time,
            "clock": clock, "headerFaults": yes_or_no, "record": yes_or_no,
            "tokens": object(&json!({ "user": text, "reader": text, "application": text })),
        })),
        "tenants": list("tenant"),
        "tenantChange": object(&json!({
            "name": name, "ttl": text, "permissions": permissions, "headerFaults": yes_or_no,
            "record": yes_or_no,
        })),
        "reset": object(&json!({
            "to": text, "keep": { "type": "array", "items": { "enum": ["clock", "rules", "throttle", "record"] } },
        })),
        "snapshot": object(&json!({ "name": name })),
        "snapshots": list("snapshot"),
        "contents": { "type": "object", "additionalProperties": { "type": "array" } },
        "clock": object(&json!({ "now": time, "rate": rate })),
        "advance": object(&json!({ "by": text, "to": time })),
        "newToken": object(&json!({
            "user": text, "application": { "type": "string", "format": "uuid" },
            "scopes": texts, "roles": texts, "expires": text, "spoil": { "enum": spoil },
        })),
        "token": object(&json!({ "token": text })),
        "error": object(&json!({ "error": { "type": "object" } })),
    })
}

fn object(properties: &Json) -> Json {
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoints::twin::Target;
    use crate::message::Method;

    #[test]
    fn the_document_has_each_method_of_each_path() {
        let document = document();
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
    fn each_reference_leads_to_a_schema() {
        let document = document();
        let text = document.to_string();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for part in text.split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(schemas.contains_key(name), "{name}");
        }
    }
}
