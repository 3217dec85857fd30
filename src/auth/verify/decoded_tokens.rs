//! A cache of what tokens say, so that a repeated token is decoded once. Says nothing of a token's
//! validity: signature and claims are checked each time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::generations::{Generations, fingerprint};
use super::token::{Content, Token};

/// The capacity of one of the two generations. A usual token takes 3 kB when it is decoded.
const MAX_DECODED: usize = 1_000;

pub(in crate::auth) struct DecodedTokens(Mutex<Generations<Arc<Content>>>);

impl Default for DecodedTokens {
    fn default() -> Self {
        Self(Mutex::new(Generations::new(MAX_DECODED)))
    }
}

impl DecodedTokens {
    /// The token of this text, if the cache has it.
    pub(in crate::auth) fn find<'text>(&self, text: &'text str) -> Option<Token<'text>> {
        let fingerprint = fingerprint(text);
        let content = self.lock().get(&fingerprint)?;
        Token::known(text, fingerprint, content)
    }

    /// Keeps what a token says. Only for a token whose signature is valid: strangers could else push out
    /// the others.
    pub(in crate::auth) fn keep(&self, token: &Token<'_>) {
        self.lock().insert(token.fingerprint(), Arc::clone(token.content()));
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
        assert!(cache.find(&token).is_none());
        cache.keep(&Token::parse(&token).unwrap());
        assert_eq!(cache.find(&token).unwrap().unverified_claim("sub"), Some("a"));
    }

    #[test]
    fn the_same_claims_with_another_signature_are_another_token() {
        let cache = DecodedTokens::default();
        cache.keep(&Token::parse(&text("a", "AAAA")).unwrap());
        assert!(cache.find(&text("a", "AAAB")).is_none());
        assert!(cache.find(&text("b", "AAAA")).is_none());
    }
}
