//! The SQL texts of authorization codes, device codes and refresh tokens. One statement uses up a code and
//! adds the refresh token. So if two servers get the same code at the same time, only one gives tokens.

use uuid::Uuid;

use super::{binary, boolean, guid, optional_binary, optional_text, seconds, statement, text};
use crate::directory::device_code::NewDeviceCode;
use crate::directory::grant::{NewCode, NewFamily, NewRefreshToken, REUSE_SECONDS};
use crate::sql::{Bind, Statement};

pub(in crate::directory) fn add_code(tenant: Uuid, new: &NewCode<'_>) -> Statement {
    let query = "INSERT INTO authorization_code (tenant_id, id, tid, application_id, user_id, \
                    redirect_uri, scope, nonce, code_challenge, auth_time, has_max_age, family, \
                    expires_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, to_timestamp($10::bigint), $11, $12, \
                    present_time($1) + $13::bigint * interval '1 second')";
    let binds = vec![
        guid(tenant),
        binary(new.id),
        guid(new.tid),
        guid(new.application),
        guid(new.user),
        text(new.redirect_uri),
        text(new.scope),
        optional_text(new.nonce),
        optional_text(new.code_challenge),
        seconds(new.auth_time),
        boolean(new.has_max_age),
        guid(Uuid::new_v4()),
        seconds(new.lifetime),
    ];
    statement(query, binds)
}

pub(in crate::directory) fn code(tenant: Uuid, id: &[u8]) -> Statement {
    let query = "SELECT tid, application_id, user_id, redirect_uri, scope, nonce, code_challenge, \
                    floor(extract(epoch FROM auth_time))::bigint AS auth_time, \
                    has_max_age, family, \
                    used_at IS NOT NULL AS is_used, expires_at <= present_time($1) AS is_expired \
                 FROM authorization_code WHERE tenant_id = $1 AND id = $2";
    statement(query, vec![guid(tenant), binary(id)])
}

/// Uses up a code. No row if it was used before, or has expired.
pub(in crate::directory) fn redeem_code(
    tenant: Uuid,
    id: &[u8],
    new: &NewRefreshToken<'_>,
) -> Statement {
    let source = "UPDATE authorization_code SET used_at = present_time($1) \
                  WHERE tenant_id = $1 AND id = $5 AND used_at IS NULL AND expires_at > present_time($1) \
                  RETURNING tenant_id, family, tid, application_id, user_id";
    granting(source, tenant, new, [binary(id)])
}

/// Uses up a device code. No row if it was used before, has expired or is not approved.
pub(in crate::directory) fn redeem_device_code(
    tenant: Uuid,
    id: &[u8],
    new: &NewRefreshToken<'_>,
) -> Statement {
    let source = "UPDATE device_code SET used_at = present_time($1) \
                  WHERE tenant_id = $1 AND id = $5 AND used_at IS NULL AND expires_at > present_time($1) \
                    AND user_id IS NOT NULL \
                  RETURNING tenant_id, gen_random_uuid() AS family, tid, application_id, user_id";
    granting(source, tenant, new, [binary(id)])
}

/// Adds the first refresh token of a user whose password the client sent.
pub(in crate::directory) fn add_family(
    tenant: Uuid,
    family: &NewFamily,
    new: &NewRefreshToken<'_>,
) -> Statement {
    let source = "SELECT $1::uuid AS tenant_id, gen_random_uuid() AS family, $5::uuid AS tid, \
                    $6::uuid AS application_id, $7::uuid AS user_id";
    granting(source, tenant, new, [family.tid, family.application, family.user].map(guid))
}

/// Adds the first refresh token for each row of `source`, unless `new` has none. `source` may use the bind
/// `$1` (the tenant) and those from `$5` on.
fn granting<const N: usize>(
    source: &'static str,
    tenant: Uuid,
    new: &NewRefreshToken<'_>,
    binds: [Bind; N],
) -> Statement {
    let text_of_query = format!(
        "WITH source AS ({source}), \
             family AS (INSERT INTO token_family \
                 (tenant_id, id, tid, application_id, user_id, scope, expires_at) \
                 SELECT tenant_id, family, tid, application_id, user_id, $3, \
                     present_time($1) + $4::bigint * interval '1 second' \
                 FROM source WHERE $2::bytea IS NOT NULL), \
             token AS (INSERT INTO refresh_token (tenant_id, id, family, expires_at) \
                 SELECT tenant_id, $2, family, present_time($1) + $4::bigint * interval '1 second' \
                 FROM source WHERE $2::bytea IS NOT NULL) \
         SELECT family FROM source"
    );
    let mut all =
        vec![guid(tenant), optional_binary(new.id), text(new.scope), seconds(new.lifetime)];
    all.extend(binds);
    Statement { text: text_of_query, binds: all }
}

