//! Compares the body of a request with what is wanted of it: each member that is named must be
//! there and be equal; other members do not matter.

use std::fmt::Display;

use super::Comparison;
use crate::odata::Json;
use crate::twin::call::Call;
use crate::twin::json;

/// Adds where the body differs.
pub(super) fn compare(wanted: &Json, call: &Call, found: &mut Comparison) {
    let text = String::from_utf8_lossy(&call.body);
    match Json::parse(&text) {
        Ok(body) => compare_value(&"body", wanted, Some(&body), found),
        Err(_) => found.check(&"body", Some(&text), &json::write(wanted), false),
    }
}

fn compare_value(at: &dyn Display, wanted: &Json, is: Option<&Json>, found: &mut Comparison) {
    match (wanted, is) {
        (Json::Object(members), Some(Json::Object(own))) => {
            for (name, wanted) in members {
                let is = own.iter().find(|(own, _)| own == name).map(|(_, value)| value);
                compare_value(&format_args!("{at}.{name}"), wanted, is, found);
            }
        }
        (Json::Array(items), Some(Json::Array(own))) if items.len() == own.len() => {
            for (index, (wanted, is)) in items.iter().zip(own).enumerate() {
                compare_value(&format_args!("{at}[{index}]"), wanted, Some(is), found);
            }
        }
        (wanted, is) => {
            if !is.is_some_and(|is| is_equal(wanted, is)) {
                found.check(at, is.map(shown).as_deref(), &shown(wanted), false);
            }
        }
    }
}

fn is_equal(one: &Json, other: &Json) -> bool {
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

fn number(json: &Json) -> Option<f64> {
    match json {
        Json::Integer(number) => Some(*number as f64),
        Json::Number(number) => number.double(),
        _ => None,
    }
}

/// A value in a difference: a string as it is, anything else as JSON.
fn shown(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        other => json::write(other),
    }
}
