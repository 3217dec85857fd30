//! Idempotency keys, and the replies that are stored with them.

use uuid::Uuid;

use super::statement::{Cells, Statement, Writer};
use crate::plan::IdempotencyKey;

/// How long a reply is stored, as an interval of PostgreSQL.
const KEPT: &str = "1 day";

/// A reply, as it is stored with a key.
#[derive(Debug)]
pub struct KeptReply {
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Takes a key for the transaction; other transactions with the same key wait for its end. One row,
/// or none if a committed transaction has taken the key and it has not expired.
#[must_use]
pub fn take_key(tenant: Uuid, caller: &str, key: &IdempotencyKey) -> Statement {
    let mut writer = Writer::default();
    let place = place(&mut writer, tenant, caller, key);
    let own = writer.bind_one(Cells::Guids(vec![Some(tenant)]));
    let fingerprint = writer.bind_one(Cells::Binaries(vec![Some(key.fingerprint.clone())]));
    let text = format!(
        "INSERT INTO idempotency_key AS taken (tenant_id, caller, key, fingerprint, kept_until) \
         VALUES ({place}, {fingerprint}, present_time({own}) + interval '{KEPT}') \
         ON CONFLICT (tenant_id, caller, key) DO UPDATE \
         SET (fingerprint, kept_until) = (excluded.fingerprint, excluded.kept_until) \
         WHERE taken.kept_until <= present_time({own}) RETURNING true"
    );
    writer.statement(text)
}

/// The fingerprint of the request that took a key, and the status, the names and values of the
/// headers, and the body of its reply.
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

/// Stores a reply with the key that the transaction has taken.
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

/// The values of the key columns.
fn place(writer: &mut Writer, tenant: Uuid, caller: &str, key: &IdempotencyKey) -> String {
    let tenant = writer.bind_one(Cells::Guids(vec![Some(tenant)]));
    format!("{tenant}, {}, {}", writer.bind_text(caller), writer.bind_text(&key.key))
}
