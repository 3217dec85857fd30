//! Complex values as the JSON that is stored: a member for each property of the type, in its order,
//! after `@odata.type` if there are derived types.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use crate::plan::{Complex, Value};

/// A value as JSON text.
pub(in crate::sql) fn value_text(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Text(text) => quoted(text),
        Value::Boolean(truth) => truth.to_string(),
        Value::Int32(number) => number.to_string(),
        Value::Int64(number) => number.to_string(),
        Value::Double(number) => Json::from(*number).to_string(),
        Value::DateTimeOffset(moment) => quoted(&moment.to_string()),
        Value::Duration(length) => quoted(&length.to_string()),
        Value::Binary(bytes) => quoted(&STANDARD.encode(bytes)),
        Value::Member(member) => quoted(member),
        Value::Members(members) => Json::from(members.clone()).to_string(),
        Value::Texts(texts) => Json::from(texts.clone()).to_string(),
        Value::Complex(complex) => complex_text(complex),
        Value::Complexes(items) => {
            format!("[{}]", items.iter().map(complex_text).collect::<Vec<_>>().join(","))
        }
    }
}

fn complex_text(complex: &Complex) -> String {
    let mut members = Vec::new();
    if !complex.declared.derived.is_empty() {
        members.push(format!("\"@odata.type\":\"#{}\"", complex.of.qualified_name()));
    }
    let values = complex.values.iter();
    members.extend(values.map(|(it, value)| format!("\"{}\":{}", it.name, value_text(value))));
    format!("{{{}}}", members.join(","))
}

fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}
