//! The configuration of trusted issuers, and the format of its file. Its errors name the file, the
//! entry and the field. Fetches nothing.

use std::path::{Path, PathBuf};

use serde_json::Value;
use url::Url;

use super::issuer_name;
use super::unique_object::UniqueObject;

/// The tenant in an address where a user of any organization signs in.
const ANY_ORGANIZATION: &str = "organizations";

#[derive(Clone, Debug)]
pub struct IssuerConfig {
    /// The claim `iss` of its tokens. A placeholder `{tenantid}` stands for the claim `tid`.
    pub issuer: String,
    /// The values of the claim `aud` that this server accepts.
    pub audiences: Vec<String>,
    pub keys: KeySource,
    /// How the console signs users in at this issuer.
    pub console: Option<ConsoleClient>,
    /// Whether each address is accepted as an audience, such as `https://localhost:8443`. Only for the
    /// local issuer: the token endpoint has checked that the address is this server's, whose name in
    /// the next request may be another.
    pub(in crate::auth) accepts_addresses: bool,
    /// The file and the entry, for errors.
    pub(in crate::auth) place: String,
}

/// The console as a client of an issuer. None of it is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleClient {
    /// The issuer, with `organizations` in place of a placeholder for the tenant.
    pub issuer: String,
    /// The client id, of a client without a secret.
    pub client_id: String,
    /// The scopes that the console asks for.
    pub scopes: Vec<String>,
}

/// The source of an issuer's keys.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// The JWK set itself, as JSON.
    Inline(String),
    /// A file with the JWK set.
    File(PathBuf),
    /// The URL of the JWK set.
    JwksUri(String),
    /// The URL of an `OpenID` discovery document.
    Discovery(String),
}

/// An error in the configuration of issuers.
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
    /// An issuer without a configuration file.
    #[must_use]
    pub fn new(issuer: &str, audiences: &[&str], keys: KeySource) -> Self {
        let audiences = audiences.iter().map(ToString::to_string).collect();
        let place = format!("issuer {issuer}");
        Self {
            issuer: issuer.into(),
            audiences,
            keys,
            console: None,
            accepts_addresses: false,
            place,
        }
    }

    /// Reads a JSON list of issuers. A relative `jwks_file` is relative to the folder of the file.
    ///
    /// # Errors
    /// If the file cannot be read, or an entry is invalid.
    pub fn from_file(path: &Path) -> Result<Vec<Self>, ConfigError> {
        let file = path.display().to_string();
        let text = std::fs::read(path)
            .map_err(|error| ConfigError::new(&file, format!("cannot be read: {error}")))?;
        let entries: Vec<UniqueObject> = serde_json::from_slice(&text).map_err(|error| {
            ConfigError::new(&file, format!("is not a JSON list of objects: {error}"))
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let numbered = entries.into_iter().zip(1..);
        numbered
            .map(|(entry, number)| read_entry(entry, folder, format!("{file}, entry {number}")))
            .collect()
    }
}

fn read_entry(
    mut entry: UniqueObject,
    folder: &Path,
    place: String,
) -> Result<IssuerConfig, ConfigError> {
    let fail = |reason: String| ConfigError::new(&place, reason);
    let issuer = take_string(&mut entry, "issuer").map_err(fail)?;
    let issuer = issuer.ok_or_else(|| fail("`issuer` is missing".into()))?;
    let audiences = entry.take("audiences").ok_or_else(|| fail("`audiences` is missing".into()))?;
    let audiences = serde_json::from_value(audiences)
        .map_err(|_| fail("`audiences` must be a list of strings".into()))?;
    let mut sources = Vec::new();
    let file = take_string(&mut entry, "jwks_file").map_err(fail)?;
    sources.extend(file.map(|file| KeySource::File(folder.join(file))));
    sources.extend(take_string(&mut entry, "jwks_uri").map_err(fail)?.map(KeySource::JwksUri));
    sources.extend(take_string(&mut entry, "discovery").map_err(fail)?.map(KeySource::Discovery));
    let console = entry.take("console").map(|value| read_console(value, &issuer));
    let console = console.transpose().map_err(fail)?;
    if let Some(name) = entry.any_name() {
        return Err(fail(format!("`{name}` is unknown")));
    }
    match (sources.pop(), sources.is_empty()) {
        (Some(keys), true) => {
            Ok(IssuerConfig { issuer, audiences, keys, console, accepts_addresses: false, place })
        }
        _ => Err(fail("exactly one of `jwks_file`, `jwks_uri` and `discovery` is needed".into())),
    }
}

/// Reads `{"clientId": …, "scopes": […]}`.
fn read_console(value: Value, issuer: &str) -> Result<ConsoleClient, String> {
    let issuer = issuer_name::fill(issuer, ANY_ORGANIZATION);
    let is_address = Url::parse(&issuer).is_ok_and(|url| ["http", "https"].contains(&url.scheme()));
    if !is_address {
        return Err("`console` needs an `issuer` that is an address".into());
    }
    let mut entry: UniqueObject =
        serde_json::from_value(value).map_err(|_| "`console` must be an object".to_owned())?;
    let client_id = take_string(&mut entry, "clientId")
        .map_err(|reason| format!("{reason} in `console`"))?
        .filter(|id| !id.is_empty())
        .ok_or("`clientId` is missing in `console`")?;
    let scopes = entry.take("scopes").ok_or("`scopes` is missing in `console`")?;
    let scopes: Vec<String> = serde_json::from_value(scopes).unwrap_or_default();
    if scopes.is_empty() || scopes.iter().any(String::is_empty) {
        return Err("`scopes` in `console` must be a list of scopes".into());
    }
    match entry.any_name() {
        Some(name) => Err(format!("`{name}` is unknown in `console`")),
        None => Ok(ConsoleClient { issuer, client_id, scopes }),
    }
}

fn take_string(entry: &mut UniqueObject, name: &str) -> Result<Option<String>, String> {
    match entry.take(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("`{name}` must be a string")),
    }
}
