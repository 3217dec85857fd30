//! Who connects to the database, how the connection is encrypted, and what the user may do.

use sqlx::Error as Driver;
use sqlx::postgres::PgSslMode;

use super::Examined;
use crate::findings::Finding;
use crate::loopback::is_loopback_host;

/// The user, the host and the database.
pub(super) async fn connection(database: &mut Examined) -> Result<Finding, Driver> {
    let (user, name): (String, String) =
        database.row("SELECT session_user::text, current_database()::text").await?;
    let host = match database.options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", database.options.get_host(), database.options.get_port()),
    };
    Ok(match database.is_embedded {
        true => Finding::ok(format!("{user} at {host}, database {name}, of the data directory")),
        false => Finding::ok(format!("{user} at {host}, database {name}")),
    })
}

/// TLS on the way to the database.
pub(super) async fn encryption(database: &mut Examined) -> Result<Finding, Driver> {
    if is_on_this_machine(database) {
        return Ok(Finding::ok("the connection stays on this machine"));
    }
    let (encrypted, protocol): (bool, Option<String>) =
        database.row("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()").await?;
    let protocol = protocol.unwrap_or_default();
    Ok(encryption_by(encrypted, &protocol, database.options.get_ssl_mode()))
}

fn encryption_by(encrypted: bool, protocol: &str, mode: PgSslMode) -> Finding {
    match (encrypted, mode) {
        (true, PgSslMode::VerifyCa | PgSslMode::VerifyFull) => {
            Finding::ok(format!("{protocol}, and the certificate is checked"))
        }
        (true, _) => Finding::warn(
            format!("{protocol}, and nobody checks the certificate of the database"),
            "Add sslmode=verify-full and sslrootcert to DATABASE_URL.",
        ),
        (false, _) => Finding::warn(
            "rows cross the network in plain text",
            "Enable TLS in PostgreSQL, and add sslmode=verify-full to DATABASE_URL.",
        ),
    }
}

/// What the user may do, and whether the server's role has no more than it should.
pub(super) async fn rights(database: &mut Examined) -> Result<Finding, Driver> {
    let (user, is_superuser, is_member, is_too_powerful, is_owner): (
        String,
        bool,
        Option<bool>,
        Option<bool>,
        Option<bool>,
    ) = database
        .row(
            "SELECT session_user::text,
                    (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user),
                    (SELECT pg_has_role(session_user, oid, 'MEMBER') FROM pg_roles
                     WHERE rolname = 'runstate_server'),
                    (SELECT rolsuper OR rolbypassrls FROM pg_roles
                     WHERE rolname = 'runstate_server'),
                    (SELECT pg_has_role(session_user, relowner, 'USAGE') FROM pg_class
                     WHERE oid = to_regclass('_sqlx_migrations'))",
        )
        .await?;
    let is_owner = is_owner.unwrap_or_default();
    Ok(match is_member {
        None => Finding::fail(
            "there is no role runstate_server",
            "Run `runstate migrate` as the owner, or have an administrator create the role.",
        ),
        _ if is_too_powerful.unwrap_or_default() => Finding::fail(
            "the role runstate_server is a superuser or bypasses row-level security",
            "ALTER ROLE runstate_server NOSUPERUSER NOBYPASSRLS",
        ),
        Some(false) => Finding::fail(
            format!("{user} is no member of runstate_server, so it cannot serve"),
            format!("Let an administrator run: GRANT runstate_server TO \"{user}\""),
        ),
        _ if is_superuser && !database.is_embedded => Finding::warn(
            format!("{user} is a superuser, or bypasses row-level security"),
            "Let the server log in as a user who owns nothing: docs/guides/postgresql.md, Two users.",
        ),
        _ if is_owner => {
            Finding::ok(format!("{user} owns the schema, and serves as runstate_server"))
        }
        Some(true) => Finding::ok(format!("{user} owns nothing, and serves as runstate_server")),
    })
}

/// Whether each table with rows of tenants hides those of others from the server.
pub(super) async fn row_level_security(database: &mut Examined) -> Result<Finding, Driver> {
    let tables: Vec<(String, bool)> = database
        .rows(
            "SELECT relname::text,
                    relrowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = class.oid)
             FROM pg_class AS class
             JOIN pg_attribute ON attrelid = class.oid AND attname = 'tenant_id'
             WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
               AND NOT relispartition
             ORDER BY relname",
        )
        .await?;
    let open = tables.iter().filter(|(_, is_closed)| !is_closed).map(|(name, _)| name.as_str());
    let open: Vec<&str> = open.collect();
    Ok(match open.is_empty() {
        true => Finding::ok(format!("tables with rows of tenants that have it: {}", tables.len())),
        false => Finding::fail(
            format!("tables without row-level security: {}", open.join(", ")),
            "Run as the owner: SELECT set_rights()",
        ),
    })
}

/// Whether no network is between.
pub(super) fn is_on_this_machine(database: &Examined) -> bool {
    database.options.get_socket().is_some() || is_loopback_host(database.options.get_host())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Status;

    #[test]
    fn an_encrypted_connection_counts_only_if_the_certificate_is_checked() {
        for (encrypted, mode, status) in [
            (true, PgSslMode::VerifyFull, Status::Ok),
            (true, PgSslMode::VerifyCa, Status::Ok),
            (true, PgSslMode::Require, Status::Warn),
            (true, PgSslMode::Prefer, Status::Warn),
            (false, PgSslMode::Prefer, Status::Warn),
        ] {
            let finding = encryption_by(encrypted, "TLSv1.3", mode);
            assert_eq!(finding.status, status, "{finding:?}");
        }
    }
}
