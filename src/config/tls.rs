//! The settings of HTTPS: where it listens, and with which certificate.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use clap::builder::BoolishValueParser;

use super::listen::{OptionalListen, listen_address};
use crate::tls::Name;

/// The port for HTTPS on a first run.
pub const FIRST_TLS_PORT: u16 = 8443;

/// The settings of HTTPS, by flag or by environment.
#[derive(Clone, Debug, Args)]
pub struct TlsSettings {
    /// Address and port to listen on for HTTPS, or `off`; port 0 chooses a free one
    /// [default: 127.0.0.1:8443 if the server has its own PostgreSQL and trusts the local issuer, else off]
    #[arg(
        id = "tls_listen",
        long = "tls-listen",
        env = "RUNSTATE_TLS_LISTEN",
        global = true,
        value_name = "ADDRESS"
    )]
    pub listen: Option<OptionalListen>,

    /// Further host names and IP addresses of the development certificate, separated by commas
    /// [default: none]
    #[arg(
        id = "tls_names",
        long = "tls-names",
        env = "RUNSTATE_TLS_NAMES",
        global = true,
        value_name = "NAMES",
        value_delimiter = ','
    )]
    pub names: Vec<Name>,

    /// PEM file with the certificate for HTTPS, then those of its issuers; read again when it changes
    /// and on SIGHUP [default: a development certificate in the data directory]
    #[arg(
        id = "tls_cert",
        long = "tls-cert",
        env = "RUNSTATE_TLS_CERT",
        global = true,
        value_name = "FILE",
        requires = "tls_key"
    )]
    pub certificate: Option<PathBuf>,

    /// PEM file with the private key of `--tls-cert` [default: none]
    #[arg(
        id = "tls_key",
        long = "tls-key",
        env = "RUNSTATE_TLS_KEY",
        global = true,
        value_name = "FILE",
        requires = "tls_cert"
    )]
    pub key: Option<PathBuf>,

    /// Have certificates for login.microsoftonline.com and graph.microsoft.com as well, by an authority
    /// of their own, for tools whose addresses cannot be changed
    #[arg(
        long, env = "RUNSTATE_IMPERSONATE_MICROSOFT", global = true, value_name = "BOOLEAN",
        num_args = 0..=1, require_equals = true, default_value = "false",
        default_missing_value = "true", value_parser = BoolishValueParser::new()
    )]
    pub impersonate_microsoft: bool,
}

/// Options of `trust` and `untrust`.
#[derive(Clone, Copy, Debug, Args)]
pub struct TrustOptions {
    /// Run the commands for the stores of the system as well, by sudo; otherwise they are printed
    #[arg(long)]
    pub sudo: bool,
}

impl TlsSettings {
    /// The address to listen on for HTTPS, if it is served. `plain` is the address for HTTP: where
    /// its port is any free one, so is that of HTTPS by default.
    pub(super) fn address(&self, plain: SocketAddr, is_first_run: bool) -> Option<SocketAddr> {
        listen_address(self.listen, plain, FIRST_TLS_PORT, is_first_run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_on_where_it_is_asked_for_and_on_a_first_run() {
        let plain: SocketAddr = "127.0.0.1:8080".parse().unwrap();
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let address = |listen: Option<&str>, plain, is_first_run| {
            let listen = listen.map(|text| text.parse().unwrap());
            let settings = TlsSettings {
                listen,
                names: Vec::new(),
                certificate: None,
                key: None,
                impersonate_microsoft: false,
            };
            settings.address(plain, is_first_run).map(|address| address.to_string())
        };
        assert_eq!(address(None, plain, false), None);
        assert_eq!(address(None, plain, true).unwrap(), "127.0.0.1:8443");
        assert_eq!(address(None, any, true).unwrap(), "127.0.0.1:0");
        assert_eq!(address(Some("off"), plain, true), None);
        assert_eq!(address(Some("0.0.0.0:443"), plain, false).unwrap(), "0.0.0.0:443");
        for wrong in ["on", "8443", "localhost:8443"] {
            assert!(wrong.parse::<OptionalListen>().is_err(), "{wrong}");
        }
    }
}
