//! HTTPS of a server: its certificate authority, and connections that trust it.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use runstate::http::TlsListener;
use runstate::tls::{Certificates, Development, Source};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, StreamOwned,
    SupportedProtocolVersion,
};
use tokio::sync::watch;
use uuid::Uuid;

/// A connection by TLS.
pub(crate) type TlsStream = StreamOwned<ClientConnection, TcpStream>;

/// HTTPS of a server.
pub(crate) struct Tls {
    pub(crate) address: SocketAddr,
    /// The authority of the first certificate, as PEM.
    pub(crate) authority: String,
    config: watch::Sender<Arc<ServerConfig>>,
}

impl Tls {
    pub(super) fn start() -> (Self, TlsListener) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (authority, config) = certificate();
        let config = watch::Sender::new(config);
        let listener = TlsListener { listener, config: config.subscribe() };
        (Self { address, authority, config }, listener)
    }

    /// Gives the server a certificate of another authority, which is returned.
    pub(crate) fn replace_certificate(&self) -> String {
        let (authority, config) = certificate();
        self.config.send_replace(config);
        authority
    }
}

/// What a client trusts and speaks.
pub(crate) fn client_config(
    authority: &str,
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_protocol_versions(versions).unwrap();
    Arc::new(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Connects as `localhost` and completes the handshake.
pub(crate) fn connect(
    address: SocketAddr,
    config: &Arc<ClientConfig>,
) -> std::io::Result<TlsStream> {
    let name = ServerName::try_from("localhost").unwrap();
    let mut connection = ClientConnection::new(Arc::clone(config), name).unwrap();
    let mut socket = TcpStream::connect(address).unwrap();
    while connection.is_handshaking() {
        connection.complete_io(&mut socket)?;
    }
    Ok(StreamOwned::new(connection, socket))
}

/// A new authority and the configuration of a server with a certificate of it. The files are deleted
/// at once.
fn certificate() -> (String, Arc<ServerConfig>) {
    let directory = std::env::temp_dir().join(format!("runstate-test-{}", Uuid::new_v4()));
    let development = Development::new(&directory, None, &[]);
    let authority = development.certificate_file();
    let certificates = Certificates::open(Source::Development(development), None).unwrap();
    let authority = std::fs::read_to_string(authority).unwrap();
    std::fs::remove_dir_all(directory).unwrap();
    (authority, certificates.config().borrow().clone())
}
