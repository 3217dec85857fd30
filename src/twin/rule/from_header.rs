//! The header `X-Runstate-Fault`, by which a request asks for a fault itself: `throttle;
//! retry-after=2`, `lost-reply=reset`, `pretend`.

use super::Fault;
use crate::error::Result;
use crate::odata::Json;

/// Reads the value of the header: the name of a fault, with its value after `=`, or with members
/// after `;`. Names may have hyphens instead of capital letters.
///
/// # Errors
/// For a fault or a member that is unknown or wrong, by the name that it has in a rule.
pub fn fault_of_header(value: &str) -> Result<Fault> {
    let mut parts = value.split(';').map(str::trim).filter(|part| !part.is_empty());
    let (name, own) = pair(parts.next().unwrap_or_default());
    let members: Vec<(String, Json)> = parts
        .map(|part| {
            let (name, value) = pair(part);
            (name, value.unwrap_or(Json::Boolean(true)))
        })
        .collect();
    let json = match (own, members.is_empty()) {
        (Some(own), true) => own,
        (None, true) if ["pretend", "twice"].contains(&&*name) => Json::Boolean(true),
        (_, _) => Json::Object(members),
    };
    Fault::read(&Json::Object(vec![(name, json)]))
}

fn pair(part: &str) -> (String, Option<Json>) {
    let (name, value) = match part.split_once('=') {
        Some((name, value)) => (name, Some(value.trim())),
        None => (part, None),
    };
    let value = value.map(|value| match Json::parse(value) {
        Ok(number @ (Json::Integer(_) | Json::Number(_))) => number,
        _ => Json::String(value.to_owned()),
    });
    (camel_case(name.trim()), value)
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let mut letters = word.chars();
        let capital = letters.next().map(|letter| letter.to_ascii_uppercase());
        name + &capital.into_iter().chain(letters).collect::<String>()
    })
}
