//! The proxies that are trusted, and what they say of a client: its address, and the scheme and host
//! that it used. Everybody else may write the same headers, so they are read from a trusted proxy only.
//! Knows no connection.

use std::net::IpAddr;
use std::str::FromStr;

use crate::message::Headers;

const ADDRESS: &str = "x-forwarded-for";
const SCHEME: &str = "x-forwarded-proto";
const HOST: &str = "x-forwarded-host";
/// The longest host with its port that a link may have.
const MAX_HOST: usize = 255;

/// An address, or all addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    bits: u8,
}

/// The proxies that are trusted; none by default.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<Network>);

/// The client of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    pub address: IpAddr,
    /// `http` or `https`, if a trusted proxy says which the client used.
    pub scheme: Option<&'static str>,
    /// The host that the client used, if a trusted proxy says so.
    pub host: Option<String>,
}

impl TrustedProxies {
    #[must_use]
    pub fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    /// The client of a request that came from `peer`.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &Headers) -> Client {
        let peer = peer.to_canonical();
        if !self.contains(peer) {
            return Client { address: peer, scheme: None, host: None };
        }
        let scheme = match last(headers, SCHEME) {
            Some(scheme) if scheme.eq_ignore_ascii_case("https") => Some("https"),
            Some(scheme) if scheme.eq_ignore_ascii_case("http") => Some("http"),
            _ => None,
        };
        let host = last(headers, HOST).filter(|host| is_host(host)).map(str::to_owned);
        Client { address: self.address(peer, headers), scheme, host }
    }

    /// Each proxy adds the address from which the request came to the end of the list. So we read from
    /// the end: the first address that is no trusted proxy is that of the client. What is before it, the
    /// client may have written.
    fn address(&self, peer: IpAddr, headers: &Headers) -> IpAddr {
        let lists: Vec<&str> = headers.all(ADDRESS).collect();
        let mut nearest = peer;
        for text in lists.iter().flat_map(|list| list.split(',')).rev() {
            let Some(address) = address(text.trim()) else { break };
            nearest = address;
            if !self.contains(address) {
                break;
            }
        }
        nearest
    }

    fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

impl Network {
    /// Whether each address belongs to it.
    #[must_use]
    pub fn is_everyone(&self) -> bool {
        self.bits == 0
    }

    fn contains(&self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let differing = u32::from(first) ^ u32::from(address);
                differing.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                let differing = u128::from(first) ^ u128::from(address);
                differing.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    /// `10.0.0.7`, `10.0.0.0/8` or `fd00::/8`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "must be an address or a network, such as 10.0.0.7 or 10.0.0.0/8".to_owned();
        let (first, bits) = text.split_once('/').unwrap_or((text, ""));
        let first: IpAddr = first.parse().map_err(|_| wrong())?;
        let most = if first.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            "" if !text.contains('/') => most,
            bits if bits.bytes().all(|byte| byte.is_ascii_digit()) => {
                bits.parse().map_err(|_| wrong())?
            }
            _ => return Err(wrong()),
        };
        if bits > most {
            return Err(wrong());
        }
        Ok(Self { first, bits })
    }
}

/// The last value of a header that may have several: the one of the nearest proxy.
fn last<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    headers.all(name).last()?.rsplit(',').next().map(str::trim)
}

