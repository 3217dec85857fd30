//! `ca-bundle.pem`: the system's certificate authorities and those of the data directory. Variables such as
//! `SSL_CERT_FILE` replace the system's authorities, so the file has to contain them.

use std::fs;

/// The system's authorities in one file, in the places of the systems: Debian, Alpine and Arch;
/// Fedora and RHEL; SUSE; macOS and OpenBSD.
const SYSTEM_BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The system's authorities and these. A system without a bundle trusts none of its own.
pub(super) fn with(authorities: &[&str]) -> String {
    let system = SYSTEM_BUNDLES.iter().find_map(|path| fs::read_to_string(path).ok());
    let mut bundle = system.unwrap_or_default();
    for authority in authorities {
        if !bundle.is_empty() && !bundle.ends_with('\n') {
            bundle.push('\n');
        }
        bundle += authority;
    }
    bundle
}
