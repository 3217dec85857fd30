//! What the client meant: syntax × model → a plan, or an error that says what does not fit.
//! After this room no text of the client's is a name; every name is the model's own.

mod address;
mod expression;
mod read;
mod write;

pub use address::{Address, Addressed, Step, Verb, address};
pub use expression::{
    Condition, Function, PropertyRead, Range, RangeOf, Reader, Row, Term, TermKind, Type,
};
pub use read::{Expansion, OrderKey, Page, Shape};
pub use write::{Complex, IdempotencyKey, MAX_ENTITIES, MAX_IDS, NewEntity, Value, references};

use chrono::{DateTime, Utc};

use expression::condition;
use write::Body;

use crate::error::{Error, Result};
use crate::headers::{self, EntityTags, Preferences};
use crate::message::Request;
use crate::model::permission::Operation;
use crate::model::{EntityType, Navigation, Property, Source};
use crate::odata::{DateTimeOffset, MetadataLevel, Options};

/// What is to be done, in the model's words.
#[derive(Debug)]
pub struct Plan {
    /// To which collection or entity.
    pub address: Address,
    /// How the reply shows entities.
    pub shape: Shape,
    /// What.
    pub act: Act,
    /// What the client would rather have.
    pub preferences: Preferences,
    /// Only an entity with one of these tags is written.
    pub if_match: Option<EntityTags>,
    /// Only an entity with none of these tags is shown.
    pub if_none_match: Option<EntityTags>,
    /// By what a retry of a write is known.
    pub idempotency_key: Option<IdempotencyKey>,
    /// The root of the service as the client sees it, such as `http://localhost:8080/beta`.
    pub root: String,
    /// What is read besides what is addressed.
    pub touched: Vec<(&'static EntityType, Operation)>,
}

/// What is to be done to an address.
#[derive(Debug)]
pub enum Act {
    /// Read the entity.
    Get,
    /// Read a page of the collection.
    List(Page),
    /// Count those of the collection that satisfy the condition.
    Count(Option<Condition>),
    /// Create an entity in the collection, and after it those that it contains.
    Create(Vec<NewEntity>),
    /// Change the entity.
    Update(Change),
    /// Remove the entity and what it contains.
    Delete,
    /// Remove what a collection below the entity holds, and create these instead.
    Replace {
        /// The collection.
        collection: Address,
        /// The entities, which may be of other collections that show the same rows.
        entities: Vec<NewEntity>,
    },
    /// Tell for each id whether the entity of that id in the collection is assigned to anyone.
    PayloadLinks {
        /// The ids.
        ids: Vec<String>,
        /// The navigation that has something where an entity is assigned.
        navigation: &'static Navigation,
    },
}

/// What an update changes.
#[derive(Debug)]
pub struct Change {
    /// Properties, each once.
    pub values: Vec<(&'static Property, Value)>,
    /// References, each once; null for none.
    pub references: Vec<(&'static Navigation, Value)>,
}

/// Makes the plan of a request whose address is known; `now` is the time of what the server sets,
/// `key` what page tokens are signed with.
///
/// # Errors
/// Where an option, a header or the body does not fit; the text names it.
pub fn make(
    addressed: Addressed,
    request: &Request,
    now: DateTime<Utc>,
    key: &[u8],
) -> Result<Plan> {
    let options = Options::parse(&request.query)?;
    let level = level(request, &options, addressed.verb)?;
    let preferences = Preferences::parse(&request.headers);
    let Addressed { address, verb } = addressed;
    only_options(&options, verb)?;
    let target = address.target();
    let mut reader = Reader::new(DateTimeOffset::from(now));
    let by_key = !matches!(verb, Verb::List);
    let shape = Shape::new(target, &options, level, by_key, &mut reader)?;
    let act = match verb {
        Verb::Get => Act::Get,
        Verb::List => {
            Act::List(Page::new(&address, &shape, &options, preferences, key, &mut reader)?)
        }
        Verb::Count => Act::Count(filter(target, &options, &mut reader)?),
        Verb::Create => Act::Create(write::new_entities(&address, write::object(request)?, now)?),
        Verb::Update => Act::Update(update(target, request, now)?),
        Verb::Delete => Act::Delete,
        Verb::Call(action) => write::call(action, &address, request, now)?,
    };
    let if_match =
        condition_header(request, "if-match", matches!(verb, Verb::Update | Verb::Delete))?;
    let if_none_match = condition_header(request, "if-none-match", matches!(verb, Verb::Get))?;
    let idempotency_key = write::idempotency_key(request, &address, verb, level, preferences)?;
    let (root, touched) = (format!("{}/beta", request.base), reader.touched);
    Ok(Plan {
        address,
        shape,
        act,
        preferences,
        if_match,
        if_none_match,
        idempotency_key,
        root,
        touched,
    })
}

/// A count is plain text, and there are clients that accept nothing else for it.
fn level(request: &Request, options: &Options, verb: Verb) -> Result<MetadataLevel> {
    let plain = || headers::preferred_type(&request.headers, &["text/plain"]).is_ok();
    if matches!(verb, Verb::Count) && options.format.is_none() && plain() {
        return Ok(MetadataLevel::Minimal);
    }
    headers::accepted_format(&request.headers, options.format.as_deref())
}

/// The tags of a condition, which only some requests can keep.
fn condition_header(request: &Request, name: &str, kept: bool) -> Result<Option<EntityTags>> {
    match EntityTags::parse(&request.headers, name) {
        Some(_) if !kept => Err(Error::BadRequest(format!(
            "The header {name} is not supported on this request. If-Match is kept by PATCH and \
             DELETE, If-None-Match by GET of one entity."
        ))),
        tags => Ok(tags),
    }
}

fn filter(
    target: &'static EntityType,
    options: &Options,
    reader: &mut Reader,
) -> Result<Option<Condition>> {
    let filter = options.filter.as_ref();
    filter.map(|it| condition(it, target, reader)).transpose()
}

/// The properties that the body names, and the time of change.
fn update(target: &'static EntityType, request: &Request, now: DateTime<Utc>) -> Result<Change> {
    let Body { mut values, references, contained } = write::read(target, write::object(request)?)?;
    if let Some((navigation, _)) = contained.first() {
        return Err(Error::ModelValidation(format!(
            "The navigation property '{}' cannot be written in an update. Create, update and \
             delete its entities with requests of their own.",
            navigation.name
        )));
    }
    values.retain(|(property, _)| property.name != "id");
    let of_server = target.properties.iter().filter(|it| it.source == Source::Modified);
    values.extend(of_server.map(|property| (property, write::server_time(now))));
    Ok(Change { values, references })
}

/// Refuses the options that the verb gives no meaning to.
fn only_options(options: &Options, verb: Verb) -> Result<()> {
    let supported: &[&str] = match verb {
        Verb::List => &[
            "$select",
            "$filter",
            "$orderby",
            "$expand",
            "$top",
            "$skip",
            "$count",
            "$skiptoken",
            "$format",
        ],
        Verb::Get => &["$select", "$expand", "$format"],
        Verb::Count => &["$filter", "$format"],
        Verb::Create | Verb::Update | Verb::Delete | Verb::Call(_) => &["$format"],
    };
    match options.given().find(|name| !supported.contains(name)) {
        None => Ok(()),
        Some(name) => Err(Error::BadRequest(format!(
            "The query option '{name}' is not supported on this request. Supported here are {}.",
            supported.join(", ")
        ))),
    }
}
