//! What other machines reach: listeners, public URL, proxies, the test twin.

use url::Url;

use super::Installation;
use crate::config::{Settings, TwinMode};
use crate::findings::Finding;
use crate::loopback::is_loopback;
use crate::proxies::Network;

/// The addresses of the listeners, and whether tokens cross the network in plain text.
pub(super) fn addresses(installation: &Installation<'_>) -> Finding {
    let settings = installation.settings;
    let listen = settings.listen;
    let https = settings.tls_address().map_or("off".into(), |address| address.to_string());
    let metrics = settings.metrics_address().map_or("off".into(), |address| address.to_string());
    let is_reached = !listen.ip().is_loopback() && settings.tls_address().is_none();
    match is_reached && !is_https(settings) {
        false => Finding::ok(format!("HTTP on {listen}, HTTPS {https}, metrics {metrics}")),
        true => Finding::warn(
            format!("tokens from other machines come in plain text on {listen}"),
            "Set RUNSTATE_TLS_LISTEN, or RUNSTATE_PUBLIC_URL to the https address of a proxy.",
        ),
    }
}

/// The base of links.
pub(super) fn public_url(installation: &Installation<'_>) -> Finding {
    match &installation.settings.public_url {
        None => Finding::ok("not set: links have the host that a client used"),
        Some(url) if url.starts_with("https:") || is_of_this_machine(url) => {
            Finding::ok("set: links have it, whatever host a client used")
        }
        Some(_) => Finding::warn(
            "the public URL is not https: clients that follow links send tokens in plain text",
            "Set RUNSTATE_PUBLIC_URL to an https address.",
        ),
    }
}

/// Whose headers X-Forwarded-* are read.
pub(super) fn proxies(installation: &Installation<'_>) -> Finding {
    let settings = installation.settings;
    let proxies = settings.trusted_proxies.len();
    if settings.trusted_proxies.iter().any(Network::is_everyone) {
        return Finding::warn(
            "every client is a trusted proxy, so each can choose its address, scheme and host",
            "Set RUNSTATE_TRUSTED_PROXIES to the addresses of your proxies.",
        );
    }
    match proxies {
        0 if is_https(settings) && settings.tls_address().is_none() => Finding::warn(
            "a proxy ends TLS and is not trusted, so all clients have the address of the proxy",
            "Set RUNSTATE_TRUSTED_PROXIES to the address of the proxy.",
        ),
        0 => Finding::ok("none is trusted: headers X-Forwarded-* are not read"),
        _ => Finding::ok(format!("addresses and networks that are trusted: {proxies}")),
    }
}

/// The test twin, with which whoever has its secret may make and remove tenants.
pub(super) fn test_twin(installation: &Installation<'_>) -> Finding {
    match installation.settings.twin.mode {
        TwinMode::False => Finding::ok("off"),
        TwinMode::True | TwinMode::BesideRealIssuers => Finding::warn(
            "on: rules can make requests of its tenants fail",
            "Set RUNSTATE_TWIN=false on a server that people use.",
        ),
    }
}

/// Whether clients reach the server by https, as the operator says.
fn is_https(settings: &Settings) -> bool {
    settings.public_url.as_ref().is_some_and(|url| url.starts_with("https:"))
}

fn is_of_this_machine(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| is_loopback(&url))
}
