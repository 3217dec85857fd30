//! Idempotent writes: the reply is stored under the client's idempotency key in the transaction of
//! the write, and a retry gets the stored reply. So there is a reply exactly if the write was
//! committed, even if the server crashes in between.

use std::borrow::Cow;
use std::time::Instant;

use sqlx::postgres::{PgConnection, PgRow};

use super::concurrency::Concurrency;
use super::outcome::{Outcome, read_column};
use super::transaction;
use crate::auth::Authorized;
use crate::database::{Connections, fetch};
use crate::error::{Error, Result};
use crate::message::{Body, Response};
use crate::metrics::{Stage, Stages};
use crate::plan::IdempotencyKey;
use crate::sql::{self, KeptReply};

/// The reply to a write that has a key.
#[derive(Debug)]
pub enum IdempotentReply {
    /// The write ran now.
    New(Response),
    /// The stored reply of an earlier write.
    Replayed(Response),
}

/// Runs a plan, unless a reply is stored under its key. If another transaction holds the key, on any
/// server, this one waits until that one ends: after its commit we replay its reply, after its
/// rollback we run the plan.
pub(super) async fn run(
    connections: &Connections,
    stages: &Stages,
    concurrency: &Concurrency,
    authorized: &Authorized,
    key: &IdempotencyKey,
    reply: impl FnOnce(Outcome) -> Response,
) -> Result<IdempotentReply> {
    let (tenant, caller) = (authorized.tenant(), authorized.subject());
    let start = Instant::now();
    let _permit = concurrency.permit().await?;
    let mut session = connections.session(tenant).await?;
    let ready = Instant::now();
    stages.took(Stage::Wait, ready - start);
    let reply = session.transaction(async |connection| {
        let taken = fetch(connection, sql::take_key(tenant, caller, key)).await?;
        if taken.is_empty() {
            return replay(connection, authorized, key).await.map(IdempotentReply::Replayed);
        }
        let query = sql::query(tenant, authorized.plan());
        let response =
            reply(transaction::run_uncommitted(connection, query, authorized.actor()).await?);
        let stored = to_stored(&response)?;
        fetch(connection, sql::keep_reply(tenant, caller, key, stored)).await?;
        Ok(IdempotentReply::New(response))
    });
    let reply = reply.await;
    stages.took(Stage::Database, ready.elapsed());
    reply
}

/// Reads the stored reply of a key, if the stored fingerprint is that of this request.
async fn replay(
    connection: &mut PgConnection,
    authorized: &Authorized,
    key: &IdempotencyKey,
) -> Result<Response> {
    let stored = sql::kept_reply(authorized.tenant(), authorized.subject(), key);
    let stored = fetch(connection, stored).await?;
    let stored = stored.first().ok_or_else(|| Error::Internal("a key without its row".into()))?;
    match read_column::<Vec<u8>>(stored, 0)? == key.fingerprint {
        true => from_stored(stored),
        false => Err(Error::IdempotencyKeyReused),
    }
}

fn from_stored(row: &PgRow) -> Result<Response> {
    let status = u16::try_from(read_column::<i32>(row, 1)?);
    let status = status.map_err(|error| Error::Internal(error.to_string()))?;
    let names: Vec<String> = read_column(row, 2)?;
    let values: Vec<String> = read_column(row, 3)?;
    let headers = names.into_iter().map(Cow::Owned).zip(values).collect();
    Ok(Response { status, headers, body: read_column::<Vec<u8>>(row, 4)?.into() })
}

fn to_stored(response: &Response) -> Result<KeptReply> {
    let Body::Whole(body) = &response.body else {
        return Err(Error::Bug("the reply to a write is a stream, which cannot be stored"));
    };
    let headers = response.headers.iter();
    let headers = headers.map(|(name, value)| (name.to_string(), value.clone())).collect();
    Ok(KeptReply { status: response.status, headers, body: body.to_vec() })
}
