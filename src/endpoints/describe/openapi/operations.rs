//! The operations of the OpenAPI document: parameters, bodies and replies by kind of request. Does
//! not know which path has which of them.

use serde_json::{Map, Value as Json, json};

use super::Place;
use super::parameters::{
    filter, format, header, idempotency_key, option, order, period, property_name, shown,
};
use super::schemas::{self, Side};
use crate::endpoints::describe::capabilities::CREATE_IF_MISSING;
use crate::model::permission::{Access, Permissions};
use crate::model::{Action, EntityType, Key, Navigation};
use crate::odata::MAX_TOP;

/// Why a request is not received, whatever it asks.
const RECEIVING: [u16; 6] = [400, 408, 413, 414, 417, 431];
/// What else can go wrong with every operation on entities.
const ANYWHERE: [u16; 7] = [401, 403, 405, 406, 421, 500, 503];
/// Where the one reply of all refusals is.
const REFUSED: &str = "#/components/responses/refused";

/// A page of a collection. `$skiptoken` is no option to set: a client follows the link as it is.
pub(super) fn list(place: &Place, navigation: &Navigation) -> Json {
    let of = navigation.target;
    let mut parameters = shown(place, of);
    let top = json!({ "type": "integer", "minimum": 0, "maximum": MAX_TOP });
    let skip = json!({ "type": "integer", "minimum": 0, "maximum": i32::MAX });
    parameters.extend([
        filter(),
        order(of),
        option("$top", top),
        option("$skip", skip),
        option("$count", json!({ "type": "boolean" })),
        header("Prefer"),
    ]);
    parameters.extend(period(navigation));
    let page = json!({
        "type": "object",
        "required": ["value"],
        "properties": {
            "@odata.count": { "type": "integer", "minimum": 0 },
            "@odata.nextLink": { "type": "string", "format": "uri" },
            "value": { "type": "array", "items": schemas::reference(of, Side::Reply) },
        },
    });
    let written = operation(place, "list", parameters, None, &[(200, Some(page))], &[404]);
    secured(written, place, of.permissions, Access::List)
}

/// An entity; `optional` where there may be none.
pub(super) fn get(place: &Place, of: &EntityType, optional: bool) -> Json {
    let mut parameters = shown(place, of);
    parameters.push(header("If-None-Match"));
    let versions = place.surface.navigations(of).flat_map(period);
    parameters.extend(versions.filter(|option| option["name"] == "$at"));
    let mut replies = vec![(200, Some(schemas::reference(of, Side::Reply))), (304, None)];
    if optional {
        replies.push((204, None));
    }
    let written = operation(place, "get", parameters, None, &replies, &[404]);
    secured(written, place, of.permissions, Access::Get)
}

/// A property of an entity, as JSON.
pub(super) fn property(place: &Place, of: &EntityType) -> Json {
    let names: Vec<&str> = of.properties.iter().map(|it| it.name).collect();
    let parameters = vec![property_name(&names), format(), header("If-None-Match")];
    let replies = [(200, Some(json!({ "type": "object" }))), (204, None), (304, None)];
    let written = operation(place, "get", parameters, None, &replies, &[404]);
    secured(written, place, of.permissions, Access::Get)
}

/// The raw value of a primitive property of an entity.
pub(super) fn raw_value(place: &Place, of: &EntityType) -> Json {
    let primitive = of.properties.iter().filter(|it| it.edm.is_primitive());
    let names: Vec<&str> = primitive.map(|it| it.name).collect();
    let parameters = vec![property_name(&names), format(), header("If-None-Match")];
    let mut written =
        operation(place, "get", parameters, None, &[(204, None), (304, None)], &[404]);
    let content = json!({ "text/plain": {}, "application/octet-stream": {} });
    written["responses"]["200"] = json!({ "description": "The value", "content": content });
    secured(written, place, of.permissions, Access::Get)
}

/// The number of entities in a collection.
pub(super) fn count(place: &Place, navigation: &Navigation) -> Json {
    let parameters = [vec![filter(), format()], period(navigation)].concat();
    let mut written = operation(place, "get", parameters, None, &[], &[404]);
    let number = json!({ "schema": { "type": "integer", "minimum": 0 } });
    written["responses"]["200"] =
        json!({ "description": "The number", "content": { "text/plain": number } });
    secured(written, place, navigation.target.permissions, Access::List)
}

