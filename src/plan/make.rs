//! An operation, and the options, headers and body that came with it → a plan.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::expression::{Condition, Planner, condition};
use super::read::{Page, Shape, ValueForm};
use super::write;
use super::{Act, Operation, Plan};
use crate::error::{BodyReason, HeaderReason, OptionReason, Result};
use crate::headers::{EntityTags, Wishes};
use crate::model::EntityType;
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
    /// The key that signs the page tokens of the tenant.
    pub token_key: &'a [u8],
}

/// Makes the plan of an operation.
///
/// # Errors
/// If an option, a header or the body does not fit; the text names it.
pub fn make(operation: &Operation, parameters: Parameters<'_>) -> Result<Plan> {
    let Parameters { options, wishes, body, root, now, token_key } = parameters;
    check_options(&options, operation)?;
    check_conditions(&wishes, operation)?;
    let idempotency_key = write::idempotency_key(operation, &wishes, &body)?;
    let (level, preferences) = (wishes.level, wishes.preferences);
    let entity_type = operation.entity_type();
    let mut planner = Planner::new(DateTimeOffset::from(now));
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
            Act::Get { entity: entity.clone(), if_none_match }
        }
        Operation::GetProperty(entity, property) | Operation::GetRawValue(entity, property) => {
            let raw = matches!(operation, Operation::GetRawValue(..));
            let (form, if_none_match) = (ValueForm::of(property, raw), wishes.if_none_match);
            Act::GetProperty { entity: entity.clone(), property, form, if_none_match }
        }
        Operation::List(collection) => {
            let page = Page::new(
                collection,
                shape.page_limit(),
                &options,
                preferences.max_page_size,
                token_key,
                &mut planner,
            )?;
            Act::List { collection: collection.clone(), page }
        }
        Operation::Count(collection) => {
            let filter = filter(entity_type, &options, &mut planner)?;
            Act::Count { collection: collection.clone(), filter }
        }
        Operation::Create(collection) => {
            let (entity, contained) = write::new_entities(collection, object(&body)?, now)?;
            Act::Create { entity, contained }
        }
        Operation::Update(entity) => write::update(entity, object(&body)?, &wishes, now)?,
        Operation::Delete(entity) => {
            Act::Delete { entity: entity.clone(), if_match: wishes.if_match }
        }
        Operation::CallOnEntity(entity, action) => {
            write::call_on_entity(entity, action, object(&body)?, now)?
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

fn filter(
    entity_type: &'static EntityType,
    options: &Options,
    planner: &mut Planner,
) -> Result<Option<Condition>> {
    let filter = options.filter.as_ref();
    let filter = filter.map(|it| condition(it, entity_type, planner)).transpose();
    options.locate("filter", filter)
}

/// Refuses the conditions that the operation does not support.
fn check_conditions(wishes: &Wishes, operation: &Operation) -> Result<()> {
    let Wishes { if_match, if_none_match, .. } = wishes;
    let takes_if_match = matches!(operation, Operation::Update(_) | Operation::Delete(_));
    let takes_if_none_match = match operation {
        Operation::Get(_) | Operation::GetProperty(..) | Operation::GetRawValue(..) => true,
        Operation::Update(entity) => {
            let create_only = if_match.is_none() && *if_none_match == Some(EntityTags::Any);
            create_only && write::may_create(entity, wishes)
        }
        _ => false,
    };
    let name = match (if_match, if_none_match) {
        (Some(_), _) if !takes_if_match => "if-match",
        (_, Some(_)) if !takes_if_none_match => "if-none-match",
        _ => return Ok(()),
    };
    Err(HeaderReason::Condition { name }.into())
}

/// Refuses the options that have no meaning for the operation.
fn check_options(options: &Options, operation: &Operation) -> Result<()> {
    let supported: &'static [&'static str] = match operation {
        Operation::List(_) => &[
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
        Operation::Get(_) => &["$select", "$expand", "$format"],
        Operation::Count(_) => &["$filter", "$format"],
        Operation::GetProperty(..)
        | Operation::GetRawValue(..)
        | Operation::Create(_)
        | Operation::Update(_)
        | Operation::Delete(_)
        | Operation::CallOnCollection(..)
        | Operation::CallOnEntity(..) => &["$format"],
    };
    match options.given().find(|name| !supported.contains(name)) {
        None => Ok(()),
        Some(name) => Err(OptionReason::NotHere { name, supported }.into()),
    }
}
