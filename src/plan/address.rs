//! A path and a verb → what is addressed. Each segment is looked up in the model; a key that no
//! entity can have becomes null, which no row equals, so that it is answered like any absent one.

use uuid::Uuid;

use super::Value;
use crate::error::{Error, Result};
use crate::message::Method;
use crate::model::permission::Operation;
use crate::model::{
    Action, Binding, DEVICE_MANAGEMENT, Effect, EntityType, Key, Navigation, NavigationKind,
};
use crate::odata::{Path, Segment};

/// The longest `id`, in characters.
const MAX_ID_LENGTH: usize = 255;

/// What a path names: a way from the root of the service down to a collection or an entity.
#[derive(Clone, Debug)]
pub struct Address {
    /// The steps of the way. Each but the last leads to one entity.
    pub steps: Vec<Step>,
}

/// One step down: a navigation, and the key of the entity that is chosen in it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The navigation.
    pub navigation: &'static Navigation,
    /// The key; null where no entity can have the key that was given. A navigation that leads to
    /// one entity needs none; without one, any other is a collection.
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
#[derive(Clone, Copy, Debug)]
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
    /// An action on a collection or an entity.
    Call(&'static Action),
}

/// What a path can end in.
enum End {
    Collection,
    Count,
    Entity,
    Attached,
    Referenced,
    Action(&'static Action),
}

/// Finds what a request addresses.
///
/// # Errors
/// [`Error::SegmentUnknown`] for a name that the model lacks, [`Error::MethodNotAllowed`] for a verb
/// that the resource lacks, [`Error::BadRequest`] for what is no path of the service.
pub fn address(path: &Path, method: Method) -> Result<Addressed> {
    let (address, end) = walk(below_singleton(&path.segments)?)?;
    let verb = match (&end, method) {
        (End::Collection, Method::Get) => Verb::List,
        (End::Collection, Method::Post) => Verb::Create,
        (End::Count, Method::Get) => Verb::Count,
        (End::Entity | End::Attached | End::Referenced, Method::Get) => Verb::Get,
        (End::Entity | End::Attached, Method::Patch) => Verb::Update,
        (End::Entity, Method::Delete) => Verb::Delete,
        (End::Action(action), Method::Post) => Verb::Call(action),
        _ => return Err(Error::MethodNotAllowed { allow: allow(&end).into() }),
    };
    Ok(Addressed { address, verb })
}

/// The key of the entity that a reference in a body names; `None` where it names none of the type.
/// The host of an absolute URL does not matter: the path is looked up here.
pub(super) fn referenced_key(url: &str, target: &EntityType) -> Result<Option<Value>> {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => url,
    };
    let mut path = Path::parse(path)?;
    let has_version = path.segments.first().is_some_and(|it| is_version(&it.text));
    if !has_version {
        path.segments.insert(0, Segment { text: "beta".into() });
    }
    let Ok((mut address, End::Entity)) = below_singleton(&path.segments).and_then(walk) else {
        return Ok(None);
    };
    let last = address.steps.pop().filter(|step| std::ptr::eq(step.navigation.target, target));
    Ok(last.filter(|_| address.steps.is_empty()).and_then(|step| step.key))
}

impl Address {
    /// The type of what is addressed.
    #[must_use]
    pub fn target(&self) -> &'static EntityType {
        self.steps.last().map_or(&DEVICE_MANAGEMENT, |step| step.navigation.target)
    }

    /// The collection of this navigation below the addressed entity, whose key is given where the
    /// address is that of its collection.
    #[must_use]
    pub(super) fn below(&self, key: Option<&Value>, navigation: &'static Navigation) -> Self {
        let mut steps = self.steps.clone();
        if let (Some(last), Some(key)) = (steps.last_mut(), key) {
            last.key = Some(key.clone());
        }
        steps.push(Step { navigation, key: None });
        Self { steps }
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
            Verb::Call(action) => match action.effect {
                Effect::PayloadLinks { .. } => Operation::List,
                Effect::Replace { .. } => Operation::Write,
            },
        }
    }
}

/// An `id` as the body of a create may give it.
pub(super) fn is_id(text: &str) -> bool {
    let length = text.chars().count();
    (1..=MAX_ID_LENGTH).contains(&length) && !text.chars().any(|c| c.is_control() || c == '/')
}