pub(in crate::directory) fn refresh_token(tenant: Uuid, id: &[u8]) -> Statement {
    let query = "SELECT family.id AS family, family.tid, family.application_id, family.user_id, \
                    family.scope, family.revoked_at IS NOT NULL AS is_revoked, \
                    token.expires_at <= present_time($1) AS is_expired, \
                    coalesce(token.replaced_at <= present_time($1) - $3::bigint * interval '1 second', false) \
                    AS is_replayed \
                 FROM refresh_token AS token \
                 JOIN token_family AS family \
                   ON family.tenant_id = token.tenant_id AND family.id = token.family \
                 WHERE token.tenant_id = $1 AND token.id = $2";
    statement(query, vec![guid(tenant), binary(id), seconds(REUSE_SECONDS)])
}

/// Replaces a refresh token by the next one of its family. No row if the token was replaced too long ago,
/// or if the family is revoked.
pub(in crate::directory) fn replace_refresh_token(
    tenant: Uuid,
    id: &[u8],
    next: &[u8],
    lifetime: i64,
) -> Statement {
    let query = "WITH replaced AS (\
                     UPDATE refresh_token SET replaced_at = coalesce(replaced_at, present_time($1)) \
                     WHERE tenant_id = $1 AND id = $2 AND expires_at > present_time($1) \
                       AND coalesce(replaced_at > present_time($1) - $4::bigint * interval '1 second', true) \
                     RETURNING tenant_id, family), \
                 family AS (\
                     UPDATE token_family \
                     SET expires_at = present_time($1) + $5::bigint * interval '1 second' \
                     FROM replaced WHERE token_family.tenant_id = replaced.tenant_id \
                       AND token_family.id = replaced.family AND revoked_at IS NULL \
                     RETURNING token_family.tenant_id, token_family.id, expires_at) \
                 INSERT INTO refresh_token (tenant_id, id, family, expires_at) \
                 SELECT tenant_id, $3, id, expires_at FROM family RETURNING family";
    let binds =
        vec![guid(tenant), binary(id), binary(next), seconds(REUSE_SECONDS), seconds(lifetime)];
    statement(query, binds)
}

pub(in crate::directory) fn revoke_family(tenant: Uuid, family: Uuid) -> Statement {
    let query = "UPDATE token_family SET revoked_at = present_time($1) \
                 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING id";
    statement(query, vec![guid(tenant), guid(family)])
}

/// Adds a device code. No row if another one has the user code.
pub(in crate::directory) fn add_device_code(tenant: Uuid, new: &NewDeviceCode<'_>) -> Statement {
    let query = "INSERT INTO device_code \
                    (tenant_id, id, tid, user_code, application_id, scope, expires_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, present_time($1) + $7::bigint * interval '1 second') \
                 ON CONFLICT (tenant_id, user_code) DO NOTHING RETURNING user_code";
    let binds = vec![
        guid(tenant),
        binary(new.id),
        guid(new.tid),
        text(new.user_code),
        guid(new.application),
        text(new.scope),
        seconds(new.lifetime),
    ];
    statement(query, binds)
}

pub(in crate::directory) fn device_code(tenant: Uuid, id: &[u8]) -> Statement {
    let query = "SELECT tid, application_id, scope, user_id, is_declined, \
                    used_at IS NOT NULL AS is_used, expires_at <= present_time($1) AS is_expired \
                 FROM device_code WHERE tenant_id = $1 AND id = $2";
    statement(query, vec![guid(tenant), binary(id)])
}

/// The device code that a user typed, if the user may still decide.
pub(in crate::directory) fn open_device_code(
    tenant: Uuid,
    tid: Uuid,
    user_code: &str,
) -> Statement {
    let query = "SELECT application_id FROM device_code \
                 WHERE tenant_id = $1 AND tid = $2 AND user_code = $3 AND user_id IS NULL \
                   AND NOT is_declined AND expires_at > present_time($1)";
    statement(query, vec![guid(tenant), guid(tid), text(user_code)])
}

/// Approves a device code for a user, or declines it without one. No row if it was decided before.
pub(in crate::directory) fn decide_device_code(
    tenant: Uuid,
    tid: Uuid,
    user_code: &str,
    user: Option<Uuid>,
) -> Statement {
    let query = "UPDATE device_code SET user_id = $4, is_declined = $4 IS NULL \
                 WHERE tenant_id = $1 AND tid = $2 AND user_code = $3 AND user_id IS NULL \
                   AND NOT is_declined AND expires_at > present_time($1) RETURNING user_code";
    let user = Bind { cells: crate::sql::Cells::Guids(vec![user]), is_array: false };
    statement(query, vec![guid(tenant), guid(tid), text(user_code), user])
}
