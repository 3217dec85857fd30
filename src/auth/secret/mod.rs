//! Passwords and secrets: hashes with argon2id, and verifies them. Does not know whose they are.
//!
//! Client secrets are 32 random bytes. A verified one is remembered under a key of this process, so
//! that an application which asks for many tokens costs one hash by argon2id. Passwords are never
//! remembered: each attempt costs one hash, and [`FailedSignIns`] limits the attempts.

mod failed_sign_ins;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::sync::Semaphore;

use super::verify::Generations;
use crate::error::{Error, Result};

pub use failed_sign_ins::{Attempt, FailedSignIns};

/// A hash that no known password has. To verify a password against it takes as long as against that of a
/// user, so the time of a reply does not reveal whether a user exists.
pub const UNKNOWN_PASSWORD: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
                                    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// How many hashes run at a time. Each takes 19 MiB and one core for about 20 ms.
const MAX_HASHES: usize = 2;
/// How long a sign-in waits while [`MAX_HASHES`] others run.
const HASH_TIMEOUT: Duration = Duration::from_secs(3);
/// The capacity of one generation of remembered secrets.
const MAX_REMEMBERED: usize = 10_000;

/// A hash cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    #[error("the system has no random numbers")]
    NoRandomness,
    #[error("the secret cannot be hashed: {0}")]
    Argon(#[from] argon2::password_hash::Error),
}

impl From<Unspecified> for HashError {
    fn from(_: Unspecified) -> Self {
        Self::NoRandomness
    }
}

/// A new secret: 32 random bytes, in base64url.
///
/// # Errors
/// If the system has no random numbers.
pub fn random_secret() -> std::result::Result<String, HashError> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Hashes a password or secret with argon2id and a new salt, as a PHC string. Blocks for about 20 ms.
///
/// # Errors
/// If the system has no random numbers, or the secret is longer than 4 GiB.
pub fn hash_secret(secret: &str) -> std::result::Result<String, HashError> {
    let mut salt = [0; 16];
    rand::fill(&mut salt)?;
    let hash: PasswordHash = Argon2::default().hash_password_with_salt(secret.as_bytes(), &salt)?;
    Ok(hash.to_string())
}

/// Verifies passwords and client secrets.
pub struct SecretVerifier {
    /// A random key of this process, so that what is remembered is of no use elsewhere.
    key: hmac::Key,
    remembered: Mutex<Generations<()>>,
    permits: Arc<Semaphore>,
}

impl SecretVerifier {
    /// # Errors
    /// If the system has no random numbers.
    pub fn new() -> std::result::Result<Self, HashError> {
        let mut key = [0; 32];
        rand::fill(&mut key)?;
        Ok(Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &key),
            remembered: Mutex::new(Generations::new(MAX_REMEMBERED)),
            permits: Arc::new(Semaphore::new(MAX_HASHES)),
        })
    }

    /// Whether a password has this hash.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if too many others wait to be verified.
    pub async fn is_password(&self, password: &str, hash: &str) -> Result<bool> {
        self.has_hash(password, hash).await
    }

    /// Whether a client secret was verified with one of these hashes before.
    #[must_use]
    pub fn is_remembered(&self, secret: &str, hashes: &[String]) -> bool {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        hashes.iter().any(|hash| remembered.get(&self.fingerprint(secret, hash)).is_some())
    }

    /// Whether a client secret has one of these hashes. If so, it is remembered.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if too many others wait to be verified.
    pub async fn is_client_secret(&self, secret: &str, hashes: &[String]) -> Result<bool> {
        for hash in hashes {
            if self.has_hash(secret, hash).await? {
                let fingerprint = self.fingerprint(secret, hash);
                let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
                remembered.insert(fingerprint, ());
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Compares in constant time, on a thread that no request waits for.
    async fn has_hash(&self, secret: &str, hash: &str) -> Result<bool> {
        let permit = Arc::clone(&self.permits).acquire_owned();
        let permit = tokio::time::timeout(HASH_TIMEOUT, permit).await;
        let Ok(Ok(permit)) = permit else {
            let cause = "too many passwords and secrets are verified at a time".into();
            return Err(Error::Unavailable { retry_after: 1, cause });
        };
        let (secret, hash) = (secret.to_owned(), hash.to_owned());
        let verified = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let hash = PasswordHash::new(&hash);
            hash.map(|hash| Argon2::default().verify_password(secret.as_bytes(), &hash).is_ok())
        });
        match verified.await {
            Ok(Ok(is_equal)) => Ok(is_equal),
            Ok(Err(_)) => Err(Error::Bug("a stored hash is not a PHC string")),
            Err(error) => Err(Error::Internal(error.to_string())),
        }
    }

    /// The hash is part of it, so that a secret which was removed is not remembered.
    fn fingerprint(&self, secret: &str, hash: &str) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        for part in [hash, "\n", secret] {
            context.update(part.as_bytes());
        }
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(context.sign().as_ref());
        fingerprint
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_secret_is_remembered_only_with_the_hash_that_it_has() {
        let verifier = SecretVerifier::new().unwrap();
        let [secret, other] = [random_secret().unwrap(), random_secret().unwrap()];
        let hashes = [hash_secret(&other).unwrap(), hash_secret(&secret).unwrap()];
        assert!(!verifier.is_remembered(&secret, &hashes));
        assert!(!verifier.is_client_secret("wrong", &hashes).await.unwrap());
        assert!(!verifier.is_remembered("wrong", &hashes));
        assert!(verifier.is_client_secret(&secret, &hashes).await.unwrap());
        assert!(verifier.is_remembered(&secret, &hashes));
        assert!(!verifier.is_remembered(&secret, &hashes[..1]), "its hash was removed");
        assert!(!verifier.is_remembered(&other, &hashes));
    }

    #[tokio::test]
    async fn a_hash_is_argon2id_with_a_salt_of_its_own() {
        let [one, two] = [hash_secret("word").unwrap(), hash_secret("word").unwrap()];
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, two);
        let verifier = SecretVerifier::new().unwrap();
        assert!(verifier.is_password("word", &one).await.unwrap());
        assert!(!verifier.is_password("Word", &one).await.unwrap());
        assert!(matches!(verifier.is_password("word", "word").await, Err(Error::Bug(_))));
    }

    #[tokio::test]
    async fn a_password_of_nobody_is_verified_at_the_cost_of_a_real_one() {
        let real = hash_secret("word").unwrap();
        let [real, unknown] =
            [real.as_str(), UNKNOWN_PASSWORD].map(|hash| PasswordHash::new(hash).unwrap());
        assert_eq!(unknown.algorithm, real.algorithm);
        assert_eq!(unknown.version, real.version);
        assert_eq!(unknown.params, real.params);
        let length = |hash: &PasswordHash| hash.hash.as_ref().unwrap().as_ref().len();
        assert_eq!(length(&unknown), length(&real));
        let verifier = SecretVerifier::new().unwrap();
        assert!(!verifier.is_password("word", UNKNOWN_PASSWORD).await.unwrap());
    }
}
