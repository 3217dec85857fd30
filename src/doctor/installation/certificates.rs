//! The certificate for HTTPS and the development authority: whether they can be used, and when they end.

use std::time::{Duration, SystemTime};

use super::Installation;
use crate::findings::{Finding, time};
use crate::tls::{Certificates, Development, Source, certificate_end};

/// How long before its end a certificate should have been renewed, as the alert has it.
const RENEWED_BEFORE_END: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// The certificate for HTTPS.
pub(super) fn certificate(installation: &Installation<'_>) -> Finding {
    let settings = installation.settings;
    if settings.tls_address().is_none() {
        return Finding::ok("HTTPS is off");
    }
    let (Some(certificate), Some(key)) = (&settings.tls.certificate, &settings.tls.key) else {
        return Finding::ok("HTTPS has a development certificate, which the server renews");
    };
    let source = Source::Files { certificate: certificate.clone(), key: key.clone() };
    let usable = Certificates::open(source, None).and_then(|_| certificate_end(certificate));
    let file = certificate.display();
    match usable.map(left) {
        Err(error) => Finding::fail(
            format!("cannot be used: {error}"),
            "Correct RUNSTATE_TLS_CERT and RUNSTATE_TLS_KEY; a running server keeps the old pair.",
        ),
        Ok(None) => Finding::fail(
            format!("{file} has ended"),
            "Renew it; a running server reads the file again by itself.",
        ),
        Ok(Some(left)) if left < RENEWED_BEFORE_END => Finding::warn(
            format!("{file} ends in {}", time(left)),
            "Renew it; a running server reads the file again by itself.",
        ),
        Ok(Some(left)) => Finding::ok(format!("{file} ends in {}", time(left))),
    }
}

/// The development certificate authority.
pub(super) fn authority(installation: &Installation<'_>) -> Finding {
    let file = Development::new(&installation.settings.data_dir, None, &[]).certificate_file();
    if !file.exists() {
        return Finding::ok("there is no development authority in the data directory");
    }
    match certificate_end(&file).map(left) {
        Ok(Some(left)) => Finding::ok(format!("{} ends in {}", file.display(), time(left))),
        Ok(None) => Finding::warn(
            format!("{} has ended", file.display()),
            "Restart the server, which makes a new one, and run `runstate trust` again.",
        ),
        Err(error) => Finding::fail(
            format!("cannot be used: {error}"),
            "Restore the file, or delete its directory and run `runstate trust` again.",
        ),
    }
}

/// Whether there are certificates for hosts of Microsoft.
pub(super) fn impersonation(installation: &Installation<'_>) -> Finding {
    match installation.settings.tls.impersonate_microsoft {
        false => Finding::ok("off"),
        true => Finding::warn(
            "on: the server has certificates for hosts of Microsoft",
            "Trust their authority only in programs that must use this server.",
        ),
    }
}

/// The time until an end; `None` after it.
fn left(end: SystemTime) -> Option<Duration> {
    end.duration_since(SystemTime::now()).ok()
}
