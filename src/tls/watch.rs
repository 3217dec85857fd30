//! Keeps the certificate of a running server current: it is read again from time to time and on
//! SIGHUP. Connections that are open go on with the certificate that they have.

use std::future::{Future, pending};
use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use rustls::ServerConfig;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use super::end::first_end;
use super::pair::Pair;
use super::server::{self, ByName};
use super::{Development, Source, TlsError};
use crate::metrics::CertificateEnd;

/// Where the certificates come from: that for all names, and that for the names of Microsoft.
#[derive(Clone)]
struct Sources {
    usual: Source,
    microsoft: Option<Source>,
}

/// The certificates that are in use.
#[derive(PartialEq, Eq, Clone)]
struct Pairs {
    usual: Pair,
    microsoft: Option<Pair>,
}

/// The certificate of a running server.
pub struct Certificates {
    sources: Sources,
    pairs: Pairs,
    config: watch::Sender<Arc<ServerConfig>>,
    /// When the certificate for all names ends.
    end: CertificateEnd,
    /// Why the last attempt to read failed, if it did.
    failure: Option<String>,
}

impl Certificates {
    /// Reads the certificate for the first time. `microsoft` is for the names of Microsoft, if the
    /// server impersonates them.
    ///
    /// # Errors
    /// If there is none that a server can use.
    pub fn open(usual: Source, microsoft: Option<Development>) -> Result<Self, TlsError> {
        let sources = Sources { usual, microsoft: microsoft.map(Source::Development) };
        let pairs = sources.read()?;
        let config = watch::Sender::new(sources.config(&pairs)?);
        let certificates =
            Self { sources, pairs, config, end: CertificateEnd::default(), failure: None };
        certificates.note_end();
        Ok(certificates)
    }

    /// When the certificate ends, for the metrics; it changes with the certificate.
    #[must_use]
    pub fn end(&self) -> CertificateEnd {
        self.end.clone()
    }

    fn note_end(&self) {
        if let Some(end) = first_end(&self.pairs.usual.certificates) {
            self.end.set(end);
        }
    }

    /// The configuration for new connections, which changes with the certificate.
    #[must_use]
    pub fn config(&self) -> watch::Receiver<Arc<ServerConfig>> {
        self.config.subscribe()
    }

    /// Keeps the certificate current, for as long as the future is polled. Own files are read on
    /// SIGHUP as well; otherwise the signal ends the program, as when its terminal closes.
    ///
    /// # Errors
    /// If the signal cannot be received.
    pub fn keep_current(mut self) -> io::Result<impl Future<Output = ()> + Send> {
        let mut hangup = match self.sources.usual {
            Source::Files { .. } => Some(signal(SignalKind::hangup())?),
            Source::Development(_) => None,
        };
        Ok(async move {
            loop {
                tokio::select! {
                    () = tokio::time::sleep(self.sources.usual.interval()) => {}
                    () = received(&mut hangup) => {}
                }
                self.refresh().await;
            }
        })
    }

    /// Reads the certificate again. One that cannot be used changes nothing.
    async fn refresh(&mut self) {
        let (sources, old) = (self.sources.clone(), self.pairs.clone());
        let loaded = spawn_blocking(move || {
            let pairs = sources.read()?;
            match pairs == old {
                true => Ok(None),
                false => sources.config(&pairs).map(|config| Some((pairs, config))),
            }
        });
        match loaded.await {
            Ok(Ok(None)) => self.failure = None,
            Ok(Ok(Some((pairs, config)))) => {
                (self.pairs, self.failure) = (pairs, None);
                self.note_end();
                self.config.send_replace(config);
                tracing::info!("a new certificate is used for new connections");
            }
            Ok(Err(error)) => self.report(&error.to_string()),
            Err(error) => self.report(&error.to_string()),
        }
    }

    /// Logs a failure once.
    fn report(&mut self, failure: &str) {
        if self.failure.as_deref() != Some(failure) {
            tracing::error!(
                error = failure,
                "the certificate cannot be read again, the old one stays"
            );
            self.failure = Some(failure.to_owned());
        }
    }
}

async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => pending().await,
    }
}

impl Sources {
    fn read(&self) -> Result<Pairs, TlsError> {
        let now = SystemTime::now();
        let usual = self.usual.read(now)?;
        let microsoft = self.microsoft.as_ref().map(|source| source.read(now)).transpose()?;
        Ok(Pairs { usual, microsoft })
    }

    fn config(&self, pairs: &Pairs) -> Result<Arc<ServerConfig>, TlsError> {
        let certified = |source: &Source, pair: &Pair| {
            let key = pair.certified_key();
            let key = key.map_err(|problem| TlsError::Content { path: source.file(), problem });
            key.map(Arc::new)
        };
        let usual = certified(&self.usual, &pairs.usual)?;
        let microsoft = self.microsoft.as_ref().zip(pairs.microsoft.as_ref());
        let microsoft = microsoft.map(|(source, pair)| certified(source, pair)).transpose()?;
        Ok(server::config(ByName { usual, microsoft })?)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    #[tokio::test]
    async fn a_changed_file_is_used_and_an_unusable_one_is_not() {
        let directory = std::env::temp_dir().join(format!("runstate-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&directory).unwrap();
        let [certificate, key] = ["a.pem", "a.key"].map(|name| directory.join(name));
        let write = |name: &str, year| {
            let mut parameters = CertificateParams::new([name.to_owned()]).unwrap();
            parameters.not_after = date_time_ymd(year, 1, 1);
            let made = KeyPair::generate().unwrap();
            fs::write(&certificate, parameters.self_signed(&made).unwrap().pem()).unwrap();
            fs::write(&key, made.serialize_pem()).unwrap();
        };
        write("one.test", 2100);
        let source = Source::Files { certificate: certificate.clone(), key: key.clone() };
        let mut certificates = Certificates::open(source, None).unwrap();
        let (mut config, end) = (certificates.config(), certificates.end());
        assert_eq!(end.seconds(), 4_102_444_800.0);
        certificates.refresh().await;
        assert!(!config.has_changed().unwrap());
        write("two.test", 2101);
        certificates.refresh().await;
        assert_eq!(end.seconds(), 4_133_980_800.0);
        assert!(config.has_changed().unwrap());
        config.mark_unchanged();
        // A certificate without its key, as between the two writes of a renewal.
        let made = rcgen::generate_simple_self_signed(["three.test".to_owned()]).unwrap();
        fs::write(&certificate, made.cert.pem()).unwrap();
        certificates.refresh().await;
        assert!(!config.has_changed().unwrap());
        let failure = certificates.failure.clone().unwrap();
        assert!(failure.contains("a.pem: the certificate and the key cannot be used"), "{failure}");
        fs::remove_file(&key).unwrap();
        certificates.refresh().await;
        assert!(certificates.failure.as_ref().unwrap().contains("a.key: No such file"));
        fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        certificates.refresh().await;
        assert!(config.has_changed().unwrap() && certificates.failure.is_none());
        fs::remove_dir_all(directory).unwrap();
    }
}
