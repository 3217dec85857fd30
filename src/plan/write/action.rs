//! The body of an action × what it takes → what it does.

use chrono::{DateTime, Utc};

use super::create::{self, NewEntity};
use super::{Value, body};
use crate::error::{Error, Result};
use crate::message::Request;
use crate::model::{Action, Edm, Effect, Parameter, Property};
use crate::odata::Json;
use crate::plan::{Act, Address};

/// How many ids one call may ask about.
pub const MAX_IDS: usize = 1000;

/// What a call of an action on an address does.
pub(in crate::plan) fn call(
    action: &'static Action,
    address: &Address,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<Act> {
    let arguments = arguments(action, request)?;
    match action.effect {
        Effect::Replace { navigation } => replace(navigation, address, arguments, now),
        Effect::PayloadLinks { navigation, .. } => {
            let navigation = address.target().navigation(navigation).ok_or(Error::NotFound)?;
            Ok(Act::PayloadLinks { ids: payload_ids(arguments)?, navigation })
        }
    }
}

type Arguments = Vec<(&'static Parameter, Vec<Json>)>;

/// The parameters that the body names with an array; null is like absence.
fn arguments(action: &'static Action, request: &Request) -> Result<Arguments> {
    let Json::Object(members) = body::object(request)? else { return Ok(Vec::new()) };
    let mut arguments: Arguments = Vec::new();
    for (name, json) in members.into_iter().filter(|(name, _)| !name.contains('@')) {
        let parameter = action.parameters.iter().find(|it| it.name().eq_ignore_ascii_case(&name));
        let parameter = parameter.ok_or_else(|| unknown(action, &name))?;
        match json {
            Json::Array(items) => arguments.push((parameter, items)),
            Json::Null => {}
            other => {
                let kind = other.kind();
                let text = format!("The parameter '{name}' is an array, not {kind}.");
                return Err(Error::ModelValidation(text));
            }
        }
    }
    match arguments.is_empty() {
        false => Ok(arguments),
        true => Err(Error::ModelValidation(format!(
            "The action '{}' needs a parameter: {}.",
            action.name,
            names(action)
        ))),
    }
}

/// The same group may be named by both parameters, and twice in one: it is assigned once, as the
/// parameter that the action lists first says.
fn replace(
    navigation: &'static str,
    address: &Address,
    arguments: Arguments,
    now: DateTime<Utc>,
) -> Result<Act> {
    let below = |name: &str| address.target().navigation(name).map(|it| address.below(None, it));
    let mut entities: Vec<NewEntity> = Vec::new();
    for (parameter, items) in arguments {
        let Parameter::Entities { name, navigation } = parameter else { continue };
        let Some(collection) = below(navigation) else { continue };
        for (index, item) in items.into_iter().enumerate() {
            create::add(&collection, item, now, &mut entities)
                .map_err(|error| body::within(name, index, error))?;
        }
    }
    let collection = below(navigation).ok_or(Error::NotFound)?;
    Ok(Act::Replace { collection, entities })
}

fn payload_ids(arguments: Arguments) -> Result<Vec<String>> {
    static PAYLOAD_ID: Property = Property {
        name: "payloadIds",
        column: "",
        edm: Edm::String,
        nullable: false,
        source: crate::model::Source::Client,
        by_key_only: false,
    };
    let items = arguments.into_iter().flat_map(|(_, items)| items);
    let ids = items.map(|item| match Value::from_json(&PAYLOAD_ID, item)? {
        Value::Text(id) => Ok(id),
        _ => Err(Error::ModelValidation("The parameter 'payloadIds' holds strings.".into())),
    });
    let ids: Vec<String> = ids.collect::<Result<_>>()?;
    match ids.len() <= MAX_IDS {
        true => Ok(ids),
        false => Err(Error::ModelValidation(format!(
            "The parameter 'payloadIds' holds more than {MAX_IDS} ids."
        ))),
    }
}

fn names(action: &Action) -> String {
    action.parameters.iter().map(Parameter::name).collect::<Vec<_>>().join(", ")
}

fn unknown(action: &Action, name: &str) -> Error {
    Error::ModelValidation(format!(
        "The parameter '{name}' does not exist on action '{}'. It has {}.",
        action.name,
        names(action)
    ))
}
