//! Writes: the values that a body gives to properties, new entities, changes and actions.

mod action;
mod body;
mod complex;
mod create;
mod idempotency;
mod primitive;
mod reference;
mod update;
mod value;

use chrono::{DateTime, Utc};

use crate::clock::Clock;
use crate::model::Surface;

pub(super) use action::{call_on_collection, call_on_entity};
pub(super) use create::new_entities;
pub use create::{MAX_ENTITIES, NewEntity, references};
pub use idempotency::IdempotencyKey;
pub(super) use idempotency::idempotency_key;
pub use reference::Reference;
pub(super) use update::{may_create, update};
pub use value::{Complex, Value};

/// What a write needs to know besides its address and its body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    /// The time of the request.
    pub(super) now: DateTime<Utc>,
    /// Makes ids.
    pub(super) clock: &'a Clock,
    /// Whether an id in a body is kept where the server makes ids otherwise.
    pub(super) keeps_ids: bool,
    /// The part of the API that the server shows.
    pub(super) surface: Surface,
}
