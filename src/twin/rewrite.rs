//! Changes the JSON of a reply as a fault says. Members keep their order, and numbers their digits.

use super::json;
use super::rule::{Fault, Quirk};
use crate::model::{ENTITY_TYPES, Edm, RUN_STATE, SEED_RUN_STATES};
use crate::odata::Json;

/// What the members of a run state that the first version of the API lacks are shown as.
const UNKNOWN: &str = "unknown";

/// The JSON of a reply to which a fault happens; `None` where the fault leaves it as it is.
#[must_use]
pub fn rewrite(fault: &Fault, text: &str) -> Option<String> {
    let mut body = match fault {
        Fault::Quirk(Quirk::NoNextLink | Quirk::Innererror | Quirk::NullsLeftOut)
        | Fault::SeedMembers => Json::parse(text).ok()?,
        _ => return None,
    };
    match (fault, &mut body) {
        (Fault::Quirk(Quirk::NoNextLink), Json::Object(members)) => {
            members.retain(|(name, _)| name != "@odata.nextLink");
        }
        (Fault::Quirk(Quirk::Innererror), Json::Object(members)) => rename_inner_error(members),
        (Fault::Quirk(_), body) => leave_nulls_out(body),
        (_, body) => show_seed_members(body),
    }
    Some(json::write(&body))
}

fn rename_inner_error(members: &mut [(String, Json)]) {
    let errors = members.iter_mut().filter(|(name, _)| name == "error");
    for (_, error) in errors {
        let Json::Object(members) = error else { continue };
        for (name, _) in members.iter_mut().filter(|(name, _)| name == "innerError") {
            *name = "innererror".into();
        }
    }
}

fn leave_nulls_out(json: &mut Json) {
    match json {
        Json::Object(members) => {
            members.retain(|(_, value)| *value != Json::Null);
            members.iter_mut().for_each(|(_, value)| leave_nulls_out(value));
        }
        Json::Array(items) => items.iter_mut().for_each(leave_nulls_out),
        _ => {}
    }
}

fn show_seed_members(json: &mut Json) {
    match json {
        Json::Object(members) => {
            for (name, value) in members {
                match value {
                    Json::String(text) if is_run_state(name) && is_later(text) => {
                        *text = UNKNOWN.into();
                    }
                    other => show_seed_members(other),
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(show_seed_members),
        _ => {}
    }
}

/// Whether a property of this name is a run state.
fn is_run_state(name: &str) -> bool {
    let mut properties = ENTITY_TYPES.iter().flat_map(|it| it.properties);
    properties.any(|property| match property.edm {
        Edm::Enum(of) => of.name == RUN_STATE.name && property.name == name,
        _ => false,
    })
}

/// Whether a member is one that was added to the API later.
fn is_later(member: &str) -> bool {
    RUN_STATE.member(member).is_some() && !SEED_RUN_STATES.contains(&member)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_changes_what_it_names_and_nothing_else() {
        for (fault, text, expected) in [
            (
                Fault::Quirk(Quirk::NoNextLink),
                r#"{"@odata.count":1,"@odata.nextLink":"http://h","value":[{"a":1.50}]}"#,
                r#"{"@odata.count":1,"value":[{"a":1.50}]}"#,
            ),
            (
                Fault::Quirk(Quirk::Innererror),
                r#"{"error":{"code":"c","innerError":{"date":"d"}}}"#,
                r#"{"error":{"code":"c","innererror":{"date":"d"}}}"#,
            ),
            (
                Fault::Quirk(Quirk::NullsLeftOut),
                r#"{"a":null,"b":{"c":null},"value":[{"d":null,"e":1}]}"#,
                r#"{"b":{},"value":[{"e":1}]}"#,
            ),
            (
                Fault::SeedMembers,
                r#"{"value":[{"runState":"scriptError"},{"runState":"fail"},{"x":"pending"}]}"#,
                r#"{"value":[{"runState":"unknown"},{"runState":"fail"},{"x":"pending"}]}"#,
            ),
        ] {
            assert_eq!(rewrite(&fault, text).as_deref(), Some(expected));
        }
        assert_eq!(rewrite(&Fault::Twice, "{}"), None);
    }
}
