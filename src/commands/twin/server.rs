//! The test twin of a server: checks its settings, switches it on or off in the database, and starts it.

use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use tokio_util::task::AbortOnDropHandle;

use super::super::Failure;
use crate::auth::{MIN_TWIN_SECRET, TOKEN_LIFETIME, TwinAuthority};
use crate::config::{Settings, TwinMode};
use crate::service::{Service, SignIn};
use crate::store::{Store, TwinLock};
use crate::twin::Twin;

/// Checks the settings of the twin, before anything is opened.
pub(in crate::commands) fn check(settings: &Settings) -> Result<(), Failure> {
    let secret = settings.twin.secret.as_deref();
    let is_on = settings.twin.mode != TwinMode::False;
    if secret.is_some() && !is_on {
        return Err(
            "RUNSTATE_TWIN_SECRET is set, but the test twin is off. Set RUNSTATE_TWIN=true.".into(),
        );
    }
    if secret.is_some_and(|secret| secret.chars().count() < MIN_TWIN_SECRET) {
        return Err(format!(
            "RUNSTATE_TWIN_SECRET must have at least {MIN_TWIN_SECRET} characters"
        )
        .into());
    }
    if is_on && !settings.trusts_local_issuer() {
        return Err("the test twin needs the local issuer. Set RUNSTATE_LOCAL_ISSUER=true.".into());
    }
    if is_on && settings.tenants.is_some() {
        return Err(
            "the test twin makes tenants that are in no list, so RUNSTATE_TENANTS and the test \
                    twin exclude each other"
                .into(),
        );
    }
    if settings.twin.mode == TwinMode::True && settings.issuers.is_some() {
        return Err(
            "the test twin is not for servers that people use, and other issuers than the \
                    local one are trusted here. If this is right, set \
                    RUNSTATE_TWIN=beside-real-issuers."
                .into(),
        );
    }
    Ok(())
}

/// Switches the twin on, and reads what an earlier server left of it.
pub(in crate::commands) async fn open(
    settings: &Settings,
    options: &PgConnectOptions,
    service: &Service,
) -> Result<(Twin, TwinLock), Failure> {
    let sign_in = service.sign_in.as_ref().ok_or("the test twin needs the local issuer")?;
    let lock = Store::switch_twin_on(options).await?;
    let authority = TwinAuthority::new(&sign_in.issuer, settings.twin.secret.as_deref())?;
    let rows = service.store.twin_tenants().await?;
    let twin = Twin::new(authority, Arc::clone(&sign_in.issuer), lock.is_unchecked, rows);
    Ok((twin, lock))
}

/// Switches the twin off. Where the user of the database may not, the server still works: the functions of
/// the twin only cost time.
pub(in crate::commands) async fn switch_off(options: &PgConnectOptions) -> Result<(), Failure> {
    if let Err(error) = Store::switch_twin_off(options).await {
        tracing::warn!("{error}");
    }
    Ok(())
}

/// Removes expired tenants until the value is dropped.
pub(in crate::commands) fn sweep(service: &Arc<Service>, lock: TwinLock) -> AbortOnDropHandle<()> {
    let service = Arc::clone(service);
    AbortOnDropHandle::new(tokio::spawn(async move {
        if let Some(twin) = &service.twin {
            twin.sweep(&service.store, lock).await;
        }
    }))
}

/// What someone who starts a server with the twin reads.
pub(in crate::commands) fn greeting(
    settings: &Settings,
    sign_in: &SignIn,
    base: &str,
) -> Result<String, Failure> {
    let lifetime = std::time::Duration::from_secs(TOKEN_LIFETIME.unsigned_abs());
    let token = match &settings.twin.secret {
        Some(_) => "$RUNSTATE_TWIN_SECRET".to_owned(),
        None => sign_in.issuer.twin_token(lifetime)?,
    };
    Ok(format!(
        "\nThe test twin:\n\ncurl {base}/twin/v1 -H \"Authorization: Bearer {token}\"\n\n\
         More tokens: `runstate token --twin`.\n"
    ))
}
