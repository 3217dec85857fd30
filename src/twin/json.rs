//! A JSON value → its text. Members keep their order, and numbers their digits.

use crate::odata::Json;

/// The text of a value, without white space.
pub(super) fn write(json: &Json) -> String {
    let mut text = String::new();
    append(json, &mut text);
    text
}

fn append(json: &Json, text: &mut String) {
    match json {
        Json::Null => text.push_str("null"),
        Json::Boolean(value) => text.push_str(if *value { "true" } else { "false" }),
        Json::Integer(number) => text.push_str(&number.to_string()),
        Json::Number(number) => text.push_str(number.written()),
        Json::String(string) => append_string(string, text),
        Json::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                append(item, text);
            }
            text.push(']');
        }
        Json::Object(members) => {
            text.push('{');
            for (index, (name, value)) in members.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                append_string(name, text);
                text.push(':');
                append(value, text);
            }
            text.push('}');
        }
    }
}

fn append_string(string: &str, text: &mut String) {
    text.push_str(&serde_json::Value::from(string).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_white_space_is_written_as_it_was_read() {
        for text in
            [r#"{"b":1,"a":[1.50,-2e3,"x\"y",null,true,false],"é":{}}"#, "[]", "\"\"", "12345678"]
        {
            assert_eq!(write(&Json::parse(text).unwrap()), text);
        }
    }
}
