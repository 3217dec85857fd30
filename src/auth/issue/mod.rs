//! The local issuer: its key pair, and the tokens that it signs. Does not verify tokens.

mod local_issuer;
mod local_token;

pub use local_issuer::{LOCAL_AUDIENCE, LOCAL_ISSUER, LocalIssuer, LocalIssuerError};
pub use local_token::{TokenError, TokenRequest};
