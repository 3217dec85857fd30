//! Certificates for TLS: those of a development certificate authority in the data directory, or
//! the operator's own files. It keeps them current while the server runs; it knows no connection.

mod authority;
mod bundle;
mod development;
mod end;
mod files;
mod name;
mod pair;
mod server;
mod source;
mod watch;

use std::path::PathBuf;

pub use development::Development;
pub use end::certificate_end;
pub use name::{Name, machine_name};
pub use source::Source;
pub use watch::Certificates;

/// An error of the certificates: a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or written.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// Other users can read or write a private key.
    #[error(
        "{}: has mode {mode:o}, so other users may have read the key. Delete the directory to make \
         a new certificate authority, or run `chmod 600` to keep this one.", path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A file is not what it should be.
    #[error("{}: {problem}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The certificate authority may not sign a name that the operator asks for.
    #[error(
        "the certificate authority in {} may not sign '{name}'. Delete the directory to make a new \
         one, and trust that one again.", directory.display()
    )]
    NameNotPermitted {
        /// The directory of the authority.
        directory: PathBuf,
        /// The name.
        name: Name,
    },
    /// The library of TLS refuses its configuration.
    #[error("TLS cannot be configured: {0}")]
    Configuration(#[from] rustls::Error),
    /// A certificate or a key cannot be made.
    #[error("cannot make a certificate: {0}")]
    Generate(#[from] rcgen::Error),
}