/// The value of a key as a path writes it; null where no entity can have it.
pub(super) fn key_value(entity_type: &EntityType, key: String) -> Value {
    match entity_type.key {
        Key::Client | Key::Derived(_) if is_id(&key) => Value::Text(key),
        Key::Client | Key::Derived(_) => Value::Null,
        // An id is compared as it is written: only the spelling that the server uses is one.
        Key::Server => match Uuid::try_parse(&key) {
            Ok(guid) if guid.to_string() == key => Value::Guid(guid),
            _ => Value::Null,
        },
    }
}

fn allow(end: &End) -> &'static str {
    match end {
        End::Collection => "GET, HEAD, POST",
        End::Count | End::Referenced => "GET, HEAD",
        End::Entity => "GET, HEAD, PATCH, DELETE",
        End::Attached => "GET, HEAD, PATCH",
        End::Action(_) => "POST",
    }
}

fn is_version(text: &str) -> bool {
    ["beta", "v1.0"].iter().any(|version| text.eq_ignore_ascii_case(version))
}

/// The segments after `/beta/deviceManagement`.
fn below_singleton(segments: &[Segment]) -> Result<&[Segment]> {
    let no_route = || Error::BadRequest("No method match route template".into());
    let (version, rest) = segments.split_first().ok_or_else(no_route)?;
    let (singleton, rest) = rest.split_first().ok_or_else(no_route)?;
    let version = &version.text;
    if !is_version(version) {
        return Err(Error::BadRequest(format!("Invalid version: '{version}'. It must be 'beta'.")));
    }
    if !singleton.text.eq_ignore_ascii_case(DEVICE_MANAGEMENT.name) {
        return Err(Error::SegmentUnknown(singleton.text.clone()));
    }
    match rest.first() {
        None => Err(no_route()),
        Some(first) if !version.eq_ignore_ascii_case("beta") => {
            Err(Error::SegmentUnknown(first.text.clone()))
        }
        Some(_) => Ok(rest),
    }
}

fn walk(mut segments: &[Segment]) -> Result<(Address, End)> {
    let mut source = &DEVICE_MANAGEMENT;
    let mut steps = Vec::new();
    while let Some((segment, rest)) = segments.split_first() {
        let (name, key) = segment.name_and_key()?;
        let Some(navigation) = source.navigation(name) else {
            return match source.action(name, Binding::Entity) {
                Some(_) if key.is_some() => Err(Error::SegmentUnknown(segment.text.clone())),
                Some(action) if rest.is_empty() && !steps.is_empty() => {
                    Ok((Address { steps }, End::Action(action)))
                }
                _ => Err(Error::SegmentUnknown(name.into())),
            };
        };
        source = navigation.target;
        segments = rest;
        if navigation.kind != NavigationKind::Contained {
            if key.is_some() {
                return Err(Error::SegmentUnknown(segment.text.clone()));
            }
            steps.push(Step { navigation, key: None });
            if rest.is_empty() {
                let attached = navigation.kind == NavigationKind::Attached;
                let end = if attached { End::Attached } else { End::Referenced };
                return Ok((Address { steps }, end));
            }
            continue;
        }
        let key = match (key, rest) {
            (Some(key), _) => key,
            (None, []) => {
                steps.push(Step { navigation, key: None });
                return Ok((Address { steps }, End::Collection));
            }
            (None, [next, more @ ..]) => {
                if let Some(end) = end_of_collection(source, next, more) {
                    steps.push(Step { navigation, key: None });
                    return Ok((Address { steps }, end));
                }
                segments = more;
                next.text.clone()
            }
        };
        steps.push(Step { navigation, key: Some(key_value(source, key)) });
    }
    Ok((Address { steps }, End::Entity))
}

/// What a segment after a collection is, if it is no key.
fn end_of_collection(source: &EntityType, next: &Segment, more: &[Segment]) -> Option<End> {
    if !more.is_empty() {
        return None;
    }
    if next.text.eq_ignore_ascii_case("$count") {
        return Some(End::Count);
    }
    source.action(&next.text, Binding::Collection).map(End::Action)
}
