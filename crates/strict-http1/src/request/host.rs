//! The host of a URL, in a `Host` header or an absolute target.

use std::net::Ipv6Addr;

/// The longest name of a host, in bytes.
const MAX_LENGTH: usize = 255;

/// Whether this is a name or an address, perhaps with a port. It can then be part of a link without
/// escaping.
pub(super) fn is_authority(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let (is_host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => (address.parse::<Ipv6Addr>().is_ok(), port),
        None => {
            let end = text.find(':').unwrap_or(text.len());
            (is_name(&text[..end]), &text[end..])
        }
    };
    is_host && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    (1..=MAX_LENGTH).contains(&name.len()) && name.bytes().all(is_plain)
}

/// A port may be left empty.
fn is_port(port: &str) -> bool {
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    port.is_empty() || is_number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_and_perhaps_a_port() {
        let good = ["a", "a_b-c.example.:8080", "127.0.0.1:1", "[::1]", "[::1]:80", "a:"];
        for host in good {
            assert!(is_authority(host.as_bytes()), "{host}");
        }
        let bad = [
            "", ":80", "a:b", "a:80:80", "a:65536", "a:+1", "[::1", "[::1]x", "[x]", "[]", "::1",
            "a/b", "a@b", "a b", "a,b", "a\"b", "a<b", "a%00", "ä",
        ];
        for host in bad {
            assert!(!is_authority(host.as_bytes()), "{host}");
        }
    }
}
