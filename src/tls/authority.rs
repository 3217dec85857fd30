//! The development certificate authority: its key and certificate in a directory, what it may sign,
//! and how it signs. It knows no server.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256, PublicKeyData,
};
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::pem::parse_x509_pem;
use x509_parser::prelude::X509Certificate;

use super::files::LockedDirectory;
use super::name::{Name, machine_name, private_subtrees};
use super::{TlsError, pair};

pub(super) const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca-key.pem";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const LIFE: Duration = DAY.saturating_mul(3650);
/// An authority that ends within this time is replaced: no certificate outlives its authority.
const SHORTEST_REST: Duration = DAY.saturating_mul(90);
/// How long before now a certificate is valid, for clients whose clocks are slow.
const GRACE: Duration = Duration::from_secs(5 * 60);

/// What an authority is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Names that are nobody's in public, and names that the operator asks for.
    Development,
    /// The names of Microsoft, and no others.
    Impersonation,
}

/// An authority that can sign.
pub(super) struct Authority {
    /// Its certificate.
    pub(super) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Reads the authority of a directory, or makes it on first use. A new one may also sign the
    /// names in `names`.
    pub(super) fn open(
        directory: &LockedDirectory,
        purpose: Purpose,
        names: &[Name],
        now: SystemTime,
    ) -> Result<Self, TlsError> {
        let Some(pem) = directory.read(CERTIFICATE)? else {
            return Self::create(directory, parameters(purpose, names, now));
        };
        let content = |problem: &str| {
            let path = directory.path(CERTIFICATE);
            TlsError::Content {
                path,
                problem: format!(
                    "{problem}. Delete the directory to make a new certificate authority."
                ),
            }
        };
        let key = directory
            .read_private(KEY)?
            .ok_or_else(|| content("its key, ca-key.pem, is missing"))?;
        let key =
            KeyPair::from_pem(&key).map_err(|_| content("its key, ca-key.pem, is not one"))?;
        let (_, parsed) =
            parse_x509_pem(pem.as_bytes()).map_err(|_| content("is not a certificate"))?;
        let certificate = parsed.parse_x509().map_err(|_| content("is not a certificate"))?;
        if certificate.public_key().raw != key.subject_public_key_info() {
            return Err(content("is not the certificate of ca-key.pem"));
        }
        if pair::ends_within(&certificate, SHORTEST_REST, now) {
            let authority = directory.path(CERTIFICATE);
            tracing::warn!(
                authority = %authority.display(),
                "the certificate authority ends soon, so a new one is made: trust it again"
            );
            return Self::create(directory, parameters(purpose, names, now));
        }
        let issuer = Issuer::from_ca_cert_pem(&pem, key)?;
        Ok(Self { pem, issuer })
    }

    fn create(
        directory: &LockedDirectory,
        parameters: CertificateParams,
    ) -> Result<Self, TlsError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let pem = parameters.self_signed(&key)?.pem();
        // The certificate last: without it, the next start begins anew.
        directory.write_private(KEY, &key.serialize_pem())?;
        directory.write(CERTIFICATE, &pem)?;
        let issuer = Issuer::new(parameters, key);
        Ok(Self { pem, issuer })
    }

    /// Whether clients accept a certificate of this authority for a name.
    pub(super) fn permits(&self, name: &Name) -> bool {
        let parsed = parse_x509_pem(self.pem.as_bytes());
        let Ok((_, parsed)) = parsed else { return false };
        parsed.parse_x509().is_ok_and(|certificate| is_permitted(&certificate, name))
    }

    /// Makes a certificate for a server with these names, and its key: both as PEM.
    pub(super) fn sign(
        &self,
        names: &[Name],
        life: Duration,
        now: SystemTime,
    ) -> Result<(String, String), TlsError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut parameters = CertificateParams::default();
        parameters.subject_alt_names = names.iter().map(Name::subject).collect::<Result<_, _>>()?;
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        let name = names.first().map_or_else(String::new, Name::to_string);
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.not_before = (now - GRACE).into();
        parameters.not_after = (now + life).into();
        parameters.is_ca = IsCa::ExplicitNoCa;
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        parameters.use_authority_key_identifier_extension = true;
        let certificate = parameters.signed_by(&key, &self.issuer)?;
        Ok((certificate.pem() + &self.pem, key.serialize_pem()))
    }
}

