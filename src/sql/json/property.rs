//! One property of an entity as the body of a reply: JSON, or the raw value.

use super::{annotated, value};
use crate::model::{Edm, Property};
use crate::odata::MetadataLevel;
use crate::plan::{ValueForm, annotation};
use crate::sql::expression::items_number;

/// The bytes of a property of the row `alias`; null if its value is null.
pub(in crate::sql) fn bytes(
    property: &Property,
    alias: &str,
    form: ValueForm,
    level: MetadataLevel,
) -> String {
    let value = value(property, alias, level);
    let types = annotation::types_of_property(level, property);
    let text = match form {
        ValueForm::Bytes => return format!("{alias}.{}", property.column),
        ValueForm::Count => {
            let is_array = !matches!(property.edm, Edm::Complexes(_));
            format!("({})::text", items_number(&value, is_array))
        }
        ValueForm::Text => format!("({value})::text"),
        ValueForm::Object => format!("{}::text", annotated(&value, types.as_ref())),
        ValueForm::Member => {
            let object = annotated("row_to_json(shown)", types.as_ref());
            format!(
                "(SELECT {object}::text FROM (SELECT {value} AS \"value\") AS shown \
                 WHERE shown.\"value\" IS NOT NULL)"
            )
        }
    };
    format!("convert_to({text}, 'UTF8')")
}
