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

pub(super) use action::{call_on_collection, call_on_entity};
pub(super) use create::new_entities;
pub use create::{MAX_ENTITIES, NewEntity, references};
pub use idempotency::IdempotencyKey;
pub(super) use idempotency::idempotency_key;
pub use reference::Reference;
pub(super) use update::{may_create, update};
pub use value::{Complex, Value};
