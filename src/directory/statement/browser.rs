//! The SQL texts of browser sessions, and of the addresses to which a browser may be redirected.

use uuid::Uuid;

use super::{binary, guid, seconds, statement};
use crate::sql::Statement;

/// Adds a session, in place of the one that the browser had (`old`).
pub(in crate::directory) fn add_session(
    tenant: Uuid,
    id: &[u8],
    old: &[u8],
    user: Uuid,
    lifetime: i64,
) -> Statement {
    let query = "WITH old AS (DELETE FROM sign_in_session WHERE tenant_id = $1 AND id = $3) \
                 INSERT INTO sign_in_session (tenant_id, id, user_id, auth_time, expires_at) \
                 VALUES ($1, $2, $4, present_time($1), present_time($1) + $5::bigint * interval '1 second') \
                 RETURNING floor(extract(epoch FROM auth_time))::bigint AS auth_time";
    statement(query, vec![guid(tenant), binary(id), binary(old), guid(user), seconds(lifetime)])
}

pub(in crate::directory) fn session(tenant: Uuid, id: &[u8]) -> Statement {
    let query = "SELECT owner.*, \
                    floor(extract(epoch FROM session.auth_time))::bigint AS auth_time \
                 FROM sign_in_session AS session \
                 JOIN directory_user AS owner \
                   ON owner.tenant_id = session.tenant_id AND owner.id = session.user_id \
                 WHERE session.tenant_id = $1 AND session.id = $2 AND session.expires_at > present_time($1)";
    statement(query, vec![guid(tenant), binary(id)])
}

pub(in crate::directory) fn remove_session(tenant: Uuid, id: &[u8]) -> Statement {
    let query = "DELETE FROM sign_in_session WHERE tenant_id = $1 AND id = $2 RETURNING id";
    statement(query, vec![guid(tenant), binary(id)])
}

/// The redirect URIs of each application of a tenant.
pub(in crate::directory) fn redirect_uris(tenant: Uuid) -> Statement {
    let query = "SELECT web_redirect_uris || spa_redirect_uris || public_redirect_uris \
                    AS redirect_uris \
                 FROM application WHERE tenant_id = $1";
    statement(query, vec![guid(tenant)])
}
