//! The file with the tenants that the server serves: a GUID on each line, and comments that begin with
//! `#`. It is read again from time to time and on SIGHUP. One that cannot be used changes nothing.

use std::collections::HashSet;
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::fs;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time;
use uuid::Uuid;

use super::ServedTenants;

/// The time from one reading of the file to the next.
const INTERVAL: Duration = Duration::from_secs(2);

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TenantFileError {
    #[error("cannot read the file of tenants {path}: {cause}")]
    Read {
        path: PathBuf,
        #[source]
        cause: io::Error,
    },
    #[error("{path}, line {line}: '{text}' is not a GUID")]
    Line { path: PathBuf, line: usize, text: String },
    /// An empty file is more likely a mistake than the wish to serve nobody.
    #[error("{path} names no tenant")]
    Empty { path: PathBuf },
}

/// The file of a running server.
#[derive(Debug)]
pub struct TenantFile {
    path: PathBuf,
    list: watch::Sender<Arc<HashSet<Uuid>>>,
    /// Why the last attempt to read failed, if it did.
    failure: Option<String>,
}

impl TenantFile {
    /// Reads the file for the first time.
    ///
    /// # Errors
    /// If it cannot be used.
    pub async fn open(path: PathBuf) -> Result<Self, TenantFileError> {
        let list = watch::Sender::new(Arc::new(read(&path).await?));
        Ok(Self { path, list, failure: None })
    }

    /// The tenants, which change with the file.
    #[must_use]
    pub fn served(&self) -> ServedTenants {
        ServedTenants::watched(self.list.subscribe())
    }

    /// Keeps the list current, for as long as the future is polled.
    ///
    /// # Errors
    /// If SIGHUP cannot be received.
    pub fn keep_current(mut self) -> io::Result<impl Future<Output = ()> + Send> {
        let mut hangup = signal(SignalKind::hangup())?;
        Ok(async move {
            loop {
                tokio::select! {
                    () = time::sleep(INTERVAL) => {}
                    _ = hangup.recv() => {}
                }
                self.refresh().await;
            }
        })
    }

    async fn refresh(&mut self) {
        match read(&self.path).await {
            Ok(tenants) => {
                self.failure = None;
                let count = tenants.len();
                let has_changed = self.list.send_if_modified(|list| {
                    let has_changed = **list != tenants;
                    if has_changed {
                        *list = Arc::new(tenants);
                    }
                    has_changed
                });
                if has_changed {
                    tracing::info!(tenants = count, "the list of tenants has changed");
                }
            }
            Err(error) => self.report(error.to_string()),
        }
    }

    /// Logs a failure once.
    fn report(&mut self, failure: String) {
        if self.failure.as_ref() != Some(&failure) {
            tracing::error!(
                error = failure,
                "the file of tenants cannot be used, the old list stays"
            );
            self.failure = Some(failure);
        }
    }
}

async fn read(path: &Path) -> Result<HashSet<Uuid>, TenantFileError> {
    let named = || path.to_owned();
    let text = fs::read_to_string(path).await;
    let text = text.map_err(|cause| TenantFileError::Read { path: named(), cause })?;
    let mut tenants = HashSet::new();
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.split('#').next().unwrap_or_default().trim();
        if content.is_empty() {
            continue;
        }
        let wrong = |_| TenantFileError::Line { path: named(), line, text: content.into() };
        tenants.insert(Uuid::try_parse(content).map_err(wrong)?);
    }
    match tenants.is_empty() {
        true => Err(TenantFileError::Empty { path: named() }),
        false => Ok(tenants),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_changed_file_is_used_and_an_unusable_one_is_not() {
        let path = std::env::temp_dir().join(format!("runstate-tenants-{}", Uuid::new_v4()));
        let [one, two] = [Uuid::from_u128(1), Uuid::from_u128(2)];
        let write = |text: &str| std::fs::write(&path, text).unwrap();
        write(&format!("# of part 1\n{one}  # contoso\n\n"));
        let mut file = TenantFile::open(path.clone()).await.unwrap();
        let served = file.served();
        assert!(served.contains(one) && !served.contains(two));
        write(&format!("{two}\n"));
        file.refresh().await;
        assert!(!served.contains(one) && served.contains(two));
        for (wrong, reason) in [
            ("", "names no tenant"),
            ("# none\n", "names no tenant"),
            ("contoso.example\n", "line 1: 'contoso.example' is not a GUID"),
            (&format!("{one}\n{one} {two}\n"), "line 2: "),
        ] {
            write(wrong);
            file.refresh().await;
            assert!(file.failure.as_ref().unwrap().contains(reason), "{:?}", file.failure);
            assert!(!served.contains(one) && served.contains(two));
        }
        std::fs::remove_file(&path).unwrap();
        file.refresh().await;
        assert!(file.failure.as_ref().unwrap().contains("cannot read the file of tenants"));
        assert!(served.contains(two));
        write(&format!("{one}\n{two}"));
        file.refresh().await;
        assert!(served.contains(one) && served.contains(two) && file.failure.is_none());
        std::fs::remove_file(&path).unwrap();
    }
}
