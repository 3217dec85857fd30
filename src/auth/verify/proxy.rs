//! The proxy for an https URL, from the usual environment variables: `HTTPS_PROXY`, else `ALL_PROXY`,
//! each also in lower case. Hosts in `NO_PROXY` are reached directly.

use std::env;
use std::net::IpAddr;

use ureq::Proxy;
use url::Url;

/// Finds the proxy for a URL; `None` for a direct connection.
///
/// # Errors
/// If the value of the variable is not a URL.
pub(super) fn find(address: &Url) -> Result<Option<Proxy>, ureq::Error> {
    choose(address, |name| env::var(name).ok())
}

fn choose(
    address: &Url,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<Proxy>, ureq::Error> {
    let first =
        |names: [&str; 2]| names.into_iter().filter_map(&variable).find(|it| !it.is_empty());
    let proxy = first(["HTTPS_PROXY", "https_proxy"]).or_else(|| first(["ALL_PROXY", "all_proxy"]));
    let excluded = first(["NO_PROXY", "no_proxy"]).unwrap_or_default();
    let host = address.host_str().unwrap_or_default().trim_matches(['[', ']']);
    if excluded.split(',').any(|entry| matches(entry.trim(), host)) {
        return Ok(None);
    }
    proxy.map(|url| Proxy::new(&url)).transpose()
}

/// Whether an entry of `NO_PROXY` matches this host. An entry is `*`, an IP address, a network such as
/// `10.0.0.0/8`, or a domain, which includes its subdomains.
fn matches(entry: &str, host: &str) -> bool {
    if entry == "*" {
        return true;
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return entry.parse() == Ok(address) || contains(entry, address).unwrap_or(false);
    }
    let domain = entry.strip_prefix('.').unwrap_or(entry).to_ascii_lowercase();
    let subdomain = host.strip_suffix(&domain);
    subdomain.is_some_and(|rest| !domain.is_empty() && (rest.is_empty() || rest.ends_with('.')))
}

/// Whether a network contains an IP address; `None` if the text is not a network.
fn contains(network: &str, address: IpAddr) -> Option<bool> {
    let (start, length) = network.split_once('/')?;
    let length: u32 = length.parse().ok()?;
    let (start, address, width) = match (start.parse().ok()?, address) {
        (IpAddr::V4(start), IpAddr::V4(address)) => {
            (start.to_bits().into(), address.to_bits().into(), 32)
        }
        (IpAddr::V6(start), IpAddr::V6(address)) => (start.to_bits(), address.to_bits(), 128),
        _ => return Some(false),
    };
    let rest = u32::checked_sub(width, length)?;
    let prefix = |bits: u128| bits.checked_shr(rest).unwrap_or(0);
    Some(prefix(start) == prefix(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(address: &str, variables: &[(&str, &str)]) -> Option<String> {
        let variable = |name: &str| {
            let (_, value) = variables.iter().find(|(own, _)| *own == name)?;
            Some((*value).to_owned())
        };
        let proxy = choose(&Url::parse(address).unwrap(), variable).unwrap()?;
        Some(format!("{}:{}", proxy.host(), proxy.port()))
    }

    #[test]
    fn https_goes_through_the_proxy_for_https_or_else_for_all() {
        let (https, all) =
            (("HTTPS_PROXY", "http://one.example:1"), ("all_proxy", "two.example:2"));
        for (variables, proxy) in [
            (vec![https, all], Some("one.example:1")),
            (vec![all], Some("two.example:2")),
            (vec![("HTTPS_PROXY", ""), all], Some("two.example:2")),
            (vec![("HTTP_PROXY", "http://three.example:3")], None),
            (vec![], None),
        ] {
            let chosen = chosen("https://login.example.org/keys", &variables);
            assert_eq!(chosen.as_deref(), proxy, "{variables:?}");
        }
    }

    #[test]
    fn a_proxy_that_is_not_a_url_is_an_error() {
        let address = Url::parse("https://login.example.org/keys").unwrap();
        let variable = |name: &str| (name == "https_proxy").then(|| "not a proxy".to_owned());
        assert!(choose(&address, variable).is_err());
    }

    #[test]
    fn hosts_in_no_proxy_are_reached_directly() {
        for (entries, host, direct) in [
            ("example.org", "example.org", true),
            ("example.org", "login.example.org", true),
            (".Example.org", "login.example.org", true),
            (".example.org", "example.org", true),
            ("one.example, login.example.org", "login.example.org", true),
            ("example.org", "anexample.org", false),
            ("login.example.org", "example.org", false),
            ("*", "example.org", true),
            ("", "example.org", false),
            (",", "example.org", false),
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.0/24", "192.0.2.200", true),
            ("192.0.2.0/24", "192.0.3.1", false),
            ("0.0.0.0/0", "192.0.2.1", true),
            ("0.0.0.0/33", "192.0.2.1", false),
            ("2001:db8::/32", "[2001:db8::1]", true),
            ("2001:db8::1", "[2001:db8::1]", true),
            ("::/0", "[2001:db8::1]", true),
            ("::/0", "192.0.2.1", false),
        ] {
            let variables = [("https_proxy", "proxy.example"), ("no_proxy", entries)];
            let proxy = chosen(&format!("https://{host}/keys"), &variables);
            assert_eq!(proxy.is_none(), direct, "{entries} {host}");
        }
    }
}
