//! An operation, and the options, headers and body that came with it → a plan.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::expression::{Condition, Planner, condition};
use super::read::{Page, Shape, ValueForm};
use super::write::{self, Values};
use super::{Act, Change, Operation, Plan};
use crate::error::{BodyReason, HeaderReason, OptionReason, Result};
use crate::headers::Wishes;
use crate::model::{EntityType, Source};
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
    let Wishes { level, preferences, if_match, if_none_match, .. } = wishes;
    let entity_type = operation.entity_type();
    let mut planner = Planner::new(DateTimeOffset::from(now));
    let by_key = !matches!(operation, Operation::List(_));
    let shape = Shape::new(entity_type, &options, level, by_key, &mut planner)?;
    let act = match operation {
        Operation::Get(entity) => Act::Get { entity: entity.clone(), if_none_match },
        Operation::GetProperty(entity, property) | Operation::GetRawValue(entity, property) => {
            let raw = matches!(operation, Operation::GetRawValue(..));
            let form = ValueForm::of(property, raw);
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
        Operation::Update(entity) => {
            let change = change(entity_type, object(&body)?, now)?;
            Act::Update { entity: entity.clone(), change, if_match }
        }
        Operation::Delete(entity) => Act::Delete { entity: entity.clone(), if_match },
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
        is_minimal: preferences.minimal,
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
    filter.map(|it| condition(it, entity_type, planner)).transpose()
}

/// The properties that the body names, and the time of change.
fn change(entity_type: &'static EntityType, body: Json, now: DateTime<Utc>) -> Result<Change> {
    let Values { mut properties, references, contained } = write::read(entity_type, body)?;
    if let Some((navigation, _)) = contained.first() {
        return Err(BodyReason::NavigationInUpdate { name: navigation.name }.into());
    }
    properties.retain(|(property, _)| property.source != Source::Key);
    let of_server = entity_type.properties.iter().filter(|it| it.source == Source::Modified);
    properties.extend(of_server.map(|property| (property, write::server_time(now))));
    Ok(Change { values: properties, references })
}

/// Refuses the conditions that the operation does not support.
fn check_conditions(wishes: &Wishes, operation: &Operation) -> Result<()> {
    let is_write = matches!(operation, Operation::Update(_) | Operation::Delete(_));
    let is_read = matches!(
        operation,
        Operation::Get(_) | Operation::GetProperty(..) | Operation::GetRawValue(..)
    );
    let name = match wishes {
        Wishes { if_match: Some(_), .. } if !is_write => "if-match",
        Wishes { if_none_match: Some(_), .. } if !is_read => "if-none-match",
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
