//! The local issuer: one RSA key pair, generated on first use and stored in the data directory,
//! readable by its owner only. The claims of its tokens are in `local_token`.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RsaPublicKeyComponents};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;

use super::twin_token::TWIN_AUDIENCE;
use crate::auth::verify::{IssuerConfig, KeySource};
use crate::files;
use crate::model::permission::{GRAPH, GRAPH_ID};

/// The claim `iss` of the tokens.
pub const LOCAL_ISSUER: &str = "urn:runstate:local";
/// The claim `aud` of the tokens.
pub const LOCAL_AUDIENCE: &str = "urn:runstate";

const KEY_FILE: &str = "local-issuer.pem";
/// Characters per line of a PEM file, by RFC 7468.
const PEM_LINE: usize = 64;

pub struct LocalIssuer {
    pub(in crate::auth) key: KeyPair,
    /// The thumbprint of the public key, by RFC 7638.
    pub(in crate::auth) key_id: String,
    key_set: String,
}

/// An error of the local issuer's key.
#[derive(Debug, thiserror::Error)]
pub enum LocalIssuerError {
    #[error("{}: {cause}", path.display())]
    File { path: PathBuf, cause: io::Error },
    /// Other users can read or write the key. `mode` has the permission bits of the file.
    #[error(
        "{}: has mode {mode:o}, so other users may have read the key. Delete the file to generate a \
         new key, or run `chmod 600` to keep this one.", path.display()
    )]
    Exposed { path: PathBuf, mode: u32 },
    #[error("{}: is not an RSA private key in PKCS#8 PEM format", path.display())]
    NoKey { path: PathBuf },
    #[error("cannot generate an RSA key pair")]
    NoRandomness,
}

impl LocalIssuer {
    /// The file of the key in a data directory.
    #[must_use]
    pub fn key_file(data_directory: &Path) -> PathBuf {
        data_directory.join(KEY_FILE)
    }

    /// Reads the key of this data directory, or generates it on first use. Processes that start at the
    /// same time all use the same key.
    ///
    /// # Errors
    /// If the key file cannot be created or read, or if other users can read it.
    pub fn open(data_directory: &Path) -> Result<Self, LocalIssuerError> {
        let path = Self::key_file(data_directory);
        let fail = |cause| LocalIssuerError::File { path: path.clone(), cause };
        if !path.try_exists().map_err(fail)? {
            create_key_file(&path)?;
        }
        let mode = fs::metadata(&path).map_err(fail)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(LocalIssuerError::Exposed { path, mode });
        }
        let pem = fs::read_to_string(&path).map_err(fail)?;
        Self::from_pem(&pem).ok_or(LocalIssuerError::NoKey { path })
    }

    /// The configuration with which [`Issuers`](crate::auth::Issuers) trust this issuer.
    #[must_use]
    pub fn issuer(&self) -> IssuerConfig {
        let keys = KeySource::Inline(self.key_set.clone());
        let graph_with_slash = format!("{GRAPH}/");
        let audiences = [LOCAL_AUDIENCE, GRAPH, &graph_with_slash, GRAPH_ID];
        IssuerConfig {
            console: None,
            accepts_addresses: true,
            ..IssuerConfig::new(LOCAL_ISSUER, &audiences, keys)
        }
    }

    /// The configuration with which the test twin trusts this issuer.
    #[must_use]
    pub(in crate::auth) fn twin_issuer(&self) -> IssuerConfig {
        let keys = KeySource::Inline(self.key_set.clone());
        IssuerConfig::new(LOCAL_ISSUER, &[TWIN_AUDIENCE], keys)
    }

    /// The public key, as a JWK set.
    #[must_use]
    pub fn key_set(&self) -> &str {
        &self.key_set
    }

    fn from_pem(pem: &str) -> Option<Self> {
        let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        let key = KeyPair::from_pkcs8(&STANDARD.decode(body).ok()?).ok()?;
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(key.public_key());
        let [n, e] = [public.n, public.e].map(|number| URL_SAFE_NO_PAD.encode(number));
        // RFC 7638 hashes exactly these members in this order.
        let canonical = format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#);
        let key_id = URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()));
        let entry =
            json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": key_id, "n": n, "e": e});
        Some(Self { key, key_id, key_set: json!({ "keys": [entry] }).to_string() })
    }
}

/// Generates a key, unless another process does so at the same time: there is one key then.
fn create_key_file(path: &Path) -> Result<(), LocalIssuerError> {
    let pem = generate_pem().ok_or(LocalIssuerError::NoRandomness)?;
    let fail = |cause| LocalIssuerError::File { path: path.to_owned(), cause };
    let mut builder = fs::DirBuilder::new();
    let made = builder.recursive(true).mode(0o700).create(files::directory_of(path));
    made.and_then(|()| files::create(path, &pem, files::PRIVATE)).map_err(fail)
}

fn generate_pem() -> Option<String> {
    let pair = KeyPair::generate(KeySize::Rsa2048).ok()?;
    let body = STANDARD.encode(AsDer::as_der(&pair).ok()?.as_ref());
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    for line in body.as_bytes().chunks(PEM_LINE) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    Some(pem)
}
