//! The members of an entity's JSON object: its annotations and its properties.

use super::text::Text;
use super::{Place, tag, value};
use crate::model::{Edm, Property};
use crate::odata::MetadataLevel;
use crate::plan::{Shape, annotation};

/// Writes an object without its closing brace.
pub(super) fn write(text: &mut Text, shape: &Shape, alias: &str, place: &Place) {
    let mut start = '{';
    let mut name = |text: &mut Text, name: &str| {
        text.literal(&format!("{start}\"{name}\":"));
        start = ',';
    };
    if let Some(of) = annotation::type_of_entity(shape.level, shape.entity_type) {
        name(text, "@odata.type");
        text.literal(&format!("\"{of}\""));
    }
    if annotation::shows_links(shape.level) {
        let path = format!("url_path({})", place.path);
        let tag = tag(shape.entity_type, alias);
        let edit_link = ("@odata.editLink", &path);
        let links = [("@odata.id", &path), ("@odata.etag", &tag)].into_iter();
        for (own, value) in links.chain(shape.entity_type.is_writable().then_some(edit_link)) {
            name(text, own);
            text.value(format!("to_json({value})"));
        }
    }
    for property in &shape.properties {
        name(text, property.name);
        match property.by_key_only && !shape.by_key {
            true => text.literal("null"),
            false => write_value(text, property, alias, shape.level),
        }
    }
}

/// Writes the value of a property of the row `alias`.
fn write_value(text: &mut Text, property: &Property, alias: &str, level: MetadataLevel) {
    let value = value(property, alias, level);
    let nullable = property.nullable;
    match property.edm {
        Edm::Boolean if nullable => text.value(format!(
            "CASE WHEN {value} THEN 'true' WHEN NOT {value} THEN 'false' ELSE 'null' END"
        )),
        Edm::Boolean => text.value(format!("CASE WHEN {value} THEN 'true' ELSE 'false' END")),
        Edm::Int32 | Edm::Int64 if nullable => {
            text.value(format!("coalesce({value}::text, 'null')"));
        }
        Edm::Int32 | Edm::Int64 => text.value(value),
        Edm::Complex(_) | Edm::Complexes(_) if nullable => {
            text.value(format!("coalesce({value}, 'null')"));
        }
        Edm::Complex(_) | Edm::Complexes(_) => text.value(value),
        // Their output has no character that JSON escapes.
        Edm::Enum(_) | Edm::DateTimeOffset | Edm::Duration | Edm::Binary if nullable => {
            text.value(format!("coalesce('\"' || {value} || '\"', 'null')"));
        }
        Edm::Enum(_) | Edm::DateTimeOffset | Edm::Duration | Edm::Binary => {
            text.literal("\"");
            text.value(value);
            text.literal("\"");
        }
        Edm::String | Edm::Double | Edm::Strings | Edm::Enums(_) if nullable => {
            text.value(format!("coalesce(to_json({value}), 'null')"));
        }
        Edm::String | Edm::Double | Edm::Strings | Edm::Enums(_) => {
            text.value(format!("to_json({value})"));
        }
    }
}
