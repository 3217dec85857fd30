//! An entity as JSON, assembled by the database in the order and spelling of the wire: one
//! expression for reads and writes alike.

use super::input::offset_column;
use crate::model::{Edm, Property};
use crate::odata::MetadataLevel;
use crate::plan::Shape;

/// The JSON of the row `alias`, as text.
pub(super) fn entity(shape: &Shape, alias: &str) -> String {
    let mut shown = Vec::new();
    if shape.level == MetadataLevel::Minimal {
        let name = shape.entity_type.qualified_name();
        shown.push(format!("'#{name}' AS \"@odata.type\""));
    }
    for property in &shape.properties {
        let hidden = property.by_key_only && !shape.by_key;
        let value = if hidden { "NULL".into() } else { value(property, alias) };
        shown.push(format!("{value} AS \"{}\"", property.name));
    }
    format!("(SELECT row_to_json(shown) FROM (SELECT {}) AS shown)::text", shown.join(", "))
}

fn value(property: &Property, alias: &str) -> String {
    let column = format!("{alias}.{}", property.column);
    match property.edm {
        Edm::String | Edm::Boolean | Edm::Int32 | Edm::Strings | Edm::Enum(_) => column,
        Edm::Binary => format!("base64({column})"),
        Edm::DateTimeOffset => {
            format!("date_time_offset({column}, {alias}.{})", offset_column(property))
        }
    }
}
