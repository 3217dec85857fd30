//! The local issuer: its keys, and the tokens that it makes. Knows nothing of verifying tokens.

mod local_issuer;
mod local_token;

pub use local_issuer::{LOCAL_AUDIENCE, LOCAL_ISSUER, LocalIssuer, LocalIssuerError};
pub use local_token::{TokenError, TokenRequest};
