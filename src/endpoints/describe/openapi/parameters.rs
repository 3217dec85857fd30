//! The parameters of operations: options of the query, headers, and a segment of the path. Does not know
//! which operation has which of them.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::Place;
use crate::endpoints::describe::capabilities::{self, IDEMPOTENCY_KEY};
use crate::headers::MAX_KEY_LENGTH;
use crate::model::{EntityType, Navigation};
use crate::odata::MAX_ORDER_KEYS;

/// An `Idempotency-Key` without quotation marks.
const BARE_KEY: &str = "^[!#-+\\--:<-\\[\\]-~]*$";

/// What the schema of `$filter` cannot say, and that of `$orderby` leaves out.
const FILTER: &str = "A condition in the language of OData, on the properties and navigations of the \
                      type. Any other text is refused with 400, and the message says where.";
const ORDER: &str = "The keys of the order. Expressions and paths of $filter's language may be keys \
                     too; any other text is refused with 400.";

/// The options that choose what is shown of an entity.
pub(super) fn shown(place: &Place, of: &EntityType) -> Vec<Json> {
    let properties: Vec<&str> = of.properties.iter().map(|it| it.name).collect();
    let navigations: Vec<&str> = place.surface.navigations(of).map(|it| it.name).collect();
    let mut options = vec![names("$select", &properties), format()];
    if !navigations.is_empty() {
        let mut expand = names("$expand", &[&navigations[..], &["*"]].concat());
        expand["schema"]["uniqueItems"] = true.into();
        options.push(expand);
    }
    options
}

/// The options that choose versions by the time when they were valid.
pub(super) fn period(navigation: &Navigation) -> Vec<Json> {
    if !navigation.leads_to_versions() {
        return Vec::new();
    }
    let date_time = json!({ "type": "string", "format": "date-time" });
    ["$at", "$from", "$to", "$toInclusive"].map(|name| option(name, date_time.clone())).into()
}

/// An option that lists names, separated by commas.
fn names(name: &str, names: &[impl Serialize]) -> Json {
    let items = json!({ "type": "string", "enum": names });
    let schema = json!({ "type": "array", "items": items });
    let mut written = option(name, schema);
    written["style"] = "form".into();
    written["explode"] = false.into();
    written
}

/// Its grammar is more than a schema can say.
pub(super) fn filter() -> Json {
    let schema = json!({ "type": "string", "examples": ["id eq 'a'"] });
    let mut written = option("$filter", schema);
    written["description"] = FILTER.into();
    written
}

/// The simple keys of an order, in both directions.
pub(super) fn order(of: &EntityType) -> Json {
    let sortable = capabilities::sortable(of).into_iter();
    let keys: Vec<String> =
        sortable.flat_map(|name| [name.into(), format!("{name} desc")]).collect();
    let mut written = names("$orderby", &keys);
    written["schema"]["maxItems"] = MAX_ORDER_KEYS.into();
    written["description"] = ORDER.into();
    written
}

pub(super) fn format() -> Json {
    option("$format", json!({ "type": "string", "enum": ["json"] }))
}

pub(super) fn option(name: &str, schema: Json) -> Json {
    let mut written = json!({ "name": name, "in": "query" });
    written["schema"] = schema;
    written
}

/// The key of a write that may be retried.
pub(super) fn idempotency_key() -> Json {
    let mut written = header(IDEMPOTENCY_KEY.name);
    written["description"] = IDEMPOTENCY_KEY.description.into();
    written["schema"]["pattern"] = BARE_KEY.into();
    written["schema"]["minLength"] = 1.into();
    written["schema"]["maxLength"] = MAX_KEY_LENGTH.into();
    written
}

pub(super) fn header(name: &str) -> Json {
    json!({ "name": name, "in": "header", "schema": { "type": "string" } })
}

/// The name of a property as a segment of the path.
pub(super) fn property_name(names: &[&str]) -> Json {
    let schema = json!({ "type": "string", "enum": names });
    json!({ "name": "property", "in": "path", "required": true, "schema": schema })
}
