//! The server certificate of the development authority: it is made on first use, and made anew
//! before it ends or when the names of the server change.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;
use x509_parser::prelude::X509Certificate;

use super::authority::{self, Authority, Purpose};
use super::files::LockedDirectory;
use super::name::{MICROSOFT, Name, machine_name};
use super::pair::{Pair, ends_within};
use super::{TlsError, bundle};

const CERTIFICATE: &str = "server.pem";
const KEY: &str = "server-key.pem";
const BUNDLE: &str = "ca-bundle.pem";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Browsers accept a certificate of at most 398 days.
const LIFE: Duration = DAY.saturating_mul(90);
const RENEWED_BEFORE_END: Duration = DAY.saturating_mul(30);

/// The directory of a development certificate authority, and the names of the server.
#[derive(Clone, Debug)]
pub struct Development {
    directory: PathBuf,
    purpose: Purpose,
    /// The certificate of another authority that clients of this one trust as well.
    beside: Option<PathBuf>,
    /// The names that the operator asks for.
    named: Vec<Name>,
    /// Other names of the server, which are left out where the authority may not sign them.
    found: Vec<Name>,
}

impl Development {
    /// The authority in the data directory, for a server that listens on `address` and that has the
    /// names in `named` besides those of the machine.
    #[must_use]
    pub fn new(data_directory: &Path, address: Option<IpAddr>, named: &[Name]) -> Self {
        let address = address.filter(|address| !address.is_unspecified()).map(Name::Ip);
        let found = Name::local().into_iter().chain(machine_name()).chain(address).collect();
        Self {
            directory: data_directory.join("tls"),
            purpose: Purpose::Development,
            beside: None,
            named: named.to_vec(),
            found,
        }
    }

    /// A second authority, for the names of Microsoft alone. It has a directory of its own, so that
    /// whoever trusts the first one does not trust this one.
    #[must_use]
    pub fn impersonation(data_directory: &Path) -> Self {
        let directory = data_directory.join("tls");
        Self {
            purpose: Purpose::Impersonation,
            beside: Some(directory.join(authority::CERTIFICATE)),
            directory: directory.join("microsoft"),
            named: MICROSOFT.map(|name| Name::Dns(name.into())).to_vec(),
            found: Vec::new(),
        }
    }

    /// The path of the authority's certificate.
    #[must_use]
    pub fn certificate_file(&self) -> PathBuf {
        self.directory.join(authority::CERTIFICATE)
    }

    /// The path of the server's certificate.
    pub(super) fn server_file(&self) -> PathBuf {
        self.directory.join(CERTIFICATE)
    }

    /// The path of the file with the system's authorities and this one.
    #[must_use]
    pub fn bundle_file(&self) -> PathBuf {
        self.directory.join(BUNDLE)
    }

    /// Makes the authority unless it exists, and returns its certificate as PEM.
    ///
    /// # Errors
    /// If the files cannot be read or written, or are not a certificate and its key.
    pub fn open_authority(&self, now: SystemTime) -> Result<String, TlsError> {
        let directory = LockedDirectory::open(&self.directory)?;
        Ok(self.authority(&directory, now)?.pem)
    }

    /// The certificate of the server and its key. What is missing or ends soon is made.
    pub(super) fn read(&self, now: SystemTime) -> Result<Pair, TlsError> {
        let directory = LockedDirectory::open(&self.directory)?;
        let authority = self.authority(&directory, now)?;
        let names = self.names(&authority)?;
        let certificates = directory.read(CERTIFICATE)?.unwrap_or_default();
        let key = directory.read_private(KEY)?.unwrap_or_default();
        let pair = Pair { certificates, key };
        if is_current(&pair, &authority, &names, now) {
            return Ok(pair);
        }
        let names: Vec<Name> = names.into_iter().collect();
        let (certificates, key) = authority.sign(&names, LIFE, now)?;
        directory.write_private(KEY, &key)?;
        directory.write(CERTIFICATE, &certificates)?;
        Ok(Pair { certificates, key })
    }

    fn authority(
        &self,
        directory: &LockedDirectory,
        now: SystemTime,
    ) -> Result<Authority, TlsError> {
        let authority = Authority::open(directory, self.purpose, &self.named, now)?;
        let beside = self.beside.as_ref().and_then(|file| std::fs::read_to_string(file).ok());
        let trusted: Vec<&str> = beside.as_deref().into_iter().chain([&*authority.pem]).collect();
        directory.write(BUNDLE, &bundle::with(&trusted))?;
        Ok(authority)
    }

    fn names(&self, authority: &Authority) -> Result<BTreeSet<Name>, TlsError> {
        if let Some(name) = self.named.iter().find(|name| !authority.permits(name)) {
            let directory = self.directory.clone();
            return Err(TlsError::NameNotPermitted { directory, name: name.clone() });
        }
        let found = self.found.iter().filter(|name| authority.permits(name));
        Ok(found.chain(&self.named).cloned().collect())
    }
}

/// Whether a server may still use a pair: it is whole, of this authority, for these names, and does
/// not end soon.
fn is_current(pair: &Pair, authority: &Authority, names: &BTreeSet<Name>, now: SystemTime) -> bool {
    let pem = Pem::iter_from_buffer(pair.certificates.as_bytes()).next();
    let Some(Ok(pem)) = pem else { return false };
    let Ok(certificate) = pem.parse_x509() else { return false };
    pair.certificates.ends_with(&authority.pem)
        && !ends_within(&certificate, RENEWED_BEFORE_END, now)
        && names_of(&certificate) == *names
        && pair.certified_key().is_ok()
}

fn names_of(certificate: &X509Certificate<'_>) -> BTreeSet<Name> {
    let extension = certificate.subject_alternative_name().ok().flatten();
    let names = extension.iter().flat_map(|it| &it.value.general_names);
    names.filter_map(name).collect()
}

fn name(name: &GeneralName<'_>) -> Option<Name> {
    match name {
        GeneralName::DNSName(name) => Some(Name::Dns((*name).to_owned())),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            v4.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from)).ok().map(Name::Ip)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
