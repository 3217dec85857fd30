//! By what the retry of a write is known: the key that the client sends with it, and a fingerprint of
//! all that its reply depends on. A retry may come by another host; it gets the first reply.

use aws_lc_rs::digest::{Context, SHA256};

use crate::error::{Error, Result};
use crate::headers::{self, Preferences};
use crate::message::Request;
use crate::odata::MetadataLevel;
use crate::plan::{Address, Verb};

/// The `Idempotency-Key` of a write.
#[derive(Debug)]
pub struct IdempotencyKey {
    /// The key; each caller has keys of their own.
    pub key: String,
    /// SHA-256 of the request that the key was sent with.
    pub fingerprint: Vec<u8>,
}

/// The key of a request, which only a POST that writes can have: the other verbs do not need it.
pub(in crate::plan) fn idempotency_key(
    request: &Request,
    address: &Address,
    verb: Verb,
    level: MetadataLevel,
    preferences: Preferences,
) -> Result<Option<IdempotencyKey>> {
    let Some(key) = headers::idempotency_key(&request.headers)? else { return Ok(None) };
    let action = match verb {
        Verb::Create => "",
        Verb::Call(action) if action.writes() => action.name,
        _ => {
            return Err(Error::BadRequest(
                "The header Idempotency-Key is not supported on this request. It is kept by POST \
                 that creates, and by POST of an action that writes; what reads, PATCH and DELETE \
                 can be repeated without it."
                    .into(),
            ));
        }
    };
    let reply = if preferences.minimal { "minimal" } else { "representation" };
    let mut context = Context::new(&SHA256);
    for part in [&*address.canonical(), action, level.name(), reply] {
        // No part may run into the next; none holds a line feed.
        context.update(part.as_bytes());
        context.update(b"\n");
    }
    context.update(&request.body);
    Ok(Some(IdempotencyKey { key, fingerprint: context.finish().as_ref().to_vec() }))
}
