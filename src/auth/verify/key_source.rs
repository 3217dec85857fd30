//! Where the keys of an issuer come from, and the only outgoing calls of the whole server.
//! Knows files, addresses and limits; when it is time to ask, `key_cache` knows.

use std::io::{self, Read};
use std::net::IpAddr;
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
    File(#[from] io::Error),
    #[error("the thread that fetches ended: {0}")]
    Thread(io::Error),
    #[error("no answer: {0}")]
    NoAnswer(#[from] ureq::Error),
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
    /// The keys as they are now; `None` where they never change. Each fetch ends after `timeout`,
    /// even if its caller does not wait for it any more.
    pub(in crate::auth) async fn read(
        &self,
        issuer: &str,
        timeout: Duration,
    ) -> Result<Option<KeySet>, NoKeys> {
        let text = match self {
            Self::Held => return Ok(None),
            Self::File(path) => {
                let path = path.clone();
                let reading = tokio::task::spawn_blocking(move || read_file(&path));
                reading.await.map_err(io::Error::other)??
            }
            Self::Set(address) => fetch(address, timeout).await?,
            Self::Discovery(address) => {
                let set = discover(address, issuer, timeout).await?;
                fetch(&set, timeout).await?
            }
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

async fn discover(document: &Url, issuer: &str, timeout: Duration) -> Result<Url, NoKeys> {
    #[derive(Deserialize)]
    struct Document {
        issuer: String,
        jwks_uri: String,
    }
    let text = fetch(document, timeout).await?;
    let document: Document = serde_json::from_slice(&text).map_err(|_| NoKeys::NoDiscovery)?;
    if document.issuer != issuer {
        return Err(NoKeys::OtherIssuer);
    }
    address(&document.jwks_uri).map_err(NoKeys::Address)
}

/// Fetches a document on a thread of its own, since the client blocks. A thread of tokio would do,
/// but a runtime that ends waits for it.
async fn fetch(address: &Url, timeout: Duration) -> Result<Vec<u8>, NoKeys> {
    let agent = agent(address, timeout)?;
    let address = address.clone();
    let (sender, document) = oneshot::channel();
    thread::Builder::new()
        .name("keys".into())
        // An error says that the caller has stopped waiting.
        .spawn(move || sender.send(download(&agent, &address)).ok())
        .map_err(NoKeys::Thread)?;
    document.await.map_err(|error| NoKeys::Thread(io::Error::other(error)))?
}

fn download(agent: &Agent, address: &Url) -> Result<Vec<u8>, NoKeys> {
    let mut response = agent.get(address.as_str()).call()?;
    if response.status() != 200 {
        return Err(NoKeys::Status(response.status().as_u16()));
    }
    let mut text = Vec::new();
    let body = response.body_mut().as_reader();
    body.take(LARGEST_DOCUMENT as u64 + 1).read_to_end(&mut text).map_err(ureq::Error::from)?;
    if text.len() > LARGEST_DOCUMENT { Err(NoKeys::TooLarge) } else { Ok(text) }
}

/// A client for one fetch, which follows no redirects. Fetches are so rare that keeping a client
/// would only keep old connections and an old list of authorities.
fn agent(address: &Url, timeout: Duration) -> Result<Agent, ureq::Error> {
    // An http address is on this machine.
    let proxy = if address.scheme() == "https" { proxy::of(address)? } else { None };
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
