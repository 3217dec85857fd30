//! An operation, and the options, headers and body that came with it → a plan.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::check::{check_conditions, check_options};
use super::expression::{Condition, Planner, condition};
use super::read::{Page, Shape, ValidVersions, ValueForm};
use super::write;
use super::{Act, CollectionAddress, Operation, Plan};
use crate::clock::Clock;
use crate::error::{BodyReason, Result};
use crate::headers::Wishes;
use crate::model::Surface;
use crate::odata::{DateTimeOffset, Json, Options};

/// Everything that a plan is made of besides the operation.
#[derive(Debug)]
pub struct Parameters<'a> {
    /// The options of the query.
    pub options: Options,
    /// The headers that concern the reply and its conditions.
    pub wishes: Wishes,
    /// The body: JSON where the operation has one.
    pub body: Cow<'a, str>,
    /// The root of the service as the client sees it, such as `http://localhost:8080/beta`.
    pub root: String,
    /// The time of the request: `now()`, and the value of properties that the server sets.
    pub now: DateTime<Utc>,
    /// Makes the keys of new entities.
    pub clock: &'a Clock,
    /// Whether an `id` in a body is kept where the server makes ids otherwise: for contents of the test
    /// twin.
    pub keeps_ids: bool,
    /// The key that signs the page tokens of the tenant.
    pub token_key: &'a [u8],
    /// The part of the API that the server shows.
    pub surface: Surface,
}

/// Makes the plan of an operation.
///
/// # Errors
/// If an option, a header or the body does not fit; the text names it.
pub fn make(operation: &Operation, parameters: Parameters<'_>) -> Result<Plan> {
    let Parameters { options, wishes, body, root, now, clock, keeps_ids, token_key, surface } =
        parameters;
    let context = write::Context { now, clock, keeps_ids, surface };
    check_options(&options, operation, surface)?;
    check_conditions(&wishes, operation)?;
    let idempotency_key = write::idempotency_key(operation, &wishes, &body)?;
    let (level, preferences) = (wishes.level, wishes.preferences);
    let entity_type = operation.entity_type();
    let mut planner = Planner::new(DateTimeOffset::from(now), surface);
    let by_key = !matches!(operation, Operation::List(_));
    let is_write = matches!(operation, Operation::Create(_) | Operation::Update(_));
    let creates_if_missing = match operation {
        Operation::Update(entity) => write::may_create(entity, &wishes),
        _ => false,
    };
    let is_minimal = preferences.minimal && is_write;
    let shape = match is_minimal {
        true => Shape::of_key(entity_type),
        false => Shape::new(entity_type, &options, level, by_key, &mut planner)?,
    };
    let act = match operation {
        Operation::Get(entity) => {
            // The tag is that of the entity alone: an expanded entity may change without it.
            let if_none_match = wishes.if_none_match.filter(|_| shape.expansions.is_empty());
            let versions = surface.versions(entity_type);
            let version = versions.and_then(|it| ValidVersions::of(it, options.period));
            Act::Get { entity: entity.clone(), version, if_none_match }
        }
        Operation::GetProperty(entity, property) | Operation::GetRawValue(entity, property) => {
            let raw = matches!(operation, Operation::GetRawValue(..));
            let (form, if_none_match) = (ValueForm::of(property, raw), wishes.if_none_match);
            Act::GetProperty { entity: entity.clone(), property, form, if_none_match }
        }
        Operation::List(collection) => {
            let most = shape.page_limit().min(preferences.max_page_size.unwrap_or(u32::MAX));
            let page = Page::new(collection, &options, most, token_key, &mut planner)?;
            Act::List { collection: collection.clone(), page }
        }
        Operation::Count(collection) => {
            let filter = filter(collection, &options, &mut planner)?;
            Act::Count { collection: collection.clone(), filter }
        }
        Operation::Create(collection) => {
            let (entity, contained) = write::new_entities(collection, object(&body)?, context)?;
            Act::Create { entity, contained }
        }
        Operation::Update(entity) => write::update(entity, object(&body)?, &wishes, context)?,
        Operation::Delete(entity) => {
            Act::Delete { entity: entity.clone(), if_match: wishes.if_match }
        }
        Operation::CallOnEntity(entity, action) => {
            write::call_on_entity(entity, action, object(&body)?, context)?
        }
        Operation::CallOnCollection(collection, action) => {
            write::call_on_collection(collection, action, object(&body)?)?
        }
    };
    Ok(Plan {
        act,
        shape,
        is_minimal,
        creates_if_missing,
        max_page_size: preferences.max_page_size,
        idempotency_key,
        root,
        operation: operation.clone(),
        reads: planner.reads,
    })
}

/// The object that a body is.
fn object(body: &str) -> Result<Json> {
    match Json::parse(body)? {
        json @ Json::Object(_) => Ok(json),
        json => Err(BodyReason::NotObject { found: json.kind() }.into()),
    }
}

/// The condition on the entities that are counted.
fn filter(
    collection: &CollectionAddress,
    options: &Options,
    planner: &mut Planner,
) -> Result<Option<Condition>> {
    let filter = options.filter.as_ref();
    let filter = filter.map(|it| condition(it, collection.entity_type(), planner)).transpose();
    let filter = options.locate("filter", filter)?;
    let valid = ValidVersions::of(collection.navigation, options.period);
    Ok(Condition::both(filter, valid.map(|valid| valid.condition)))
}