/// What a new authority is.
fn parameters(purpose: Purpose, names: &[Name], now: SystemTime) -> CertificateParams {
    let machine = machine_name();
    let host = machine.as_ref().map_or_else(|| "localhost".into(), Name::to_string);
    let date = DateTime::<Utc>::from(now).format("%Y-%m-%d");
    let title = match purpose {
        Purpose::Development => "Runstate development CA",
        Purpose::Impersonation => "Runstate CA that impersonates Microsoft",
    };
    let permitted: Vec<GeneralSubtree> = match purpose {
        Purpose::Development => {
            private_subtrees().chain(machine.iter().chain(names).map(Name::subtree)).collect()
        }
        Purpose::Impersonation => names.iter().map(Name::subtree).collect(),
    };
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    // The date tells apart the authorities of a machine in a list of trusted ones.
    let name = format!("{title} ({host}, {date})");
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.not_before = (now - GRACE).into();
    parameters.not_after = (now + LIFE).into();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters.name_constraints =
        Some(NameConstraints { permitted_subtrees: permitted, excluded_subtrees: Vec::new() });
    parameters
}

/// Whether the constraints of a certificate permit a name.
fn is_permitted(certificate: &X509Certificate<'_>, name: &Name) -> bool {
    let constraints = certificate.extensions().iter().find_map(|it| match it.parsed_extension() {
        ParsedExtension::NameConstraints(constraints) => Some(constraints),
        _ => None,
    });
    let permitted = constraints.and_then(|it| it.permitted_subtrees.as_ref());
    permitted.is_none_or(|permitted| permitted.iter().any(|it| contains(&it.base, name)))
}

/// Whether a subtree contains a name (RFC 5280, 4.2.1.10).
fn contains(subtree: &GeneralName<'_>, name: &Name) -> bool {
    match (subtree, name) {
        (GeneralName::DNSName(domain), Name::Dns(name)) => {
            let name = name.strip_prefix("*.").unwrap_or(name);
            let above = name.strip_suffix(domain);
            above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
        }
        (GeneralName::IPAddress(network), Name::Ip(address)) => match address {
            IpAddr::V4(address) => is_in_network(network, &address.octets()),
            IpAddr::V6(address) => is_in_network(network, &address.octets()),
        },
        _ => false,
    }
}

/// Whether an address is in a network: the address and the mask, one after the other.
fn is_in_network(network: &[u8], address: &[u8]) -> bool {
    let (base, mask) = network.split_at(network.len() / 2);
    base.len() == address.len()
        && address.iter().zip(mask).zip(base).all(|((byte, mask), base)| byte & mask == base & mask)
}

#[cfg(test)]
mod tests {
    use rustls::RootCertStore;
    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::ServerCertVerifier;
    use rustls::crypto::aws_lc_rs::default_provider;
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

    use super::*;

    #[test]
    fn clients_refuse_a_certificate_for_a_name_that_the_authority_may_not_sign() {
        let path = std::env::temp_dir().join(format!("runstate-ca-{}", uuid::Uuid::new_v4()));
        let directory = LockedDirectory::open(&path).unwrap();
        let authority =
            Authority::open(&directory, Purpose::Development, &[], SystemTime::now()).unwrap();
        std::fs::remove_dir_all(path).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.pem.as_bytes()).unwrap()).unwrap();
        let provider = std::sync::Arc::new(default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider);
        let verifier = verifier.build().unwrap();
        let is_accepted = |name: &str| {
            let names = [name.parse().unwrap()];
            let (chain, _) = authority.sign(&names, DAY, SystemTime::now()).unwrap();
            let chain = CertificateDer::pem_slice_iter(chain.as_bytes());
            let chain: Vec<_> = chain.map(Result::unwrap).collect();
            let name = ServerName::try_from(name).unwrap();
            let now = UnixTime::now();
            let verified = verifier.verify_server_cert(&chain[0], &chain[1..], &name, &[], now);
            assert_eq!(verified.is_ok(), authority.permits(&names[0]), "{name:?}: {verified:?}");
            verified.is_ok()
        };
        for name in ["localhost", "a.localhost", "nas.local", "db.internal", "a.b.test"] {
            assert!(is_accepted(name), "{name}");
        }
        for name in ["127.0.0.1", "127.9.9.9", "10.0.0.1", "172.31.0.1", "::1", "fd00::1"] {
            assert!(is_accepted(name), "{name}");
        }
        for name in ["example.com", "login.microsoftonline.com", "local.example", "mylocalhost"] {
            assert!(!is_accepted(name), "{name}");
        }
        for name in ["8.8.8.8", "172.32.0.1", "192.169.0.1", "::2", "2001:db8::1"] {
            assert!(!is_accepted(name), "{name}");
        }
    }
}
