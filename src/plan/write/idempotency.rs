//! The identity of a write that may be retried: the key that the client sends with it, and a
//! fingerprint of everything that the reply depends on, except the host.

use aws_lc_rs::digest::{Context, SHA256};

use crate::error::{HeaderReason, Result};
use crate::headers::Wishes;
use crate::plan::Operation;

/// The `Idempotency-Key` of a write.
#[derive(Debug)]
pub struct IdempotencyKey {
    /// The key; each caller has keys of their own.
    pub key: String,
    /// SHA-256 of the request that the key was sent with. The charset of the body does not matter.
    pub fingerprint: Vec<u8>,
}

/// The key of a request. Only a POST that writes supports one: the other operations can be repeated
/// without it.
pub(in crate::plan) fn idempotency_key(
    operation: &Operation,
    wishes: &Wishes,
    body: &str,
) -> Result<Option<IdempotencyKey>> {
    let Some(key) = &wishes.idempotency_key else { return Ok(None) };
    let (address, action) = match operation {
        Operation::Create(collection) => (collection.canonical(), ""),
        Operation::CallOnEntity(entity, action) if action.writes() => {
            (entity.canonical(), action.name)
        }
        Operation::CallOnCollection(collection, action) if action.writes() => {
            (collection.canonical(), action.name)
        }
        _ => return Err(HeaderReason::IdempotencyKeyUnsupported.into()),
    };
    let reply = if wishes.preferences.minimal { "minimal" } else { "representation" };
    let mut context = Context::new(&SHA256);
    for part in [&*address, action, wishes.level.name(), reply] {
        // A line feed ends each part, and no part has one.
        context.update(part.as_bytes());
        context.update(b"\n");
    }
    context.update(body.as_bytes());
    let fingerprint = context.finish().as_ref().to_vec();
    Ok(Some(IdempotencyKey { key: key.clone(), fingerprint }))
}
