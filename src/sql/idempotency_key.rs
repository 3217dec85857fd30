//! The keys of writes that may be retried, and the replies that are kept with them.

use uuid::Uuid;

use super::statement::{Cells, Statement, Writer};
use crate::plan::IdempotencyKey;

/// For how long a reply is kept, as PostgreSQL writes an interval.
const KEPT: &str = "1 day";

/// A reply, as it is kept with a key.
#[derive(Debug)]
pub struct KeptReply {
    /// The status.
    pub status: u16,
    /// The names and values of the headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Takes a key for the transaction, which everyone else who wants it then waits for. One row, or
/// none where a transaction that has been committed took it and its time is not over.
#[must_use]
pub fn take_key(tenant: Uuid, caller: &str, key: &IdempotencyKey) -> Statement {
    let mut writer = Writer::default();
    let place = place(&mut writer, tenant, caller, key);
    let fingerprint = writer.bind_one(Cells::Binaries(vec![Some(key.fingerprint.clone())]));
    let text = format!(
        "INSERT INTO idempotency_key AS taken (tenant_id, caller, key, fingerprint, kept_until) \
         VALUES ({place}, {fingerprint}, now() + interval '{KEPT}') \
         ON CONFLICT (tenant_id, caller, key) DO UPDATE \
         SET (fingerprint, kept_until) = (excluded.fingerprint, excluded.kept_until) \
         WHERE taken.kept_until <= now() RETURNING true"
    );
    writer.statement(text)
}

/// What a key was taken for: the fingerprint, and the status, the names and values of the headers
/// and the body of the reply.
#[must_use]
pub fn kept_reply(tenant: Uuid, caller: &str, key: &IdempotencyKey) -> Statement {
    let mut writer = Writer::default();
    let place = place(&mut writer, tenant, caller, key);
    let text = format!(
        "SELECT fingerprint, status, header_names, header_values, body FROM idempotency_key \
         WHERE (tenant_id, caller, key) = ({place})"
    );
    writer.statement(text)
}

/// Keeps a reply with the key that the transaction took.
#[must_use]
pub fn keep_reply(tenant: Uuid, caller: &str, key: &IdempotencyKey, reply: KeptReply) -> Statement {
    let mut writer = Writer::default();
    let place = place(&mut writer, tenant, caller, key);
    let headers = reply.headers.into_iter();
    let (names, values) = headers.map(|(name, value)| (Some(name), Some(value))).unzip();
    let status = writer.bind_one(Cells::Integers(vec![Some(reply.status.into())]));
    let (names, values) = (writer.bind(Cells::Texts(names)), writer.bind(Cells::Texts(values)));
    let body = writer.bind_one(Cells::Binaries(vec![Some(reply.body)]));
    let text = format!(
        "UPDATE idempotency_key \
         SET (status, header_names, header_values, body) = ({status}, {names}, {values}, {body}) \
         WHERE (tenant_id, caller, key) = ({place})"
    );
    writer.statement(text)
}

/// The columns that find a key.
fn place(writer: &mut Writer, tenant: Uuid, caller: &str, key: &IdempotencyKey) -> String {
    let tenant = writer.bind_one(Cells::Guids(vec![Some(tenant)]));
    format!("{tenant}, {}, {}", writer.bind_text(caller), writer.bind_text(&key.key))
}
