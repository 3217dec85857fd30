//! The schemas of the OpenAPI document: each type as a reply shows it, and as the bodies of a
//! create and an update take it.

use serde_json::{Map, Value as Json, json};

use crate::endpoints::describe::capabilities::is_computed;
use crate::endpoints::describe::types;
use crate::model::{
    API_VERSION, Action, ComplexType, Edm, EntityType, Key, MAX_ITEMS, Navigation, NavigationKind,
    Parameter, Property, ROOT, Source, Surface,
};
use crate::plan::MAX_ENTITIES;

/// Any text that the database can hold.
const TEXT: &str = "^[^\\u0000]*$";
/// An `id`, or what one is made of.
const ID: &str = "^[^/\\u0000-\\u001f\\u007f-\\u009f]+$";
/// The longest id of a group.
const MAX_GROUP_LENGTH: u32 = 200;
/// What is narrower than the format; as a pattern it breaks what generators make of a date-time.
const DATE_TIME: &str = "From year 1 to 9999, with at most 7 digits of a fraction of a second and an \
                         offset of at most 14:00 either way.";
const DURATION: &str = "^[+-]?P(?=[0-9T])([0-9]+D)?\
                        (T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+(\\.[0-9]{1,7})?S)?)?$";
/// Base64 in which no bit is set that means nothing.
const BASE64: &str =
    "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)?$";

/// Where an entity stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Reply,
    Create,
    Update,
}

/// Every schema that has a name.
pub(super) fn all(surface: Surface) -> Map<String, Json> {
    let types = types::all(surface);
    let mut schemas = Map::new();
    let text = json!({ "type": "string" });
    let fields = json!({ "code": text, "message": text, "innerError": { "type": "object" } });
    let error = json!({
        "type": "object", "required": ["code", "message", "innerError"], "properties": fields,
    });
    let whole = json!({
        "type": "object", "required": ["error"], "properties": { "error": error },
    });
    schemas.insert("error".into(), whole);
    for enumeration in &types.enums {
        let names: Vec<&str> = enumeration.names().collect();
        schemas.insert(enumeration.name.into(), json!({ "type": "string", "enum": names }));
    }
    for of in &types.complexes {
        schemas.insert(of.name.into(), complex(of));
    }
    for of in &types.entities {
        let sides = [Side::Reply, Side::Create, Side::Update];
        for side in &sides[..if of.is_writable() { 3 } else { 1 }] {
            schemas.insert(name(of, *side), entity(of, *side, surface));
        }
    }
    schemas
}

/// A reference to an entity's schema.
pub(super) fn reference(of: &EntityType, side: Side) -> Json {
    named(&name(of, side))
}

