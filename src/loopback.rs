//! Addresses of this machine, which no network is needed for. Knows no settings.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::Url;

/// Whether the host of a URL is this machine: `localhost`, or a loopback address.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(is_loopback_host)
}

/// Whether a host is this machine. An IPv6 address may have the brackets that it has in a URL.
#[must_use]
pub fn is_loopback_host(host: &str) -> bool {
    let literal = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || literal.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Where a client on this machine reaches a server that listens at an address: a server at `0.0.0.0` or `::`
/// listens at each address of the machine.
#[must_use]
pub fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_localhost_or_a_loopback_address() {
        for url in [
            "http://localhost:8080/keys",
            "https://127.0.0.1",
            "http://127.9.9.9/",
            "http://[::1]:5173/x?y",
        ] {
            assert!(is_loopback(&Url::parse(url).unwrap()), "{url}");
        }
        for url in [
            "http://localhost.example.org",
            "http://localhost@example.org",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "http://[fd00::1]",
            "urn:localhost",
        ] {
            assert!(!is_loopback(&Url::parse(url).unwrap()), "{url}");
        }
        assert!(is_loopback_host("::1") && is_loopback_host("[::1]"));
        assert!(!is_loopback_host("") && !is_loopback_host("[localhost]"));
    }

    #[test]
    fn a_server_at_each_address_is_reached_at_a_loopback_address() {
        for (listen, reached) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:8080", "[::1]:8080"),
            ("10.0.0.1:1", "10.0.0.1:1"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()).to_string(), reached);
        }
    }
}
