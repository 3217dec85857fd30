//! `$skiptoken`: where a page ended, as opaque text that goes into a nextLink and comes back.
//! It names the collection it belongs to, so that it is refused anywhere else.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::address::key_value;
use super::{Address, Value};
use crate::error::{Error, Result};

const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Token {
    version: u8,
    collection: String,
    after: String,
}

/// The token of the page that follows the entity with this key.
#[must_use]
pub fn skip_token(address: &Address, after: &str) -> String {
    let token = Token { version: VERSION, collection: collection(address), after: after.into() };
    // Three plain fields always serialise.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&token).unwrap_or_default())
}

/// The key after which the page of a token starts.
pub(super) fn position(address: &Address, token: &str) -> Result<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let token = bytes.and_then(|bytes| serde_json::from_slice::<Token>(&bytes).ok());
    token
        .filter(|token| token.version == VERSION && token.collection == collection(address))
        .map(|token| key_value(address.target(), token.after))
        .filter(|after| *after != Value::Null)
        .ok_or_else(|| {
            Error::BadRequest(
                "The value of $skiptoken was not made by this service for this collection. Follow \
                 @odata.nextLink as it is."
                    .into(),
            )
        })
}

fn collection(address: &Address) -> String {
    let mut text = String::new();
    for step in &address.steps {
        text.push('/');
        text.push_str(step.navigation.name);
        match &step.key {
            Some(Value::Text(key)) => text.push_str(&format!("('{key}')")),
            Some(Value::Guid(key)) => text.push_str(&format!("('{key}')")),
            _ => {}
        }
    }
    text
}
