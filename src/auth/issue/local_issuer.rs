//! The issuer that the server brings along: one RSA key pair, made on first use and kept in the
//! data directory for its owner alone. What its tokens say, `local_token` knows.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RsaPublicKeyComponents};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;
use uuid::Uuid;

use crate::auth::verify::{IssuerConfig, KeySource};

/// The `iss` of the tokens.
pub const LOCAL_ISSUER: &str = "urn:runstate:local";
/// The `aud` of the tokens.
pub const LOCAL_AUDIENCE: &str = "urn:runstate";

const KEY_FILE: &str = "local-issuer.pem";
/// Characters in a line of PEM, as RFC 7468 has it.
const PEM_LINE: usize = 64;

/// The issuer that the server brings along.
pub struct LocalIssuer {
    pub(in crate::auth) key: KeyPair,
    /// The thumbprint of RFC 7638.
    pub(in crate::auth) key_id: String,
    key_set: String,
}

/// Why there is no local issuer.
#[derive(Debug, thiserror::Error)]
pub enum LocalIssuerError {
    /// The key file cannot be made or read.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Others than the owner may read or write the key.
    #[error(
        "{}: has mode {mode:o}, so others than its owner may have the key; delete the file to \
         have a new key made, or run `chmod 600` to keep the key that is there", path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file holds something else.
    #[error("{}: is not an RSA private key in PKCS#8 PEM form", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// No key pair can be made.
    #[error("no RSA key pair can be made")]
    NoRandomness,
}

impl LocalIssuer {
    /// The issuer of this data directory. Its key is made on first use; of several processes that
    /// make one at once, all use the same.
    ///
    /// # Errors
    /// Where the key file cannot be made or read, or where others may read it.
    pub fn open(data_directory: &Path) -> Result<Self, LocalIssuerError> {
        let path = data_directory.join(KEY_FILE);
        let fail = |cause| LocalIssuerError::File { path: path.clone(), cause };
        if !path.try_exists().map_err(fail)? {
            create(&path)?;
        }
        let mode = fs::metadata(&path).map_err(fail)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(LocalIssuerError::Exposed { path, mode });
        }
        let pem = fs::read_to_string(&path).map_err(fail)?;
        Self::from_pem(&pem).ok_or(LocalIssuerError::NoKey { path })
    }

    /// The entry that makes [`Issuers`](crate::auth::Issuers) trust this issuer.
    #[must_use]
    pub fn issuer(&self) -> IssuerConfig {
        let keys = KeySource::Held(self.key_set.clone());
        IssuerConfig::new(LOCAL_ISSUER, &[LOCAL_AUDIENCE], keys)
    }

    fn from_pem(pem: &str) -> Option<Self> {
        let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        let key = KeyPair::from_pkcs8(&STANDARD.decode(body).ok()?).ok()?;
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(key.public_key());
        let [n, e] = [public.n, public.e].map(|number| URL_SAFE_NO_PAD.encode(number));
        // The members and their order are what RFC 7638 hashes.
        let canonical = format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#);
        let key_id = URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()));
        let entry =
            json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": key_id, "n": n, "e": e});
        Some(Self { key, key_id, key_set: json!({ "keys": [entry] }).to_string() })
    }
}

/// Makes a key and gives it its name only once it is whole, and only if none has the name yet.
fn create(path: &Path) -> Result<(), LocalIssuerError> {
    let pem = new_pem().ok_or(LocalIssuerError::NoRandomness)?;
    let fail = |cause| LocalIssuerError::File { path: path.to_owned(), cause };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(fail)?;
    let draft = folder.join(format!("{KEY_FILE}.{}", Uuid::new_v4()));
    let named = write_private(&draft, &pem).and_then(|()| name_first(&draft, path));
    let removed = fs::remove_file(&draft);
    named.and(removed).map_err(fail)?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(fail)
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A link, unlike a renaming, never replaces the key of a process that came first.
fn name_first(draft: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome,
    }
}

fn new_pem() -> Option<String> {
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
