//! The address of a listener that may be off: HTTPS, metrics.

use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;

/// Where to listen, if at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionalListen {
    /// Nowhere.
    Off,
    /// On this address.
    At(SocketAddr),
}

impl FromStr for OptionalListen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(Self::Off),
            _ => text.parse().map(Self::At).map_err(|_| {
                "must be an IP address and a port, such as 127.0.0.1:8443, or 'off'".into()
            }),
        }
    }
}

/// The address to listen on. Without a setting, it is `first_port` of this machine on a first run; where
/// the port for HTTP, in `plain`, is any free one, so is this.
pub(super) fn listen_address(
    setting: Option<OptionalListen>,
    plain: SocketAddr,
    first_port: u16,
    is_first_run: bool,
) -> Option<SocketAddr> {
    let port = if plain.port() == 0 { 0 } else { first_port };
    match setting {
        Some(OptionalListen::At(address)) => Some(address),
        Some(OptionalListen::Off) => None,
        None => is_first_run.then_some((Ipv4Addr::LOCALHOST, port).into()),
    }
}
