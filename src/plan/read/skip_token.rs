//! `$skiptoken`: the position where a page ended, signed. A token is `base64url(mac ‖ payload)`. The
//! payload is JSON, written by the database; it has the collection, the filter and the order that the
//! token is for, so that any other request with it is refused. The tenant is part of the key.

use std::borrow::Cow;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::error::{OptionReason, Result};
use crate::plan::CollectionAddress;

/// The character before and after a payload inside the JSON of entities, where the server puts the
/// token. JSON has it nowhere: in strings it is escaped.
pub const MARK: char = '\u{1}';

const MAC_LENGTH: usize = 32;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    collection: String,
    scan: String,
    after: Vec<Option<String>>,
}

/// The position after which the page of a token starts: the value of each key of the order as text.
pub(in crate::plan) fn position(
    collection: &CollectionAddress,
    scan: &str,
    key: &[u8],
    token: &str,
) -> Result<Vec<Option<String>>> {
    let payload = payload(key, token);
    payload
        .filter(|it| it.collection == collection.canonical() && it.scan == scan)
        .map(|payload| payload.after)
        .ok_or_else(|| OptionReason::SkipToken.into())
}

/// Whether a token was signed with this key.
#[must_use]
pub fn is_signed(key: &[u8], token: &str) -> bool {
    payload(key, token).is_some()
}

/// The token of a payload.
#[must_use]
pub fn sign(key: &[u8], payload: &str) -> String {
    let mac = hmac::sign(&hmac_key(key), payload.as_bytes());
    URL_SAFE_NO_PAD.encode([mac.as_ref(), payload.as_bytes()].concat())
}

/// Puts the token in the place of each marked payload in the JSON of entities.
#[must_use]
pub fn sign_marked(key: &[u8], json: String) -> String {
    if !json.contains(MARK) {
        return json;
    }
    let parts = json.split(MARK).enumerate().map(|(index, part)| match index % 2 {
        0 => Cow::Borrowed(part),
        _ => Cow::Owned(sign(key, part)),
    });
    parts.collect()
}

fn hmac_key(key: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, key)
}

fn payload(key: &[u8], token: &str) -> Option<Payload> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (mac, payload) = bytes.split_at_checked(MAC_LENGTH)?;
    hmac::verify(&hmac_key(key), payload, mac).ok()?;
    serde_json::from_slice(payload).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAYLOAD: &str = r#"{"collection" : "c", "scan" : "s", "after" : ["1", null]}"#;

    #[test]
    fn a_token_is_read_with_its_own_key_and_unchanged_only() {
        let token = sign(b"key", PAYLOAD);
        assert_eq!(payload(b"key", &token).unwrap().after, [Some("1".into()), None]);
        assert!(payload(b"other", &token).is_none());
        let changed = sign(b"key", &PAYLOAD.replace('1', "2"));
        let forged = format!("{}{}", &token[..40], &changed[40..]);
        assert!(payload(b"key", &forged).is_none());
        assert!(payload(b"key", "").is_none());
    }

    #[test]
    fn marked_payloads_become_tokens_and_nothing_else_changes() {
        let plain = r#"{"id":"\u0001"}"#;
        assert_eq!(sign_marked(b"key", plain.into()), plain);
        let json = format!("a{MARK}{PAYLOAD}{MARK}b{MARK}x{MARK}");
        let token = sign(b"key", PAYLOAD);
        assert_eq!(sign_marked(b"key", json), format!("a{token}b{}", sign(b"key", "x")));
    }
}