/// A new entity.
pub(super) fn create(place: &Place, of: &EntityType) -> Json {
    let body = schemas::reference(of, Side::Create);
    let created = schemas::reference(of, Side::Reply);
    let replies = [(201, Some(created)), (204, None)];
    let parameters = vec![format(), header("Prefer"), idempotency_key()];
    let refusals = [404, 409, 415, 422];
    let written = operation(place, "create", parameters, Some(body), &replies, &refusals);
    secured(written, place, of.permissions, Access::Write)
}

/// A change of an entity.
pub(super) fn update(place: &Place, of: &EntityType) -> Json {
    let body = schemas::reference(of, Side::Update);
    let entity = schemas::reference(of, Side::Reply);
    let mut replies = vec![(200, Some(entity.clone())), (204, None)];
    let mut parameters = vec![format(), header("Prefer"), header("If-Match")];
    if of.key == Key::Client {
        parameters[1]["description"] = CREATE_IF_MISSING.into();
        parameters.push(header("If-None-Match"));
        replies.push((201, Some(entity)));
    }
    let refusals = [404, 409, 412, 415];
    let written = operation(place, "update", parameters, Some(body), &replies, &refusals);
    secured(written, place, of.permissions, Access::Write)
}

/// The end of an entity.
pub(super) fn delete(place: &Place, of: &EntityType) -> Json {
    let parameters = vec![format(), header("If-Match")];
    let written = operation(place, "delete", parameters, None, &[(204, None)], &[404, 412]);
    secured(written, place, of.permissions, Access::Write)
}

/// An action.
pub(super) fn call(place: &Place, of: &EntityType, action: &Action) -> Json {
    let body = schemas::parameters(action);
    let reply = match action.returned_item() {
        None => (204, None),
        Some(item) => {
            let items = json!({ "type": "array", "items": schemas::named(item.name) });
            let properties = json!({ "value": items });
            let required = json!(["value"]);
            let page = json!({ "type": "object", "required": required, "properties": properties });
            (200, Some(page))
        }
    };
    let (mut parameters, mut refusals) = (vec![format()], vec![404, 409, 415]);
    if action.writes() {
        parameters.push(idempotency_key());
        refusals.push(422);
    }
    let written = operation(place, "call", parameters, Some(body), &[reply], &refusals);
    let access = if action.writes() { Access::Write } else { Access::List };
    secured(written, place, of.permissions, access)
}

/// What the API says of itself; nobody needs a token for it.
pub(super) fn description(name: &str, media_types: &[&str]) -> Json {
    let content: Map<String, Json> =
        media_types.iter().map(|media_type| ((*media_type).into(), json!({}))).collect();
    let mut responses = Map::new();
    responses.insert("200".into(), json!({ "description": "The document", "content": content }));
    for status in RECEIVING.into_iter().chain([405, 406]) {
        responses.insert(status.to_string(), json!({ "$ref": REFUSED }));
    }
    json!({ "get": {
        "operationId": name,
        "security": [],
        "parameters": [format()],
        "responses": responses,
    } })
}

/// An operation with its replies, and the reply of each refusal.
pub(super) fn operation(
    place: &Place,
    verb: &str,
    parameters: Vec<Json>,
    body: Option<Json>,
    replies: &[(u16, Option<Json>)],
    refusals: &[u16],
) -> Json {
    let mut responses = Map::new();
    for (status, schema) in replies {
        let mut reply = json!({ "description": "Done" });
        if let Some(schema) = schema {
            reply["content"] = json!({ "application/json": { "schema": schema } });
        }
        responses.insert(status.to_string(), reply);
    }
    for status in RECEIVING.iter().chain(&ANYWHERE).chain(refusals) {
        responses.insert(status.to_string(), json!({ "$ref": REFUSED }));
    }
    let mut written = json!({
        "operationId": format!("{}.{verb}", place.name),
        "responses": responses,
    });
    written["parameters"] = parameters.into();
    if let Some(schema) = body {
        let content = json!({ "application/json": { "schema": schema } });
        written["requestBody"] = json!({ "required": true, "content": content });
    }
    written
}

/// The operation with the permissions of which a user's token needs one. The roles of a scheme that is
/// not OAuth are the names of permissions, as `OpenAPI` 3.1 has it.
pub(super) fn secured(
    mut operation: Json,
    place: &Place,
    permissions: &Permissions,
    access: Access,
) -> Json {
    let accepted = permissions.accepted(place.profile, access, false);
    operation["security"] = accepted.iter().map(|name| json!({ "bearer": [name] })).collect();
    operation
}

/// The replies that are the same everywhere.
pub(super) fn shared_replies() -> Json {
    let schema = json!({ "$ref": "#/components/schemas/error" });
    let content = json!({ "application/json": { "schema": schema } });
    json!({ "refused": { "description": "Refused", "content": content } })
}
