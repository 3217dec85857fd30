//! The state that all endpoints share. Knows no endpoint.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::SetOnce;

use crate::auth::{
    ConsoleClient, FailedSignIns, HashError, Issuers, LocalIssuer, SecretVerifier, ServedTenants,
};
use crate::directory::Directory;
use crate::metrics::{CertificateEnd, Process, Requests, SignIns};
use crate::model::Surface;
use crate::model::permission::Profile;
use crate::store::Store;
use crate::twin::Twin;

/// Everything that the endpoints need.
pub struct Service {
    /// The issuers whose tokens are trusted.
    pub issuers: Issuers,
    /// The permissions that a token must hold.
    pub profile: Profile,
    /// The part of the API that is shown.
    pub surface: Surface,
    /// The rows.
    pub store: Store,
    /// What signing in needs; `None` where the local issuer is not trusted.
    pub sign_in: Option<SignIn>,
    /// The test twin; `None` unless the server is started with it.
    pub twin: Option<Twin>,
    /// The clients by which the console signs users in at configured issuers; `None` where the console
    /// is not served.
    pub console: Option<Vec<ConsoleClient>>,
    /// When the certificate for HTTPS ends; `None` where HTTPS is off.
    pub certificate: Option<CertificateEnd>,
    /// Counts requests.
    pub requests: Requests,
    /// The process, for its metrics.
    pub process: Process,
    is_stopping: AtomicBool,
}

/// The place of a service, which is empty while the server starts.
#[derive(Clone, Default)]
pub struct ServiceSlot(Arc<SetOnce<Arc<Service>>>);

impl ServiceSlot {
    /// Puts the service into its place, and wakes who waits for it. Only the first one counts.
    pub fn fill(&self, service: Arc<Service>) {
        self.0.set(service).ok();
    }

    /// The service, once it is there.
    #[must_use]
    pub fn get(&self) -> Option<&Service> {
        self.0.get().map(AsRef::as_ref)
    }

    /// Waits for the service.
    pub async fn wait(&self) -> &Service {
        self.0.wait().await
    }
}

impl From<Arc<Service>> for ServiceSlot {
    fn from(service: Arc<Service>) -> Self {
        Self(Arc::new(SetOnce::new_with(Some(service))))
    }
}

/// Everything that the endpoints of the local issuer need.
pub struct SignIn {
    /// The issuer, which signs tokens.
    pub issuer: Arc<LocalIssuer>,
    /// Who may sign in.
    pub directory: Directory,
    /// Verifies passwords and secrets.
    pub secrets: SecretVerifier,
    /// The tenants whose users may sign in.
    pub served: ServedTenants,
    /// Limits failed sign-ins.
    pub failed: FailedSignIns,
    /// Counts sign-ins.
    pub sign_ins: SignIns,
}

impl Service {
    /// A service that has not been told to stop.
    #[must_use]
    pub fn new(issuers: Issuers, profile: Profile, surface: Surface, store: Store) -> Self {
        let is_stopping = AtomicBool::new(false);
        Self {
            issuers,
            profile,
            surface,
            store,
            sign_in: None,
            twin: None,
            console: None,
            certificate: None,
            requests: Requests::default(),
            process: Process::default(),
            is_stopping,
        }
    }

    /// The same service, where one can sign in at the local issuer.
    ///
    /// # Errors
    /// If the system has no random numbers.
    pub fn with_sign_in(self, issuer: Arc<LocalIssuer>) -> Result<Self, HashError> {
        let directory = Directory::new(self.store.connections().clone());
        let secrets = SecretVerifier::new()?;
        let (served, failed) = (self.issuers.served().clone(), FailedSignIns::default());
        let sign_ins = SignIns::default();
        let sign_in = SignIn { issuer, directory, secrets, served, failed, sign_ins };
        Ok(Self { sign_in: Some(sign_in), ..self })
    }

    /// The same service with a test twin.
    #[must_use]
    pub fn with_twin(self, twin: Twin) -> Self {
        Self { twin: Some(twin), ..self }
    }

    /// The same service with the console, which signs users in by these clients too.
    #[must_use]
    pub fn with_console(self, clients: Vec<ConsoleClient>) -> Self {
        Self { console: Some(clients), ..self }
    }

    /// The same service, which shows when its certificate ends.
    #[must_use]
    pub fn with_certificate(self, end: CertificateEnd) -> Self {
        Self { certificate: Some(end), ..self }
    }

    /// Tells the service that the server stops soon. It still answers as before, but `/health` says
    /// so, and new requests go elsewhere.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Whether the service has been told to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }
}
