//! A trusted issuer: its name, its audiences and its keys. Checks the entries of the configuration;
//! the format of their file is in `issuer_config`.

use std::path::Path;
use std::sync::Arc;

use super::claims::Audiences;
use super::issuer_config::{ConfigError, IssuerConfig, KeySource};
use super::issuer_name;
use super::key_cache::{KeyCache, RefreshIntervals};
use super::key_set::KeySet;
use super::key_source::{self, FetchError, Source};

pub(in crate::auth) struct Issuer {
    pub(in crate::auth) name: String,
    pub(in crate::auth) audiences: Audiences,
    pub(in crate::auth) keys: Arc<KeyCache>,
}

impl Issuer {
    /// Reads a key file now; keys behind a URL are fetched with the first token.
    pub(in crate::auth) fn new(
        config: IssuerConfig,
        intervals: RefreshIntervals,
    ) -> Result<Self, ConfigError> {
        let IssuerConfig { issuer: name, audiences, keys, accepts_addresses, place, .. } = config;
        let fail = |reason: String| ConfigError::new(&place, reason);
        if name.is_empty() {
            return Err(fail("`issuer` is empty".into()));
        }
        if audiences.is_empty() || audiences.iter().any(String::is_empty) {
            return Err(fail(
                "`audiences` must have at least one audience, and none may be empty".into(),
            ));
        }
        let (source, first) = open_source(keys, &name).map_err(fail)?;
        let keys = Arc::new(KeyCache::new(name.clone(), source, first, intervals));
        Ok(Self { name, audiences: Audiences { names: audiences, accepts_addresses }, keys })
    }

    /// Whether the issuer has this name for every tenant.
    pub(in crate::auth) fn has_name(&self, name: &str) -> bool {
        !issuer_name::is_template(&self.name) && self.name == name
    }

    /// Whether the issuer is a template that becomes `name` with this tenant.
    pub(in crate::auth) fn matches_template(&self, tenant: &str, name: &str) -> bool {
        issuer_name::is_template(&self.name) && issuer_name::fill(&self.name, tenant) == name
    }
}

/// Reads the keys of an issuer once, as a server does with the first token; returns how many can be used.
///
/// # Errors
/// Why they cannot be read.
pub async fn count_keys(config: IssuerConfig) -> Result<usize, String> {
    let (source, first) = open_source(config.keys, &config.issuer)?;
    let keys = match first {
        Some(keys) => Some(keys),
        None => {
            let fetched = source.fetch(&config.issuer, RefreshIntervals::default().fetch_timeout);
            fetched.await.map_err(|error| error.to_string())?
        }
    };
    Ok(keys.map_or(0, |keys| keys.count()))
}

/// Opens the source of the keys, and reads them if that needs no network.
fn open_source(keys: KeySource, issuer: &str) -> Result<(Source, Option<KeySet>), String> {
    let address = |field: &str, text: &str| {
        key_source::parse_address(text).map_err(|reason| format!("`{field}` {reason}"))
    };
    Ok(match keys {
        KeySource::Inline(text) => {
            let set = KeySet::parse(text.as_bytes(), issuer);
            let set = set.ok_or("the keys are not a JWK set with a usable key")?;
            (Source::Inline, Some(set))
        }
        KeySource::File(path) => {
            let set = read_file(&path, issuer)
                .map_err(|reason| format!("`jwks_file` {}: {reason}", path.display()))?;
            (Source::File(path), Some(set))
        }
        KeySource::JwksUri(text) => (Source::Set(address("jwks_uri", &text)?), None),
        KeySource::Discovery(text) => (Source::Discovery(address("discovery", &text)?), None),
    })
}

fn read_file(path: &Path, issuer: &str) -> Result<KeySet, FetchError> {
    let text = key_source::read_file(path)?;
    KeySet::parse(&text, issuer).ok_or(FetchError::NoUsableKey)
}
