//! Each SQL text of the directory: constant texts, whose values are binds. They are not in `sql`,
//! because no plan and no entity of the model stands behind them: the server reads these tables before
//! there is a caller. Runs nothing.

pub(super) mod browser;
pub(super) mod grant;

use uuid::Uuid;

use super::registration::{NewApplication, NewSecret, NewTenant, NewUser};
use crate::sql::{Bind, Cells, Statement};

/// A tenant that has left the database is not an unknown one: the statement is refused.
pub(super) fn tenant_by_id(id: Uuid) -> Statement {
    let query = "SELECT id FROM tenant WHERE (id = $1 OR serves_unknown) AND (\
                     SELECT refuse_closed_tenant(tenant, state) FROM closed_tenant \
                     WHERE tenant = $1 AND state <> 'read-only') IS NULL \
                 ORDER BY id = $1 DESC LIMIT 1";
    statement(query, vec![guid(id)])
}

pub(super) fn default_tenant() -> Statement {
    statement("SELECT id FROM tenant WHERE is_default", vec![])
}

pub(super) fn tenant_by_domain(name: &str) -> Statement {
    statement("SELECT tenant AS id FROM tenant_domain WHERE name = $1", vec![text(name)])
}

pub(super) fn application(tenant: Uuid, id: Uuid) -> Statement {
    let query = "SELECT application.*, ARRAY(\
                    SELECT hash FROM application_secret AS secret \
                    WHERE secret.tenant_id = application.tenant_id \
                      AND secret.application_id = application.id ORDER BY secret.id) \
                    AS secret_hashes \
                FROM application WHERE tenant_id = $1 AND id = $2";
    statement(query, vec![guid(tenant), guid(id)])
}

pub(super) fn user_by_name(tenant: Uuid, name: &str) -> Statement {
    let query = "SELECT * FROM directory_user \
                 WHERE tenant_id = $1 AND lower(user_principal_name) = lower($2 COLLATE \"C\")";
    statement(query, vec![guid(tenant), text(name)])
}

pub(super) fn user(tenant: Uuid, id: Uuid) -> Statement {
    let query = "SELECT * FROM directory_user WHERE tenant_id = $1 AND id = $2";
    statement(query, vec![guid(tenant), guid(id)])
}

/// Begins a transaction of the owner.
pub(super) fn begin() -> Statement {
    statement("BEGIN", vec![])
}

pub(super) fn commit() -> Statement {
    statement("COMMIT", vec![])
}

/// Waits for other first starts, and lets readers pass.
pub(super) fn lock_tenants() -> Statement {
    statement("LOCK TABLE tenant IN SHARE ROW EXCLUSIVE MODE", vec![])
}

pub(super) fn tenants() -> Statement {
    let query = "SELECT coalesce(id, closed.tenant) AS id, coalesce(is_default, false) AS is_default, \
                    coalesce(serves_unknown, false) AS serves_unknown, ARRAY(\
                    SELECT name FROM tenant_domain WHERE tenant_domain.tenant = tenant.id \
                    ORDER BY name) AS domains, state \
                FROM tenant FULL JOIN closed_tenant AS closed ON closed.tenant = id ORDER BY 1";
    statement(query, vec![])
}

/// Adds a tenant with a domain, or a domain to a tenant. The first tenant is the default one.
pub(super) fn add_tenant(new: &NewTenant) -> Statement {
    let query = "WITH new_tenant AS (\
                     INSERT INTO tenant (id, is_default, serves_unknown) \
                     VALUES ($1, NOT EXISTS (SELECT FROM tenant WHERE is_default), $3) \
                     ON CONFLICT (id) DO NOTHING) \
                 INSERT INTO tenant_domain (name, tenant) SELECT unnest($2::text[]), $1 \
                 ON CONFLICT (name) DO UPDATE SET tenant = excluded.tenant \
                 WHERE tenant_domain.tenant = excluded.tenant RETURNING name";
    let binds = vec![guid(new.id), texts(&new.domains), boolean(new.serves_unknown)];
    statement(query, binds)
}

pub(super) fn applications(tenant: Uuid) -> Statement {
    let query = "SELECT id, name, is_public, grant_types, permissions, \
                    web_redirect_uris || spa_redirect_uris || public_redirect_uris \
                    AS redirect_uris, cardinality(certificates) AS certificates, ARRAY(\
                    SELECT secret.id FROM application_secret AS secret \
                    WHERE secret.tenant_id = application.tenant_id \
                      AND secret.application_id = application.id ORDER BY secret.id) AS secrets \
                FROM application WHERE tenant_id = $1 ORDER BY name, id";
    statement(query, vec![guid(tenant)])
}

