//! Which issuers are trusted, and the file that says so. Knows the file's form and refuses what
//! it cannot mean, naming file, entry and field; fetches nothing.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::unique_object::Members;

/// One trusted issuer.
#[derive(Clone, Debug)]
pub struct IssuerConfig {
    /// What its tokens carry as `iss`, where `{tenantid}` stands for the token's own `tid`.
    pub issuer: String,
    /// The values of `aud` that mean this server.
    pub audiences: Vec<String>,
    /// Where its keys are.
    pub keys: KeySource,
    /// Where this entry stands, for errors.
    pub(in crate::auth) place: String,
}

/// Where the keys of an issuer are.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// The JWK set itself.
    Held(String),
    /// A file with the JWK set.
    File(PathBuf),
    /// The address of the JWK set.
    JwksUri(String),
    /// The address of an `OpenID` discovery document.
    Discovery(String),
}

/// Why issuers cannot be trusted as configured.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct ConfigError {
    place: String,
    reason: String,
}

impl ConfigError {
    pub(in crate::auth) fn new(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { place: place.into(), reason: reason.into() }
    }
}

impl IssuerConfig {
    /// One issuer that no file names.
    #[must_use]
    pub fn new(issuer: &str, audiences: &[&str], keys: KeySource) -> Self {
        let audiences = audiences.iter().map(ToString::to_string).collect();
        Self { issuer: issuer.into(), audiences, keys, place: format!("issuer {issuer}") }
    }

    /// The issuers that a JSON file lists. A relative `jwks_file` is looked for beside the file.
    ///
    /// # Errors
    /// Where the file cannot be read or an entry has not the form that is asked for.
    pub fn from_file(path: &Path) -> Result<Vec<Self>, ConfigError> {
        let file = path.display().to_string();
        let text = std::fs::read(path)
            .map_err(|error| ConfigError::new(&file, format!("cannot be read: {error}")))?;
        let entries: Vec<Members> = serde_json::from_slice(&text).map_err(|error| {
            ConfigError::new(&file, format!("is not a JSON list of objects: {error}"))
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let numbered = entries.into_iter().zip(1..);
        numbered
            .map(|(entry, number)| read(entry, folder, format!("{file}, entry {number}")))
            .collect()
    }
}

fn read(mut entry: Members, folder: &Path, place: String) -> Result<IssuerConfig, ConfigError> {
    let fail = |reason: String| ConfigError::new(&place, reason);
    let issuer = text(&mut entry, "issuer").map_err(fail)?;
    let issuer = issuer.ok_or_else(|| fail("`issuer` is missing".into()))?;
    let audiences = entry.take("audiences").ok_or_else(|| fail("`audiences` is missing".into()))?;
    let audiences = serde_json::from_value(audiences)
        .map_err(|_| fail("`audiences` must be a list of strings".into()))?;
    let mut sources = Vec::new();
    let file = text(&mut entry, "jwks_file").map_err(fail)?;
    sources.extend(file.map(|file| KeySource::File(folder.join(file))));
    sources.extend(text(&mut entry, "jwks_uri").map_err(fail)?.map(KeySource::JwksUri));
    sources.extend(text(&mut entry, "discovery").map_err(fail)?.map(KeySource::Discovery));
    if let Some(name) = entry.any_name() {
        return Err(fail(format!("`{name}` is not known")));
    }
    match (sources.pop(), sources.is_empty()) {
        (Some(keys), true) => Ok(IssuerConfig { issuer, audiences, keys, place }),
        _ => Err(fail("exactly one of `jwks_file`, `jwks_uri` and `discovery` is needed".into())),
    }
}

fn text(entry: &mut Members, name: &str) -> Result<Option<String>, String> {
    match entry.take(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("`{name}` must be a string")),
    }
}
