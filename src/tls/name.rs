//! A name in a certificate: a host name or an IP address. It knows which names a development
//! certificate authority may sign.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use rcgen::{CidrSubnet, GeneralSubtree, SanType};

/// The longest host name, in bytes (RFC 1035).
const MAX_HOST_NAME: usize = 253;
/// The longest label of a host name, in bytes (RFC 1035).
const MAX_LABEL: usize = 63;

/// The domains that a development authority may sign: none of them exists in the public DNS.
const PRIVATE_DOMAINS: [&str; 5] = ["localhost", "local", "internal", "test", "home.arpa"];

/// The networks that a development authority may sign: address and length of the prefix.
const PRIVATE_NETWORKS: [(IpAddr, u8); 8] = [
    (IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(172, 16, 0, 0)), 12),
    (IpAddr::V4(Ipv4Addr::new(192, 168, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(169, 254, 0, 0)), 16),
    (IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
    (IpAddr::V6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0)), 7),
    (IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0)), 10),
];

/// The hosts of Microsoft whose names some tools cannot change: of sign-in, and of Graph.
pub(super) const MICROSOFT: [&str; 2] = ["login.microsoftonline.com", "graph.microsoft.com"];

/// A host name in lower case, perhaps with `*` as its first label, or an IP address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// A host name.
    Dns(String),
    /// An IP address.
    Ip(IpAddr),
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let address = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        if let Ok(address) = address.unwrap_or(text).parse() {
            return Ok(Self::Ip(address));
        }
        let name = text.to_ascii_lowercase();
        let mut labels = name.strip_prefix("*.").unwrap_or(&name).split('.');
        match name.len() <= MAX_HOST_NAME && labels.all(is_label) {
            true => Ok(Self::Dns(name)),
            false => Err("must be a host name or an IP address, without a port".into()),
        }
    }
}

fn is_label(label: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=MAX_LABEL).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(is_plain)
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => formatter.write_str(name),
            Self::Ip(address) => address.fmt(formatter),
        }
    }
}

impl Name {
    /// The name of this machine itself, as every server certificate has it.
    pub(super) fn local() -> [Self; 4] {
        [
            Self::Dns("localhost".into()),
            Self::Dns("host.docker.internal".into()),
            Self::Ip(Ipv4Addr::LOCALHOST.into()),
            Self::Ip(Ipv6Addr::LOCALHOST.into()),
        ]
    }

    /// The name in a certificate.
    pub(super) fn subject(&self) -> Result<SanType, rcgen::Error> {
        Ok(match self {
            Self::Dns(name) => SanType::DnsName(name.as_str().try_into()?),
            Self::Ip(address) => SanType::IpAddress(*address),
        })
    }

    /// The constraint that permits this name, with the names below it.
    pub(super) fn subtree(&self) -> GeneralSubtree {
        match self {
            Self::Dns(name) => {
                GeneralSubtree::DnsName(name.strip_prefix("*.").unwrap_or(name).to_owned())
            }
            Self::Ip(address) => network(*address, if address.is_ipv4() { 32 } else { 128 }),
        }
    }
}

/// The constraints that permit the names and addresses which are nobody's in public.
pub(super) fn private_subtrees() -> impl Iterator<Item = GeneralSubtree> {
    let domains = PRIVATE_DOMAINS.iter().map(|domain| GeneralSubtree::DnsName((*domain).into()));
    domains.chain(PRIVATE_NETWORKS.iter().map(|(address, prefix)| network(*address, *prefix)))
}

fn network(address: IpAddr, prefix: u8) -> GeneralSubtree {
    GeneralSubtree::IpAddress(match address {
        IpAddr::V4(address) => CidrSubnet::from_v4_prefix(address.octets(), prefix),
        IpAddr::V6(address) => CidrSubnet::from_v6_prefix(address.octets(), prefix),
    })
}

/// The name of the machine, unless it is not a host name.
#[must_use]
pub fn machine_name() -> Option<Name> {
    match gethostname::gethostname().to_str()?.parse() {
        Ok(name @ Name::Dns(_)) => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_host_name_or_an_address() {
        for (text, name) in [
            ("Build.Example.com", "build.example.com"),
            ("*.test", "*.test"),
            ("[::1]", "::1"),
            ("10.0.0.1", "10.0.0.1"),
        ] {
            assert_eq!(text.parse::<Name>().unwrap().to_string(), name);
        }
        for wrong in ["", "a..b", "-a", "a_b", "a:1", "*", "a.*", "https://a", "a b"] {
            assert!(wrong.parse::<Name>().is_err(), "{wrong}");
        }
    }
}
