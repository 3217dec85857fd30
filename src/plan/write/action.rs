//! A call of an action × the parameters in its body → what it does.

use super::Context;
use super::Value;
use super::create::{self, NewEntity};
use crate::error::{BodyReason, Error, Result};
use crate::model::{Action, ComplexType, Edm, Effect, MAX_ITEMS, Navigation, Parameter, Property};
use crate::odata::Json;
use crate::plan::{Act, CollectionAddress, EntityAddress, Step};

/// A call of an action that is bound to an entity.
pub(in crate::plan) fn call_on_entity(
    entity: &EntityAddress,
    action: &'static Action,
    body: Json,
    context: Context<'_>,
) -> Result<Act> {
    let arguments = arguments(action, body)?;
    match action.effect {
        Effect::Replace { navigation } => replace(navigation, entity, arguments, context),
        Effect::Query { function, item } => {
            query(entity.steps().cloned().collect(), action, function, item, arguments)
        }
    }
}

/// A call of an action that is bound to a collection.
pub(in crate::plan) fn call_on_collection(
    collection: &CollectionAddress,
    action: &'static Action,
    body: Json,
) -> Result<Act> {
    let arguments = arguments(action, body)?;
    match action.effect {
        Effect::Query { function, item } => {
            query(collection.ancestors.clone(), action, function, item, arguments)
        }
        Effect::Replace { .. } => {
            Err(Error::Bug("an action that replaces entities is bound to a collection"))
        }
    }
}

type Arguments = Vec<(&'static Parameter, Vec<Json>)>;

/// The parameters that the body gives as an array; null is the same as absence.
fn arguments(action: &'static Action, body: Json) -> Result<Arguments> {
    let Json::Object(members) = body else { return Ok(Vec::new()) };
    let mut arguments: Arguments = Vec::new();
    let mut met: Vec<&Parameter> = Vec::new();
    for (name, json) in members.into_iter().filter(|(name, _)| !name.contains('@')) {
        let parameter = action.parameters.iter().find(|it| it.name().eq_ignore_ascii_case(&name));
        let parameter = parameter.ok_or_else(|| unknown(action, &name))?;
        if met.iter().any(|other| std::ptr::eq(*other, parameter)) {
            return Err(BodyReason::ParameterRepeated { name }.into());
        }
        met.push(parameter);
        match json {
            Json::Array(items) => arguments.push((parameter, items)),
            Json::Null => {}
            other => {
                return Err(BodyReason::ParameterNotArray { name, found: other.kind() }.into());
            }
        }
    }
    match arguments.is_empty() {
        false => Ok(arguments),
        true => {
            let parameters = names(action);
            Err(BodyReason::ParameterMissing { action: action.name, parameters }.into())
        }
    }
}

/// The same group may be in both parameters, and twice in one. It is assigned once, as the first of
/// them says.
fn replace(
    navigation: &'static Navigation,
    entity: &EntityAddress,
    arguments: Arguments,
    context: Context<'_>,
) -> Result<Act> {
    let mut entities: Vec<NewEntity> = Vec::new();
    for (parameter, items) in arguments {
        let Parameter::Entities { name, navigation } = parameter else {
            return Err(Error::Bug("a parameter of an action that replaces holds no entities"));
        };
        let collection = entity.below(navigation);
        for (index, item) in items.into_iter().enumerate() {
            create::add(&collection, (name, index), item, context, &mut entities)?;
        }
    }
    let collection = entity.below(navigation);
    Ok(Act::Replace { entity: entity.clone(), collection, entities })
}

/// A call of a function with an array for each parameter, empty where the body has none.
fn query(
    steps: Vec<Step>,
    action: &'static Action,
    function: &'static str,
    item: &'static ComplexType,
    mut given: Arguments,
) -> Result<Act> {
    let mut arguments = Vec::new();
    for parameter in action.parameters {
        let Parameter::Strings { name } = parameter else {
            return Err(Error::Bug("a parameter of an action that queries holds entities"));
        };
        let place = given.iter().position(|(own, _)| std::ptr::eq(*own, parameter));
        let items = place.map_or_else(Vec::new, |place| given.swap_remove(place).1);
        arguments.push(texts(name, items)?);
    }
    Ok(Act::Query { steps, function, arguments, item })
}

fn texts(name: &'static str, items: Vec<Json>) -> Result<Vec<String>> {
    if items.len() > MAX_ITEMS {
        return Err(BodyReason::ParameterTooLong { name, limit: MAX_ITEMS }.into());
    }
    let item = Property::parameter(name, Edm::String);
    let texts = items.into_iter().map(|json| match Value::read(&item, json)? {
        Value::Text(text) => Ok(text),
        _ => Err(Error::Bug("a string became another value")),
    });
    texts.collect()
}

fn names(action: &Action) -> String {
    action.parameters.iter().map(Parameter::name).collect::<Vec<_>>().join(", ")
}

fn unknown(action: &Action, name: &str) -> Error {
    let (name, parameters) = (name.to_owned(), names(action));
    BodyReason::ParameterUnknown { name, action: action.name, parameters }.into()
}
