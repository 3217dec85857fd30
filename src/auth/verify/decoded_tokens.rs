//! A cache of what tokens say, so that a repeated token is decoded once. Says nothing of a token's
//! validity: signature and claims are checked each time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::generations::Generations;
use super::token::{Content, Token};
use crate::error::Result;

/// The capacity of one of the two generations. A usual token takes 3 kB when it is decoded.
const MAX_DECODED: usize = 1_000;

pub(in crate::auth) struct DecodedTokens(Mutex<Generations<Arc<Content>>>);

impl Default for DecodedTokens {
    fn default() -> Self {
        Self(Mutex::new(Generations::new(MAX_DECODED)))
    }
}

impl DecodedTokens {
    /// The token of this text, decoded unless the cache has it.
    ///
    /// # Errors
    /// As [`Token::parse`].
    pub(in crate::auth) fn parse<'text>(&self, text: &'text str) -> Result<Token<'text>> {
        Token::parse_unless_known(text, |fingerprint| self.lock().get(fingerprint))
    }

    /// Keeps what a token says, if it is new. Only for a token whose signature is valid: strangers
    /// could else push out the others.
    pub(in crate::auth) fn keep(&self, token: &Token<'_>) {
        if token.is_new() {
            self.lock().insert(token.fingerprint(), Arc::clone(token.content()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Generations<Arc<Content>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    fn text(subject: &str, signature: &str) -> String {
        let encoded = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let claims = format!(r#"{{"sub":"{subject}"}}"#);
        format!("{}.{}.{signature}", encoded(r#"{"alg":"RS256"}"#), encoded(&claims))
    }

    #[test]
    fn a_kept_token_says_what_it_said() {
        let (cache, token) = (DecodedTokens::default(), text("a", "AAAA"));
        assert!(cache.parse(&token).unwrap().is_new());
        cache.keep(&Token::parse(&token).unwrap());
        assert!(!cache.parse(&token).unwrap().is_new());
        assert_eq!(cache.parse(&token).unwrap().unverified_claim("sub"), Some("a"));
    }

    #[test]
    fn the_same_claims_with_another_signature_are_another_token() {
        let cache = DecodedTokens::default();
        cache.keep(&Token::parse(&text("a", "AAAA")).unwrap());
        assert!(cache.parse(&text("a", "BBBB")).unwrap().is_new());
        assert!(cache.parse(&text("b", "AAAA")).unwrap().is_new());
    }
}
