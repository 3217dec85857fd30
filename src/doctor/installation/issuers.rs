//! Whose tokens are trusted, and whether their keys can be read.

use std::time::{Duration, SystemTime};

use super::{Installation, IssuerKeys};
use crate::auth::LocalIssuer;
use crate::findings::{Finding, seconds, time};
use crate::metrics::catalog;

/// The key of the local issuer.
pub(super) fn local_issuer(installation: &Installation<'_>) -> Finding {
    let settings = installation.settings;
    if !settings.trusts_local_issuer() {
        return Finding::ok("not trusted");
    }
    let file = LocalIssuer::key_file(&settings.data_dir);
    if !file.exists() {
        return Finding::ok("trusted; the first start makes its key");
    }
    match LocalIssuer::open(&settings.data_dir) {
        Ok(_) => {
            let changed = file.metadata().and_then(|metadata| metadata.modified());
            let age = changed.ok().and_then(|it| SystemTime::now().duration_since(it).ok());
            let age = time(age.unwrap_or(Duration::ZERO));
            Finding::ok(format!("trusted; its key in {} is {age} old", file.display()))
        }
        Err(error) => Finding::fail(
            format!("its key cannot be used: {error}"),
            "Restore the file from a backup, or delete it: all tokens are refused then.",
        ),
    }
}

/// The issuers of `RUNSTATE_ISSUERS`. Their keys are fetched once, as a server does.
pub(super) fn issuers(installation: &Installation<'_>) -> Finding {
    let configured = match &installation.issuers {
        Ok(configured) => configured,
        Err(error) => {
            return Finding::fail(
                format!("RUNSTATE_ISSUERS cannot be read: {error}"),
                "Correct the file.",
            );
        }
    };
    let (mut keys, mut failed) = (0, Vec::new());
    for IssuerKeys { issuer, count } in configured {
        match count {
            Ok(count) => keys += count,
            Err(error) => failed.push(format!("{issuer}: {error}")),
        }
    }
    if !failed.is_empty() {
        return Finding::fail(
            format!("keys cannot be read: {}", failed.join("; ")),
            "Correct RUNSTATE_ISSUERS, or let this machine reach the address.",
        );
    }
    if configured.is_empty() && !installation.settings.trusts_local_issuer() {
        return Finding::fail(
            "no issuer is trusted, so the server does not start",
            "Set RUNSTATE_ISSUERS to a JSON file of issuers, or RUNSTATE_LOCAL_ISSUER=true.",
        );
    }
    let count = configured.len();
    let ages = installation.samples(catalog::KEYS_AGE.name).map(|(_, age)| age);
    match ages.reduce(f64::max) {
        Some(age) => Finding::ok(format!(
            "{count} are configured, with {keys} keys; the server read the oldest {} ago",
            seconds(age)
        )),
        None => Finding::ok(format!("{count} are configured, with {keys} keys")),
    }
}