/// A reference to a schema.
pub(super) fn named(name: &str) -> Json {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The body of an action.
pub(super) fn parameters(action: &Action) -> Json {
    let properties = action.parameters.iter().map(|parameter| {
        let (item, most) = match parameter {
            Parameter::Entities { navigation, .. } => {
                (reference(navigation.target, Side::Create), MAX_ENTITIES)
            }
            Parameter::Strings { .. } => (json!({ "type": "string", "pattern": TEXT }), MAX_ITEMS),
        };
        let items = json!({ "type": ["array", "null"], "maxItems": most, "items": item });
        (parameter.name().to_owned(), items)
    });
    let mut body = closed(properties.collect(), &[]);
    body["patternProperties"] = json!({ "@": {} });
    // An action without any of its parameters, or with nulls alone, would do nothing.
    let given = |parameter: &Parameter| {
        let given = json!({ parameter.name(): { "type": "array" } });
        json!({ "required": [parameter.name()], "properties": given })
    };
    body["anyOf"] = action.parameters.iter().map(given).collect();
    body
}

fn name(of: &EntityType, side: Side) -> String {
    let suffix = match side {
        Side::Reply => "",
        Side::Create => "-create",
        Side::Update => "-update",
    };
    format!("{}{suffix}", of.name)
}

fn entity(of: &EntityType, side: Side, surface: Surface) -> Json {
    let shown = |property: &&Property| match side {
        Side::Reply => true,
        Side::Create => {
            !is_computed(property.source)
                && (property.source != Source::Key || of.key == Key::Client)
        }
        Side::Update => !is_computed(property.source) && property.source != Source::Key,
    };
    let mut properties = own_properties(of.properties.iter().filter(shown));
    let mut required = Vec::new();
    if side == Side::Create
        && let Some(id) = properties.get_mut(of.key_property().name)
    {
        *id = json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": ID });
    }
    if let Key::Derived(derivation) = of.key
        && derivation.required
        && side != Side::Reply
    {
        let group = json!({
            "type": "string", "minLength": 1, "maxLength": MAX_GROUP_LENGTH, "pattern": ID,
        });
        properties.insert(derivation.property.into(), group);
        if side == Side::Create {
            required.push(derivation.property);
        }
    }
    for navigation in surface.navigations(of) {
        let target = navigation.target;
        match (navigation.kind, side) {
            (NavigationKind::Contained, Side::Reply | Side::Create)
            | (NavigationKind::Versions(_), Side::Reply) => {
                let mut items = json!({ "type": "array", "items": reference(target, side) });
                if side == Side::Create {
                    items["maxItems"] = (MAX_ENTITIES - 1).into(); // besides the entity itself
                }
                properties.insert(navigation.name.into(), items);
            }
            (NavigationKind::Attached | NavigationKind::Referenced(_), Side::Reply) => {
                let one = json!({ "anyOf": [reference(target, side), { "type": "null" }] });
                properties.insert(navigation.name.into(), one);
            }
            (NavigationKind::Referenced(set), Side::Create | Side::Update) => {
                let bind = format!("{}@odata.bind", navigation.name);
                properties.insert(bind, json!({ "anyOf": [url(set), { "type": "null" }] }));
            }
            _ => {}
        }
    }
    closed(properties, &required)
}

/// The URL of an entity in an entity set.
fn url(set: &Navigation) -> Json {
    let key = "[^/%'()\\u0000-\\u001f\\u007f-\\u009f]{1,255}";
    let path = format!("{}/{}(/{key}|\\('{key}'\\))", ROOT.name, set.name);
    let root = format!("^(https?://[^/]+)?/?({API_VERSION}/)?");
    json!({ "type": "string", "pattern": format!("{root}{path}$") })
}

/// A complex value; where there are derived types it must say which one it is.
fn complex(of: &ComplexType) -> Json {
    if of.derived.is_empty() || !of.is_abstract {
        return one_complex(of);
    }
    let types: Vec<Json> = of.derived.iter().map(|derived| one_complex(derived)).collect();
    json!({ "oneOf": types })
}

fn one_complex(of: &ComplexType) -> Json {
    let mut properties = own_properties(of.all_properties().into_iter());
    if of.base.is_none() {
        return closed(properties, &[]);
    }
    let tag = "@odata.type";
    properties.insert(tag.into(), json!({ "const": format!("#{}", of.qualified_name()) }));
    closed(properties, &[tag])
}

/// A closed type: what it does not have is refused by name, annotations are not.
pub(super) fn closed(properties: Map<String, Json>, required: &[&str]) -> Json {
    let mut written = json!({
        "type": "object",
        "required": required,
        "patternProperties": { "@": {}, "^#": {} },
        "additionalProperties": false,
    });
    written["properties"] = properties.into();
    written
}

fn own_properties<'a>(properties: impl Iterator<Item = &'a Property>) -> Map<String, Json> {
    properties.map(|property| (property.name.into(), value(property))).collect()
}

fn value(property: &Property) -> Json {
    let schema = match property.edm {
        Edm::String => json!({ "type": "string", "pattern": TEXT }),
        Edm::Boolean => json!({ "type": "boolean" }),
        Edm::Int32 => json!({ "type": "integer", "minimum": i32::MIN, "maximum": i32::MAX }),
        Edm::Int64 => json!({ "type": "integer", "minimum": i64::MIN, "maximum": i64::MAX }),
        Edm::Double => json!({ "type": "number" }),
        Edm::DateTimeOffset => {
            json!({ "type": "string", "format": "date-time", "description": DATE_TIME })
        }
        Edm::Duration => json!({ "type": "string", "pattern": DURATION }),
        Edm::Binary => {
            json!({ "type": "string", "contentEncoding": "base64", "pattern": BASE64 })
        }
        Edm::Strings => collection(json!({ "type": "string", "pattern": TEXT })),
        Edm::Enum(enumeration) => named(enumeration.name),
        Edm::Enums(enumeration) => collection(named(enumeration.name)),
        Edm::Complex(complex) => named(complex.name),
        Edm::Complexes(complex) => collection(named(complex.name)),
    };
    match property.nullable {
        true => json!({ "anyOf": [schema, { "type": "null" }] }),
        false => schema,
    }
}

fn collection(item: Json) -> Json {
    let mut written = json!({ "type": "array", "maxItems": MAX_ITEMS });
    written["items"] = item;
    written
}
