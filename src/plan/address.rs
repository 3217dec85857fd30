//! A path and a verb → what is addressed. Each segment is looked up in the model; a key that no
//! entity can have becomes null, which no row equals, so that it is answered like any absent one.

use uuid::Uuid;

use super::Value;
use crate::error::{Error, Result};
use crate::message::Method;
use crate::model::permission::Operation;
use crate::model::{DEVICE_MANAGEMENT, EntityType, Key, Navigation};
use crate::odata::{Path, Segment};

/// The longest `id`, in characters.
const MAX_ID_LENGTH: usize = 255;

/// What a path names: a way from the root of the service down to a collection or an entity.
#[derive(Clone, Debug)]
pub struct Address {
    /// The steps of the way. Each but the last has a key; the last has one if it is an entity.
    pub steps: Vec<Step>,
}

/// One step down: a navigation, and the key of the entity that is chosen in it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The navigation.
    pub navigation: &'static Navigation,
    /// The key; null where no entity can have the key that was given.
    pub key: Option<Value>,
}

/// An address, and what is asked of it.
#[derive(Debug)]
pub struct Addressed {
    /// The collection or entity.
    pub address: Address,
    /// What is asked of it.
    pub verb: Verb,
}

/// What can be asked of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// A page of a collection.
    List,
    /// The number of entities in a collection.
    Count,
    /// A new entity in a collection.
    Create,
    /// An entity.
    Get,
    /// A change of an entity.
    Update,
    /// The end of an entity.
    Delete,
}

/// What a path can end in.
enum End {
    Collection,
    Count,
    Entity,
}

/// Finds what a request addresses.
///
/// # Errors
/// [`Error::SegmentUnknown`] for a name that the model lacks, [`Error::MethodNotAllowed`] for a verb
/// that the resource lacks, [`Error::BadRequest`] for what is no path of the service.
pub fn address(path: &Path, method: Method) -> Result<Addressed> {
    let (address, end) = walk(below_singleton(path)?)?;
    let verb = match (&end, method) {
        (End::Collection, Method::Get) => Verb::List,
        (End::Collection, Method::Post) => Verb::Create,
        (End::Count, Method::Get) => Verb::Count,
        (End::Entity, Method::Get) => Verb::Get,
        (End::Entity, Method::Patch) => Verb::Update,
        (End::Entity, Method::Delete) => Verb::Delete,
        _ => return Err(Error::MethodNotAllowed { allow: allow(&end).into() }),
    };
    Ok(Addressed { address, verb })
}

impl Address {
    /// The type of what is addressed.
    #[must_use]
    pub fn target(&self) -> &'static EntityType {
        self.steps.last().map_or(&DEVICE_MANAGEMENT, |step| step.navigation.target)
    }
}

impl Addressed {
    /// The kind of permission that the request needs, on [`Address::target`].
    #[must_use]
    pub fn operation(&self) -> Operation {
        match self.verb {
            Verb::List | Verb::Count => Operation::List,
            Verb::Get => Operation::Get,
            Verb::Create | Verb::Update | Verb::Delete => Operation::Write,
        }
    }
}

/// An `id` as the body of a create may give it.
pub(super) fn is_id(text: &str) -> bool {
    let length = text.chars().count();
    (1..=MAX_ID_LENGTH).contains(&length) && !text.chars().any(|c| c.is_control() || c == '/')
}

fn allow(end: &End) -> &'static str {
    match end {
        End::Collection => "GET, HEAD, POST",
        End::Count => "GET, HEAD",
        End::Entity => "GET, HEAD, PATCH, DELETE",
    }
}

/// The segments after `/beta/deviceManagement`.
fn below_singleton(path: &Path) -> Result<&[Segment]> {
    let no_route = || Error::BadRequest("No method match route template".into());
    let (version, rest) = path.segments.split_first().ok_or_else(no_route)?;
    let (singleton, rest) = rest.split_first().ok_or_else(no_route)?;
    let version = version.text.to_ascii_lowercase();
    if version != "beta" && version != "v1.0" {
        return Err(Error::BadRequest(format!("Invalid version: '{version}'. It must be 'beta'.")));
    }
    if !singleton.text.eq_ignore_ascii_case(DEVICE_MANAGEMENT.name) {
        return Err(Error::SegmentUnknown(singleton.text.clone()));
    }
    match rest.first() {
        None => Err(no_route()),
        Some(first) if version == "v1.0" => Err(Error::SegmentUnknown(first.text.clone())),
        Some(_) => Ok(rest),
    }
}

fn walk(segments: &[Segment]) -> Result<(Address, End)> {
    let mut segments = segments.iter();
    let mut source = &DEVICE_MANAGEMENT;
    let mut steps = Vec::new();
    while let Some(segment) = segments.next() {
        let (name, key) = segment.name_and_key()?;
        let unknown = || Error::SegmentUnknown(name.into());
        let navigation = source.navigation(name).ok_or_else(unknown)?;
        source = navigation.target;
        let key = match (key, segments.as_slice()) {
            (Some(key), _) => key,
            (None, []) => {
                steps.push(Step { navigation, key: None });
                return Ok((Address { steps }, End::Collection));
            }
            (None, [last]) if last.text.eq_ignore_ascii_case("$count") => {
                steps.push(Step { navigation, key: None });
                return Ok((Address { steps }, End::Count));
            }
            (None, [key, ..]) => {
                segments.next();
                key.text.clone()
            }
        };
        steps.push(Step { navigation, key: Some(key_value(source, key)) });
    }
    Ok((Address { steps }, End::Entity))
}

/// The value of a key as a path writes it; null where no entity can have it.
pub(super) fn key_value(entity_type: &EntityType, key: String) -> Value {
    match entity_type.key {
        Key::Client if is_id(&key) => Value::Text(key),
        Key::Client => Value::Null,
        // An id is compared as it is written: only the spelling that the server uses is one.
        Key::Server => match Uuid::try_parse(&key) {
            Ok(guid) if guid.to_string() == key => Value::Guid(guid),
            _ => Value::Null,
        },
    }
}
