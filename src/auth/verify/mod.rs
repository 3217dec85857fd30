//! Verifies tokens: issuers, their keys, signatures and claims. Knows no permission.

pub(super) mod claims;
mod decoded_tokens;
mod generations;
mod issuer;
mod issuer_config;
mod issuer_name;
mod key_cache;
mod key_set;
mod key_source;
mod proxy;
mod token;
mod unique_object;
mod verified_signatures;

pub(super) use decoded_tokens::DecodedTokens;
pub(super) use generations::Generations;
pub(super) use issuer::Issuer;
pub use issuer::count_keys;
pub use issuer_config::{ConfigError, ConsoleClient, IssuerConfig, KeySource};
pub use key_cache::RefreshIntervals;
pub(super) use token::{Token, VerifiedClaims};
pub(super) use unique_object::UniqueObject;
