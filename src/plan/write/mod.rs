//! Writes: the values that a body gives to properties, new entities, changes and actions.

mod action;
mod body;
mod complex;
mod create;
mod idempotency;
mod value;

pub use action::MAX_IDS;
pub(super) use action::call;
pub(super) use body::{Body, object, read};
pub use create::{MAX_ENTITIES, NewEntity, references};
pub(super) use create::{new_entities, server_time};
pub use idempotency::IdempotencyKey;
pub(super) use idempotency::idempotency_key;
pub use value::{Complex, Value};
