//! A tenant and a plan → statements, and how their rows are read. The only room besides the migrations
//! that writes SQL; it runs none. A value of a client is a bind; a name comes from the model.
//!
//! All statements have one form: `input` is a relation of the tenant, the keys of the path and the
//! values of the body; the steps of the path are joined to it one by one, each bound to the tenant;
//! the addressed entity is `entity`. A create takes many rows of input, so that creates which wait
//! for the database together can share one statement.

mod actor;
mod expression;
mod idempotency_key;
mod input;
mod json;
mod number;
mod page_token;
mod path;
mod policy;
mod read;
mod statement;
mod twin;
mod write;

pub use actor::{ActorRow, set_actor};
pub use idempotency_key::{KeptReply, keep_reply, kept_reply, take_key};
pub use page_token::former_page_token_keys;
pub use policy::{change_policy, policy};
pub use statement::{Bind, Cells, Statement};
pub use twin::{
    TwinClockRow, TwinTenantRow, add_twin_tenant, begin_twin_tenant, change_twin_tenant,
    expire_twin_tenant, fork_twin_tenant, remove_twin_tenant, twin_tenants, wipe_twin_tenant,
};
pub use write::{Create, Update, create_together, update_together};

use uuid::Uuid;

use crate::headers::EntityTags;
use crate::plan::{Act, Change, EntityAddress, NewEntity, Plan, Reference, ValueForm, annotation};

/// The statements of a plan, which happen all or not at all. There is always a first one, and the
/// outcome of the plan is that of the first one.
#[derive(Debug)]
pub struct Query {
    /// The first statement.
    pub first: Step,
    /// The statements after it.
    pub others: Vec<Step>,
}

/// A statement, and how its rows are read.
#[derive(Debug)]
pub struct Step {
    /// The statement.
    pub statement: Statement,
    /// How its rows are read.
    pub reading: Reading,
}

/// How the rows of a statement are read. No row means that the addressed entity does not exist,
/// except for [`Reading::Nothing`].
#[derive(Debug)]
pub enum Reading {
    /// One row: an entity as JSON, and its tag; both are null if a navigation leads to no entity.
    Entity,
    /// One row: the bytes of a property, which are null if its value is null, and the tag of the entity.
    Value(ValueForm),
    /// One row: the entities of a page as JSON with commas between them, null if there are none; the
    /// total, if it was asked for; the payload of the token of the next page, if there is one.
    Page,
    /// One row: a number.
    Count,
    /// A row for each item as JSON; one null if there are none.
    Items,
    /// One row, whose content does not matter.
    Existence,
    /// The rows do not matter.
    Nothing,
    /// One row: the place of the update in its statement, whether everything that it refers to
    /// exists, and if so the entity as JSON, and its tag.
    /// The reference is for the error of one that does not.
    Changed(Option<Reference>),
    /// One row: the place of the create in its statement, whether everything that it refers to
    /// exists, the entity as JSON, and its tag; the latter two are null if its key is taken.
    Created(Created),
}

/// A create, as the errors for a key that is taken and for a missing reference need it.
#[derive(Debug)]
pub struct Created {
    /// The name of the entity type.
    pub entity_type: &'static str,
    /// The key.
    pub id: String,
    /// Whether an entity with the same key may exist already, and then stays as it is.
    pub may_exist: bool,
    /// The entity that it refers to, if it refers to exactly one.
    pub reference: Option<Reference>,
}