pub(super) fn add_application(tenant: Uuid, new: &NewApplication) -> Statement {
    let query = "INSERT INTO application VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
                 ON CONFLICT DO NOTHING RETURNING id";
    let binds = vec![
        guid(tenant),
        guid(new.id),
        guid(new.object_id),
        text(&new.name),
        boolean(new.is_public),
        texts(&new.grant_types),
        texts(&new.permissions),
        texts(&new.web_redirect_uris),
        texts(&new.spa_redirect_uris),
        texts(&new.public_redirect_uris),
        Bind {
            cells: Cells::Binaries(new.certificates.iter().cloned().map(Some).collect()),
            is_array: true,
        },
    ];
    statement(query, binds)
}

pub(super) fn remove_application(tenant: Uuid, id: Uuid) -> Statement {
    let query = "DELETE FROM application WHERE tenant_id = $1 AND id = $2 RETURNING id";
    statement(query, vec![guid(tenant), guid(id)])
}

/// Adds a secret to an application that exists.
pub(super) fn add_secret(tenant: Uuid, application: Uuid, new: &NewSecret) -> Statement {
    let query = "INSERT INTO application_secret (tenant_id, application_id, id, hash) \
                 SELECT tenant_id, id, $3, $4 FROM application WHERE tenant_id = $1 AND id = $2 \
                 RETURNING id";
    statement(query, vec![guid(tenant), guid(application), guid(new.id), text(&new.hash)])
}

pub(super) fn remove_secret(tenant: Uuid, application: Uuid, id: Uuid) -> Statement {
    let query = "DELETE FROM application_secret \
                WHERE tenant_id = $1 AND application_id = $2 AND id = $3 RETURNING id";
    statement(query, vec![guid(tenant), guid(application), guid(id)])
}

pub(super) fn users(tenant: Uuid) -> Statement {
    let query = "SELECT id, user_principal_name, display_name FROM directory_user \
                WHERE tenant_id = $1 ORDER BY user_principal_name";
    statement(query, vec![guid(tenant)])
}

pub(super) fn add_user(tenant: Uuid, new: &NewUser) -> Statement {
    let query = "INSERT INTO directory_user VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT DO NOTHING RETURNING id";
    let names = [&new.user_principal_name, &new.display_name, &new.password_hash];
    let mut binds = vec![guid(tenant), guid(new.id)];
    binds.extend(names.map(|name| text(name)));
    statement(query, binds)
}

pub(super) fn remove_user(tenant: Uuid, name: &str) -> Statement {
    let query = "DELETE FROM directory_user \
                 WHERE tenant_id = $1 AND lower(user_principal_name) = lower($2 COLLATE \"C\") \
                 RETURNING id";
    statement(query, vec![guid(tenant), text(name)])
}

/// Changes a password. What was signed in with the old one is signed out.
pub(super) fn change_password(tenant: Uuid, name: &str, hash: &str) -> Statement {
    let query = "WITH changed AS (\
                     UPDATE directory_user SET password_hash = $3 \
                     WHERE tenant_id = $1 AND lower(user_principal_name) = lower($2 COLLATE \"C\") \
                     RETURNING id), \
                 codes AS (DELETE FROM authorization_code \
                     WHERE tenant_id = $1 AND user_id IN (SELECT id FROM changed)), \
                 devices AS (DELETE FROM device_code \
                     WHERE tenant_id = $1 AND user_id IN (SELECT id FROM changed)), \
                 sessions AS (DELETE FROM sign_in_session \
                     WHERE tenant_id = $1 AND user_id IN (SELECT id FROM changed)), \
                 tokens AS (UPDATE token_family SET revoked_at = coalesce(revoked_at, now()) \
                     WHERE tenant_id = $1 AND user_id IN (SELECT id FROM changed)) \
                 SELECT id FROM changed";
    statement(query, vec![guid(tenant), text(name), text(hash)])
}

fn statement(text: &str, binds: Vec<Bind>) -> Statement {
    Statement { text: text.to_owned(), binds }
}

fn guid(value: Uuid) -> Bind {
    Bind { cells: Cells::Guids(vec![Some(value)]), is_array: false }
}

fn text(value: &str) -> Bind {
    Bind { cells: Cells::Texts(vec![Some(value.to_owned())]), is_array: false }
}

fn texts(values: &[String]) -> Bind {
    Bind { cells: Cells::Texts(values.iter().cloned().map(Some).collect()), is_array: true }
}

fn optional_text(value: Option<&str>) -> Bind {
    Bind { cells: Cells::Texts(vec![value.map(str::to_owned)]), is_array: false }
}

fn boolean(value: bool) -> Bind {
    Bind { cells: Cells::Booleans(vec![Some(value)]), is_array: false }
}

fn seconds(value: i64) -> Bind {
    Bind { cells: Cells::Bigints(vec![Some(value)]), is_array: false }
}

fn binary(value: &[u8]) -> Bind {
    optional_binary(Some(value))
}

fn optional_binary(value: Option<&[u8]>) -> Bind {
    Bind { cells: Cells::Binaries(vec![value.map(<[u8]>::to_vec)]), is_array: false }
}
