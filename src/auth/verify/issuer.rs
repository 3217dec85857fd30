//! One trusted issuer, ready to verify: its name, its audiences and its keys. Knows which entries
//! of a configuration make no sense; how their file is written, `issuer_config` knows.

use std::path::Path;
use std::sync::Arc;

use super::issuer_config::{ConfigError, IssuerConfig, KeySource};
use super::issuer_name;
use super::key_cache::{KeyCache, Pace};
use super::key_set::KeySet;
use super::key_source::{self, Source};

/// An issuer whose tokens are accepted.
pub(in crate::auth) struct Issuer {
    pub(in crate::auth) name: String,
    pub(in crate::auth) audiences: Vec<String>,
    pub(in crate::auth) keys: Arc<KeyCache>,
}

impl Issuer {
    /// Trusts an issuer as configured. A key file is read now; an address when a token comes.
    pub(in crate::auth) fn new(config: IssuerConfig, pace: Pace) -> Result<Self, ConfigError> {
        let IssuerConfig { issuer: name, audiences, keys, place } = config;
        let fail = |reason: String| ConfigError::new(&place, reason);
        if name.is_empty() {
            return Err(fail("`issuer` is empty".into()));
        }
        if audiences.is_empty() || audiences.iter().any(String::is_empty) {
            return Err(fail("`audiences` must name at least one, and none that is empty".into()));
        }
        let (source, first) = open(keys, &name).map_err(fail)?;
        let keys = Arc::new(KeyCache::new(name.clone(), source, first, pace));
        Ok(Self { name, audiences, keys })
    }

    /// Whether this issuer, for every tenant alike, is called `name`.
    pub(in crate::auth) fn is_exactly(&self, name: &str) -> bool {
        !issuer_name::is_template(&self.name) && self.name == name
    }

    /// Whether this is a template that becomes `name` for this tenant.
    pub(in crate::auth) fn is_filled(&self, tenant: &str, name: &str) -> bool {
        issuer_name::is_template(&self.name) && issuer_name::filled(&self.name, tenant) == name
    }
}

/// Where keys come from, and those that are there already.
fn open(keys: KeySource, issuer: &str) -> Result<(Source, Option<KeySet>), String> {
    let address = |field: &str, text: &str| {
        key_source::address(text).map_err(|reason| format!("`{field}` {reason}"))
    };
    Ok(match keys {
        KeySource::Held(text) => {
            let set = KeySet::parse(text.as_bytes(), issuer);
            let set = set.ok_or("the keys are not a JWK set with a usable key")?;
            (Source::Held, Some(set))
        }
        KeySource::File(path) => {
            let set = first_of_file(&path, issuer)
                .map_err(|reason| format!("`jwks_file` {}: {reason}", path.display()))?;
            (Source::File(path), Some(set))
        }
        KeySource::JwksUri(text) => (Source::Set(address("jwks_uri", &text)?), None),
        KeySource::Discovery(text) => (Source::Discovery(address("discovery", &text)?), None),
    })
}

fn first_of_file(path: &Path, issuer: &str) -> Result<KeySet, key_source::NoKeys> {
    let text = key_source::read_file(path)?;
    KeySet::parse(&text, issuer).ok_or(key_source::NoKeys::NoUsableKey)
}