/// The statements of a plan for the rows of a tenant.
#[must_use]
pub fn query(tenant: Uuid, plan: &Plan) -> Query {
    let one = |statement, reading| Query::from(Step { statement, reading });
    match plan.act() {
        Act::Get { entity, version, .. } => {
            one(read::get(tenant, plan, entity, version.as_ref()), Reading::Entity)
        }
        Act::GetProperty { entity, property, form, .. } => {
            let level = plan.shape().level;
            one(read::property(tenant, entity, property, *form, level), Reading::Value(*form))
        }
        Act::List { collection, page } => {
            one(read::list(tenant, plan, collection, page), Reading::Page)
        }
        Act::Count { collection, filter } => {
            one(read::count(tenant, collection, filter.as_ref()), Reading::Count)
        }
        Act::Query { steps, function, arguments, item } => {
            let types = annotation::types_of_complex(plan.shape().level, item);
            one(read::call(tenant, steps, function, arguments, types.as_ref()), Reading::Items)
        }
        Act::Create { entity, contained } => {
            let first = create(tenant, plan, entity);
            let others = contained.iter().map(|new| unread_create(tenant, new, false));
            Query { others: others.collect(), ..Query::from(first) }
        }
        Act::Update { entity, change, if_match } => {
            update(tenant, plan, entity, change, if_match.as_ref()).into()
        }
        // The store creates the entity if this finds none: another statement, for another transaction.
        Act::Upsert { entity, change: Some(change), .. } => {
            update(tenant, plan, entity, change, None).into()
        }
        Act::Upsert { change: None, new, .. } => create(tenant, plan, new).into(),
        Act::Delete { entity, if_match } => {
            one(write::delete(tenant, entity, if_match.as_ref()), Reading::Existence)
        }
        Act::Replace { entity, collection, entities } => {
            let statement = write::clear(tenant, collection);
            let mut others = vec![Step { statement, reading: Reading::Nothing }];
            others.extend(entities.iter().map(|new| unread_create(tenant, new, true)));
            Query { others, ..one(write::lock(tenant, entity), Reading::Existence) }
        }
    }
}

/// The statement by which an upsert creates its entity where its update finds none.
#[must_use]
pub fn create_of_upsert(tenant: Uuid, plan: &Plan) -> Option<Query> {
    match plan.act() {
        Act::Upsert { change: Some(_), new, .. } => Some(create(tenant, plan, new).into()),
        _ => None,
    }
}

/// If the plan has a condition that may fail: a read of the entity, which tells an entity that fails
/// the condition from an entity that does not exist.
#[must_use]
pub fn explanation(tenant: Uuid, plan: &Plan) -> Option<Statement> {
    match plan.act() {
        Act::Update { entity, if_match: Some(_), .. }
        | Act::Delete { entity, if_match: Some(_) }
        | Act::Upsert { entity, change: None, .. } => Some(read::get(tenant, plan, entity, None)),
        _ => None,
    }
}

fn create(tenant: Uuid, plan: &Plan, new: &NewEntity) -> Step {
    let statement = write::create(tenant, new, plan.shape(), plan.root());
    Step { statement, reading: Reading::Created(Created::new(new)) }
}

fn update(
    tenant: Uuid,
    plan: &Plan,
    entity: &EntityAddress,
    change: &Change,
    if_match: Option<&EntityTags>,
) -> Step {
    let update = Update { tenant, entity, change, if_match };
    let statement = update_together(update, &[], plan.shape(), plan.root());
    Step { statement, reading: Reading::Changed(change.reference()) }
}

/// A create whose entity is not part of a reply.
fn unread_create(tenant: Uuid, new: &NewEntity, may_exist: bool) -> Step {
    let shape = crate::plan::Shape::of_key(new.collection.entity_type());
    let statement = write::create(tenant, new, &shape, "");
    Step { statement, reading: Reading::Created(Created { may_exist, ..Created::new(new) }) }
}

impl Created {
    /// The create of an entity whose key must not exist yet.
    #[must_use]
    pub fn new(new: &NewEntity) -> Self {
        let entity_type = new.collection.entity_type().name;
        let id = new.key.text().unwrap_or_default();
        Self { entity_type, id, may_exist: false, reference: new.reference() }
    }
}

impl From<Step> for Query {
    fn from(first: Step) -> Self {
        Self { first, others: Vec::new() }
    }
}
