//! Reads a condition from JSON. Whoever reads it reads the rest of the object's members.

use super::Condition;
use crate::error::Result;
use crate::message::Method;
use crate::model::ENTITY_TYPES;
use crate::odata::Json;
use crate::twin::call::Verb;
use crate::twin::limits::{MAX_PATTERN, MAX_PATTERNS};
use crate::twin::members::{Members, Words};

const METHODS: Words<Method> = &[
    ("GET", Method::Get),
    ("POST", Method::Post),
    ("PATCH", Method::Patch),
    ("PUT", Method::Put),
    ("DELETE", Method::Delete),
];

impl Condition {
    /// Reads the conditions of a rule out of the members of `when`, and leaves the others.
    pub(in crate::twin) fn of_when(members: &mut Members) -> Result<Self> {
        let (mut user, mut application) = (None, None);
        if let Some(mut caller) = members.object("caller")? {
            user = caller.text("user")?;
            application = caller.text("application")?;
            caller.end()?;
        }
        let headers = patterns(members, "header")?.into_iter();
        Ok(Self {
            method: members.word("method", METHODS)?,
            path: members.value("path", PATH, path)?,
            entity: members.value("entity", ENTITY, entity)?,
            verb: members.word("operation", Verb::NAMES)?,
            user,
            application,
            headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), value)).collect(),
            in_batch: members.boolean("inBatch")?,
            ..Self::default()
        })
    }

    /// Reads the whole of a `match`, which is at `place`.
    pub(in crate::twin) fn of_match(place: &str, json: Json) -> Result<Self> {
        let mut members = Members::of_member(place, json)?;
        let condition = Self::of_when(&mut members)?;
        let query = patterns(&mut members, "query")?;
        let body = members.value("body", "an object", |json| match json {
            Json::Object(_) => Some(json.clone()),
            _ => None,
        })?;
        members.end()?;
        Ok(Self { query, body, ..condition })
    }
}

const PATH: &str = "a path that begins with '/', such as '/**/deviceRunStates'";
const ENTITY: &str = "the name of an entity type, such as 'deviceManagementScriptDeviceState'";
const PATTERNS: &str =
    "an object of at most 100 members, whose values are texts, in which '*' is any text";

fn path(json: &Json) -> Option<String> {
    match json {
        Json::String(text) if text.len() <= MAX_PATTERN => {
            let is_path = text.starts_with('/') || text.starts_with("**/");
            is_path.then(|| text.clone())
        }
        _ => None,
    }
}

fn entity(json: &Json) -> Option<&'static str> {
    let Json::String(name) = json else { return None };
    let mut types = ENTITY_TYPES.iter();
    types.find(|it| it.name.eq_ignore_ascii_case(name)).map(|it| it.name)
}

/// The members of an object whose values are patterns.
fn patterns(members: &mut Members, name: &'static str) -> Result<Vec<(String, String)>> {
    let pattern = |(name, value): &(String, Json)| match value {
        Json::String(text) if text.len() <= MAX_PATTERN => Some((name.clone(), text.clone())),
        _ => None,
    };
    let patterns = members.value(name, PATTERNS, |json| match json {
        Json::Object(pairs) if pairs.len() <= MAX_PATTERNS => {
            pairs.iter().map(pattern).collect::<Option<Vec<_>>>()
        }
        _ => None,
    })?;
    Ok(patterns.unwrap_or_default())
}
