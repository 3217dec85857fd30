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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ComplexType, Edm, EnumType, Property};
    use crate::odata::{DateTimeOffset, Duration};

    static COLOR: EnumType =
        EnumType { name: "color", column_type: "", members: &[("red", 0), ("green", 1)] };
    static INNER: ComplexType = ComplexType {
        name: "inner",
        base: None,
        is_abstract: false,
        properties: &[],
        derived: &[],
    };
    static EMPTY: Complex = Complex { declared: &INNER, of: &INNER, values: Vec::new() };

    #[test]
    fn a_member_of_each_type_is_stored() {
        let members = [
            (Edm::String, Value::Text("a\"b".into()), r#""a\"b""#),
            (Edm::Boolean, Value::Boolean(true), "true"),
            (Edm::Int32, Value::Int32(-1), "-1"),
            (Edm::Int64, Value::Int64(i64::MAX), "9223372036854775807"),
            (Edm::Double, Value::Double(1.5), "1.5"),
            (
                Edm::DateTimeOffset,
                Value::DateTimeOffset(DateTimeOffset::parse("2017-01-01T00:02:58Z").unwrap()),
                r#""2017-01-01T00:02:58Z""#,
            ),
            (Edm::Duration, Value::Duration(Duration::parse("PT1H").unwrap()), r#""PT1H""#),
            (Edm::Binary, Value::Binary(vec![0xfb, 0xff]), r#""+/8=""#),
            (Edm::Strings, Value::Texts(vec!["a".into(), "b".into()]), r#"["a","b"]"#),
            (Edm::Enum(&COLOR), Value::Member("green"), r#""green""#),
            (Edm::Enums(&COLOR), Value::Members(vec!["red"]), r#"["red"]"#),
            (Edm::Complex(&INNER), Value::Complex(EMPTY.clone()), "{}"),
            (Edm::Complexes(&INNER), Value::Complexes(vec![EMPTY.clone()]), "[{}]"),
            (Edm::Duration, Value::Null, "null"),
        ];
        for (edm, value, json) in members {
            let member: &'static Property = Box::leak(Box::new(Property::parameter("it", edm)));
            let complex = Complex { declared: &INNER, of: &INNER, values: vec![(member, value)] };
            assert_eq!(value_text(&Value::Complex(complex)), format!("{{\"it\":{json}}}"));
        }
    }
}
