//! Writes that happen once, however often they are asked for: the reply is stored under the client's
//! key in the transaction of the write, and a retry is answered with it. So there is a reply where
//! the write was committed, and none where it was not, also when the server ends in between.

use std::borrow::Cow;
use std::time::Duration;

use sqlx::postgres::{PgConnection, PgRow};
use tokio::sync::Semaphore;

use super::outcome::{Outcome, column};
use super::transaction;
use crate::auth::Authorized;
use crate::database::{Connections, rows};
use crate::error::{Error, Result};
use crate::message::{Body, Response};
use crate::plan::IdempotencyKey;
use crate::sql::{self, KeptReply};

/// How many such writes are under way at once: half of the connections, so that those which wait for
/// each other leave some to everyone else.
pub(super) const MAX_UNDER_WAY: usize = 8;
/// How long a write waits for its turn.
const TURN_TIMEOUT: Duration = Duration::from_secs(3);

/// The reply to a write that has a key.
#[derive(Debug)]
pub enum Once {
    /// It was carried out now.
    Done(Response),
    /// It had been carried out before; this is what was replied then.
    Replayed(Response),
}

/// Carries out a plan, unless its key says that this has been done. While another transaction holds
/// the key, on whichever server, this one waits for how it ends: after a success it has the reply to
/// give, after a failure it is the first.
pub(super) async fn run(
    connections: &Connections,
    turns: &Semaphore,
    authorized: &Authorized,
    key: &IdempotencyKey,
    reply: impl FnOnce(Outcome) -> Response,
) -> Result<Once> {
    let (tenant, caller) = (authorized.tenant(), authorized.subject());
    let turn = tokio::time::timeout(TURN_TIMEOUT, turns.acquire()).await;
    let Ok(Ok(_turn)) = turn else { return Err(busy()) };
    let mut session = connections.session(tenant).await?;
    let once = session.transaction(async |connection| {
        let taken = rows(connection, sql::take_key(tenant, caller, key)).await?;
        if taken.is_empty() {
            return replay(connection, authorized, key).await.map(Once::Replayed);
        }
        let query = sql::query(tenant, authorized.plan());
        let response = reply(transaction::carry_out(connection, query).await?);
        let kept = kept(&response)?;
        rows(connection, sql::keep_reply(tenant, caller, key, kept)).await?;
        Ok(Once::Done(response))
    });
    once.await
}

fn busy() -> Error {
    let cause = "too many writes with a key are under way".into();
    Error::Unavailable { retry_after: 1, cause }
}

/// The reply that is kept with a key, provided that it was sent with the same request.
async fn replay(
    connection: &mut PgConnection,
    authorized: &Authorized,
    key: &IdempotencyKey,
) -> Result<Response> {
    let kept = sql::kept_reply(authorized.tenant(), authorized.subject(), key);
    let kept = rows(connection, kept).await?;
    let kept = kept.first().ok_or_else(|| Error::Internal("a key without its row".into()))?;
    match column::<Vec<u8>>(kept, 0)? == key.fingerprint {
        true => response(kept),
        false => Err(Error::IdempotencyKeyReused),
    }
}

fn response(kept: &PgRow) -> Result<Response> {
    let status = u16::try_from(column::<i32>(kept, 1)?);
    let status = status.map_err(|error| Error::Internal(error.to_string()))?;
    let names: Vec<String> = column(kept, 2)?;
    let values: Vec<String> = column(kept, 3)?;
    let headers = names.into_iter().map(Cow::Owned).zip(values).collect();
    Ok(Response { status, headers, body: column::<Vec<u8>>(kept, 4)?.into() })
}

/// A reply as it is kept.
fn kept(response: &Response) -> Result<KeptReply> {
    let Body::Whole(body) = &response.body else {
        return Err(Error::Bug("the reply to a write is a stream, which cannot be kept"));
    };
    let headers = response.headers.iter();
    let headers = headers.map(|(name, value)| (name.to_string(), value.clone())).collect();
    Ok(KeptReply { status: response.status, headers, body: body.to_vec() })
}
