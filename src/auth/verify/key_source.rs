//! Where the keys of an issuer come from, and the only outgoing calls of the whole server.
//! Knows files, addresses and limits; when it is time to ask, `key_cache` knows.

use std::error::Error;
use std::io::Read;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use reqwest::{Client, Url, redirect};
use serde::Deserialize;

use super::key_set::KeySet;

/// The largest document that is read, in bytes.
const LARGEST_DOCUMENT: usize = 1024 * 1024;

/// A place that has a JWK set.
pub(in crate::auth) enum Source {
    /// The set was given when the server started and never changes.
    Held,
    /// A file with the set.
    File(PathBuf),
    /// The address of the set.
    Set(Url),
    /// The address of an `OpenID` discovery document that names the set's address.
    Discovery(Url),
}

/// Why a source gave no keys.
#[derive(Debug, thiserror::Error)]
pub(in crate::auth) enum NoKeys {
    #[error("the file cannot be read: {0}")]
    File(#[from] std::io::Error),
    #[error("no answer: {}", with_causes(.0))]
    NoAnswer(#[from] reqwest::Error),
    #[error("the answer has status {0}")]
    Status(u16),
    #[error("the document is larger than {LARGEST_DOCUMENT} bytes")]
    TooLarge,
    #[error("the document is not an OpenID discovery document")]
    NoDiscovery,
    #[error("the discovery document is of another issuer")]
    OtherIssuer,
    #[error("the discovery document's jwks_uri {0}")]
    Address(&'static str),
    #[error("the document is not a JWK set with a usable key")]
    NoUsableKey,
    #[error("there was no answer in time")]
    TooLate,
}

impl Source {
    /// The keys as they are now; `None` where they never change.
    pub(in crate::auth) async fn read(&self, issuer: &str) -> Result<Option<KeySet>, NoKeys> {
        let text = match self {
            Self::Held => return Ok(None),
            Self::File(path) => {
                let path = path.clone();
                let reading = tokio::task::spawn_blocking(move || read_file(&path));
                reading.await.map_err(std::io::Error::other)??
            }
            Self::Set(address) => fetch(address).await?,
            Self::Discovery(address) => fetch(&discover(address, issuer).await?).await?,
        };
        KeySet::parse(&text, issuer).map(Some).ok_or(NoKeys::NoUsableKey)
    }
}

/// The text of a key file.
pub(in crate::auth) fn read_file(path: &Path) -> Result<Vec<u8>, NoKeys> {
    let mut text = Vec::new();
    let limit = LARGEST_DOCUMENT as u64 + 1;
    std::fs::File::open(path)?.take(limit).read_to_end(&mut text)?;
    if text.len() > LARGEST_DOCUMENT { Err(NoKeys::TooLarge) } else { Ok(text) }
}

/// An address that keys may come from: https, or http within this machine.
pub(in crate::auth) fn address(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "is not an absolute URL")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not carry credentials");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err("must be https, or http to a loopback host"),
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || literal.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

async fn discover(address_of_document: &Url, issuer: &str) -> Result<Url, NoKeys> {
    #[derive(Deserialize)]
    struct Document {
        issuer: String,
        jwks_uri: String,
    }
    let text = fetch(address_of_document).await?;
    let document: Document = serde_json::from_slice(&text).map_err(|_| NoKeys::NoDiscovery)?;
    if document.issuer != issuer {
        return Err(NoKeys::OtherIssuer);
    }
    address(&document.jwks_uri).map_err(NoKeys::Address)
}

async fn fetch(address: &Url) -> Result<Vec<u8>, NoKeys> {
    let mut response = client(address)?.get(address.clone()).send().await?;
    if response.status() != reqwest::StatusCode::OK {
        return Err(NoKeys::Status(response.status().as_u16()));
    }
    let mut text = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        text.extend_from_slice(&chunk);
        if text.len() > LARGEST_DOCUMENT {
            return Err(NoKeys::TooLarge);
        }
    }
    Ok(text)
}

/// A client for one fetch. They are so rare that keeping one would only keep old connections and
/// an old list of authorities alive.
fn client(address: &Url) -> reqwest::Result<Client> {
    let client = Client::builder()
        .redirect(redirect::Policy::none())
        .user_agent(concat!("runstate/", env!("CARGO_PKG_VERSION")));
    // What stays within this machine needs no proxy and no authorities.
    if is_loopback(address) && address.scheme() == "http" {
        client.no_proxy().tls_certs_only([]).build()
    } else {
        client.build()
    }
}

/// An error with what caused it, which `reqwest` leaves out of its own text.
fn with_causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_over_https_or_from_within_the_machine() {
        for text in [
            "https://login.example.org/keys",
            "http://localhost:8080/keys",
            "http://127.0.0.1/keys",
            "http://127.8.9.10/keys",
            "http://[::1]:8080/keys",
        ] {
            assert!(address(text).is_ok(), "{text}");
        }
        for text in [
            "http://login.example.org/keys",
            "http://localhost.example.org/keys",
            "http://localhost@example.org/keys",
            "https://name:password@example.org/keys",
            "http://10.0.0.1/keys",
            "http://0.0.0.0/keys",
            "file:///etc/passwd",
            "ftp://localhost/keys",
            "/keys",
            "",
        ] {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