/// An address, perhaps with a port, as some proxies add it.
fn address(text: &str) -> Option<IpAddr> {
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None if text.matches(':').count() == 1 => text.split_once(':')?.0,
        None => text,
    };
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// A host name or an address, perhaps with a port, that is safe in a link.
fn is_host(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    !text.is_empty() && text.len() <= MAX_HOST && text.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(networks: &[&str]) -> TrustedProxies {
        TrustedProxies::new(networks.iter().map(|text| text.parse().unwrap()).collect())
    }

    fn client(networks: &[&str], peer: &str, headers: &[(&str, &str)]) -> Client {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        proxies(networks).client(peer.parse().unwrap(), &headers)
    }

    fn address_of(networks: &[&str], peer: &str, lists: &[&str]) -> String {
        let headers: Vec<_> = lists.iter().map(|list| (ADDRESS, *list)).collect();
        client(networks, peer, &headers).address.to_string()
    }

    #[test]
    fn a_network_is_an_address_or_the_beginning_of_addresses() {
        let contains = |network: &str, address: &str| {
            network.parse::<Network>().unwrap().contains(address.parse().unwrap())
        };
        for (network, address) in [
            ("10.0.0.7", "10.0.0.7"),
            ("10.0.0.0/8", "10.255.0.1"),
            ("10.9.9.9/8", "10.255.0.1"),
            ("0.0.0.0/0", "8.8.8.8"),
            ("fd00::/8", "fd12::1"),
            ("::1", "::1"),
        ] {
            assert!(contains(network, address), "{network} {address}");
        }
        for (network, address) in [
            ("10.0.0.7", "10.0.0.8"),
            ("10.0.0.0/8", "11.0.0.0"),
            ("0.0.0.0/0", "::1"),
            ("::/0", "10.0.0.1"),
            ("192.168.0.0/17", "192.168.128.0"),
        ] {
            assert!(!contains(network, address), "{network} {address}");
        }
        for wrong in ["", "proxy", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/+8", "10.0.0"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn headers_of_a_peer_that_is_not_trusted_are_not_read() {
        let spoofed = [(ADDRESS, "8.8.8.8"), (SCHEME, "https"), (HOST, "evil.example")];
        for networks in [&[][..], &["10.0.0.0/8"]] {
            let expected = Client { address: [192, 0, 2, 1].into(), scheme: None, host: None };
            assert_eq!(client(networks, "192.0.2.1", &spoofed), expected);
        }
    }

    #[test]
    fn the_client_is_the_last_address_that_is_no_trusted_proxy() {
        let trusted = ["10.0.0.0/8", "fd00::/8"];
        for (lists, expected) in [
            (&["203.0.113.5"][..], "203.0.113.5"),
            // The client wrote the first address itself.
            (&["127.0.0.1, 203.0.113.5"], "203.0.113.5"),
            (&["10.0.0.9, 203.0.113.5"], "203.0.113.5"),
            (&["203.0.113.5, 10.0.0.2"], "203.0.113.5"),
            (&["127.0.0.1", "203.0.113.5,10.0.0.2"], "203.0.113.5"),
            (&["203.0.113.5:4711"], "203.0.113.5"),
            (&["[2001:db8::7]:4711"], "2001:db8::7"),
            (&["2001:db8::7, fd00::2"], "2001:db8::7"),
            (&["::ffff:203.0.113.5"], "203.0.113.5"),
            // What is no address ends the list: nobody knows who is before it.
            (&["203.0.113.5, unknown, 10.0.0.2"], "10.0.0.2"),
            (&["203.0.113.5, "], "10.0.0.1"),
            (&[""], "10.0.0.1"),
            (&[], "10.0.0.1"),
            (&["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ] {
            assert_eq!(address_of(&trusted, "10.0.0.1", lists), expected, "{lists:?}");
        }
        assert_eq!(address_of(&trusted, "::ffff:10.0.0.1", &["203.0.113.5"]), "203.0.113.5");
    }

    #[test]
    fn scheme_and_host_are_those_of_the_nearest_proxy() {
        let of = |headers: &[(&str, &str)]| {
            let client = client(&["10.0.0.1"], "10.0.0.1", headers);
            (client.scheme, client.host)
        };
        let host = |name: &str| Some(name.to_owned());
        let both = [(SCHEME, "HTTPS"), (HOST, "graph.example.com:8443")];
        assert_eq!(of(&both), (Some("https"), host("graph.example.com:8443")));
        let spoofed = [(SCHEME, "http, https"), (HOST, "evil.example, graph.example.com")];
        assert_eq!(of(&spoofed), (Some("https"), host("graph.example.com")));
        let repeated = [(HOST, "evil.example"), (HOST, "graph.example.com")];
        assert_eq!(of(&repeated), (None, host("graph.example.com")));
        let long = "a".repeat(256);
        for wrong in
            ["", "a b", "user@evil.example", "evil.example/path", "a\"b", "é.example", &long]
        {
            assert_eq!(of(&[(HOST, wrong), (SCHEME, "javascript")]), (None, None), "{wrong}");
        }
    }
}
