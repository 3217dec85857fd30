//! Sources of an issuer's keys: files and URLs. Makes the only outgoing requests of the server. When to
//! fetch is decided in `key_cache`.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use serde::Deserialize;
use tokio::sync::oneshot;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};
use url::Url;

use super::key_set::KeySet;
use super::proxy;
use crate::loopback::is_loopback;

/// The maximum size of a document, in bytes.
const MAX_DOCUMENT: usize = 1024 * 1024;

pub(in crate::auth) enum Source {
    /// The keys were given at the start and never change.
    Inline,
    /// A file with a JWK set.
    File(PathBuf),
    /// The URL of a JWK set.
    Set(Url),
    /// The URL of an `OpenID` discovery document, which has the URL of the JWK set.
    Discovery(Url),
}

#[derive(Debug, thiserror::Error)]
pub(in crate::auth) enum FetchError {
    #[error("cannot read the file: {0}")]
    File(#[from] io::Error),
    #[error("the thread of the request ended: {0}")]
    Thread(io::Error),
    #[error("the request failed: {0}")]
    Request(#[from] ureq::Error),
    #[error("the response has status {0}")]
    Status(u16),
    #[error("the document is larger than {MAX_DOCUMENT} bytes")]
    TooLarge,
    #[error("the document is not an OpenID discovery document")]
    NotDiscovery,
    #[error("the discovery document belongs to another issuer")]
    OtherIssuer,
    #[error("the discovery document's jwks_uri {0}")]
    Address(&'static str),
    #[error("the document is not a JWK set with a usable key")]
    NoUsableKey,
    #[error("the request timed out")]
    Timeout,
}

impl Source {
    /// Fetches the current keys; `None` if they never change. Each request ends after `timeout`, even if
    /// this future is dropped.
    pub(in crate::auth) async fn fetch(
        &self,
        issuer: &str,
        timeout: Duration,
    ) -> Result<Option<KeySet>, FetchError> {
        let text = match self {
            Self::Inline => return Ok(None),
            Self::File(path) => {
                let path = path.clone();
                let reading = tokio::task::spawn_blocking(move || read_file(&path));
                reading.await.map_err(io::Error::other)??
            }
            Self::Set(address) => fetch(address, timeout).await?,
            Self::Discovery(address) => {
                let set = fetch_discovery(address, issuer, timeout).await?;
                fetch(&set, timeout).await?
            }
        };
        KeySet::parse(&text, issuer).map(Some).ok_or(FetchError::NoUsableKey)
    }
}

pub(in crate::auth) fn read_file(path: &Path) -> Result<Vec<u8>, FetchError> {
    let mut text = Vec::new();
    let limit = MAX_DOCUMENT as u64 + 1;
    std::fs::File::open(path)?.take(limit).read_to_end(&mut text)?;
    if text.len() > MAX_DOCUMENT { Err(FetchError::TooLarge) } else { Ok(text) }
}

/// Parses a URL of keys: https, or http to this machine.
pub(in crate::auth) fn parse_address(text: &str) -> Result<Url, &'static str> {
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

async fn fetch_discovery(
    document: &Url,
    issuer: &str,
    timeout: Duration,
) -> Result<Url, FetchError> {
    #[derive(Deserialize)]
    struct Document {
        issuer: String,
        jwks_uri: String,
    }
    let text = fetch(document, timeout).await?;
    let document: Document = serde_json::from_slice(&text).map_err(|_| FetchError::NotDiscovery)?;
    if document.issuer != issuer {
        return Err(FetchError::OtherIssuer);
    }
    parse_address(&document.jwks_uri).map_err(FetchError::Address)
}

/// Fetches a document on a thread of its own, since the client is blocking. With tokio's
/// `spawn_blocking`, the runtime could not end before the request.
async fn fetch(address: &Url, timeout: Duration) -> Result<Vec<u8>, FetchError> {
    let agent = build_agent(address, timeout)?;
    let address = address.clone();
    let (sender, document) = oneshot::channel();
    thread::Builder::new()
        .name("keys".into())
        // An error means that the caller was cancelled.
        .spawn(move || sender.send(download(&agent, &address)).ok())
        .map_err(FetchError::Thread)?;
    document.await.map_err(|error| FetchError::Thread(io::Error::other(error)))?
}

fn download(agent: &Agent, address: &Url) -> Result<Vec<u8>, FetchError> {
    let mut response = agent.get(address.as_str()).call()?;
    if response.status() != 200 {
        return Err(FetchError::Status(response.status().as_u16()));
    }
    let mut text = Vec::new();
    let body = response.body_mut().as_reader();
    body.take(MAX_DOCUMENT as u64 + 1).read_to_end(&mut text).map_err(ureq::Error::from)?;
    if text.len() > MAX_DOCUMENT { Err(FetchError::TooLarge) } else { Ok(text) }
}

/// Builds a client for one request, without redirects. Requests are so rare that a shared client would
/// only keep old connections and an old list of certificate authorities.
fn build_agent(address: &Url, timeout: Duration) -> Result<Agent, ureq::Error> {
    // An http URL is on this machine, and needs no proxy.
    let proxy = if address.scheme() == "https" { proxy::find(address)? } else { None };
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
        .build();
    let config = Agent::config_builder()
        .user_agent(concat!("runstate/", env!("CARGO_PKG_VERSION")))
        .timeout_global(Some(timeout))
        .max_redirects(0)
        .http_status_as_error(false)
        .proxy(proxy)
        .tls_config(tls);
    Ok(config.build().new_agent())
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
            assert!(parse_address(text).is_ok(), "{text}");
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
            assert!(parse_address(text).is_err(), "{text}");
        }
    }
}
