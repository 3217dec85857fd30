//! Encrypts the key files of a backup with a passphrase: argon2id makes the key, AES-256-GCM encrypts
//! and authenticates. Does not know what the files are for.

use std::collections::BTreeMap;

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// The cost of a key: the second recommendation of RFC 9106 has the same passes, and lanes for more
/// cores.
const MEMORY: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;
/// The most memory in KiB that a backup may ask for: a forged one should not use up the machine's.
const MAX_MEMORY: u32 = 1024 * 1024;
const MAX_PASSES: u32 = 16;
/// What the ciphertext is for: it cannot be put into another place.
const PURPOSE: &[u8] = b"key files of a backup of runstate";

/// The content of key files by their paths in the data directory.
pub(super) type Files = BTreeMap<String, String>;

/// How the key files are encrypted. The names are those of the algorithms.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Encryption {
    cipher: String,
    key_derivation: String,
    /// In KiB.
    memory: u32,
    passes: u32,
    lanes: u32,
    /// In base64, as is the nonce.
    salt: String,
    nonce: String,
}

/// Why files cannot be encrypted or decrypted.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeysError {
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    #[error("they are encrypted in a way that this version does not know")]
    Unknown,
    #[error("the key cannot be derived: {0}")]
    Derivation(#[from] argon2::Error),
    #[error("the encryption failed")]
    Encryption(#[from] Unspecified),
    #[error("they are not the JSON of key files: {0}")]
    Json(#[from] serde_json::Error),
}

/// Encrypts files.
pub(super) fn encrypt(files: &Files, passphrase: &str) -> Result<(Encryption, Vec<u8>), KeysError> {
    let mut salt = [0; 16];
    rand::fill(&mut salt)?;
    let key = key(passphrase, &salt, Params::new(MEMORY, PASSES, LANES, None)?)?;
    let mut content = serde_json::to_vec(files)?;
    let nonce = key.seal_in_place_append_tag(Aad::from(PURPOSE), &mut content)?;
    let encryption = Encryption {
        cipher: "AES-256-GCM".into(),
        key_derivation: "argon2id".into(),
        memory: MEMORY,
        passes: PASSES,
        lanes: LANES,
        salt: STANDARD.encode(salt),
        nonce: STANDARD.encode(nonce.as_ref()),
    };
    Ok((encryption, content))
}

/// Decrypts what [`encrypt`] encrypted.
pub(super) fn decrypt(
    encryption: &Encryption,
    mut content: Vec<u8>,
    passphrase: &str,
) -> Result<Files, KeysError> {
    let Encryption { cipher, key_derivation, memory, passes, lanes, salt, nonce } = encryption;
    let is_known = (cipher.as_str(), key_derivation.as_str()) == ("AES-256-GCM", "argon2id")
        && *memory <= MAX_MEMORY
        && *passes <= MAX_PASSES;
    let decoded = |text: &str| STANDARD.decode(text).map_err(|_| KeysError::Unknown);
    if !is_known {
        return Err(KeysError::Unknown);
    }
    let key = key(passphrase, &decoded(salt)?, Params::new(*memory, *passes, *lanes, None)?)?;
    let nonce = Nonce::try_assume_unique_for_key(&decoded(nonce)?);
    let nonce = nonce.map_err(|_| KeysError::Unknown)?;
    let content = key.open_in_place(nonce, Aad::from(PURPOSE), &mut content);
    let content = content.map_err(|_| KeysError::WrongPassphrase)?;
    Ok(serde_json::from_slice(content)?)
}

fn key(passphrase: &str, salt: &[u8], cost: Params) -> Result<RandomizedNonceKey, KeysError> {
    let mut bytes = [0; 32];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost);
    argon2.hash_password_into(passphrase.as_bytes(), salt, &mut bytes)?;
    Ok(RandomizedNonceKey::new(&AES_256_GCM, &bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_passphrase_gives_the_files_back_and_another_one_does_not() {
        let files = Files::from([("tls/ca-key.pem".into(), "secret".into())]);
        let (encryption, content) = encrypt(&files, "correct horse").unwrap();
        assert!(!content.windows(6).any(|bytes| bytes == b"secret"));
        assert_eq!(decrypt(&encryption, content.clone(), "correct horse").unwrap(), files);
        let wrong = decrypt(&encryption, content.clone(), "Correct horse");
        assert!(matches!(wrong, Err(KeysError::WrongPassphrase)), "{wrong:?}");
        let mut changed = content.clone();
        changed[0] ^= 1;
        let changed = decrypt(&encryption, changed, "correct horse");
        assert!(matches!(changed, Err(KeysError::WrongPassphrase)), "{changed:?}");
        let (again, _) = encrypt(&files, "correct horse").unwrap();
        assert_ne!((again.salt, again.nonce), (encryption.salt, encryption.nonce));
    }

    #[test]
    fn a_cost_beyond_the_limits_is_refused_before_it_is_paid() {
        let (encryption, content) = encrypt(&Files::new(), "word").unwrap();
        for encryption in [
            Encryption { memory: MAX_MEMORY + 1, ..encryption.clone() },
            Encryption { passes: MAX_PASSES + 1, ..encryption.clone() },
            Encryption { cipher: "DES".into(), ..encryption },
        ] {
            let refused = decrypt(&encryption, content.clone(), "word");
            assert!(matches!(refused, Err(KeysError::Unknown)), "{refused:?}");
        }
    }
}
