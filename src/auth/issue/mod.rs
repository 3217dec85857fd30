//! The local issuer: its key pair, and the tokens that it signs. Does not verify tokens.

mod local_issuer;
mod local_token;
mod signed_in;
mod twin_token;

pub use local_issuer::{LOCAL_AUDIENCE, LOCAL_ISSUER, LocalIssuer, LocalIssuerError};
pub use local_token::{
    CONSOLE_CLIENT, DEFAULT_CLIENT, DEFAULT_USER, TokenError, TokenRequest, application_object_id,
    user_object_id,
};
pub use signed_in::{
    AccessToken, IdToken, TOKEN_LIFETIME, TokenClient, TokenSubject, TokenUser, user_subject,
};
pub use twin_token::{Spoil, TWIN_AUDIENCE, TWIN_PERMISSION};
