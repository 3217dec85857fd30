//! The file with the tenants that the server serves: a GUID on each line, and comments that begin with
//! `#`; or the file of all parts, which is a map of `HAProxy`. It is read again from time to time and on
//! SIGHUP. One that cannot be used changes nothing.

use std::collections::{HashMap, HashSet};
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
    #[error("{path}, line {line}: '{text}' is not a tenant, or a domain, and its part")]
    Entry { path: PathBuf, line: usize, text: String },
    #[error("{path}, line {line}: the tenant {tenant} is on line {first} already")]
    Twice { path: PathBuf, line: usize, tenant: Uuid, first: usize },
    /// An empty file is more likely a mistake than the wish to serve nobody.
    #[error("{path} names no tenant")]
    Empty { path: PathBuf },
    /// So is a part that no tenant has: its server would refuse everybody.
    #[error("{path} has no tenant of the part '{part}', so the server would serve nobody")]
    PartUnknown { path: PathBuf, part: String },
}

/// The file of a running server.
#[derive(Debug)]
pub struct TenantFile {
    path: PathBuf,
    /// The part of the server, if the file has those of all.
    part: Option<String>,
    list: watch::Sender<Arc<HashSet<Uuid>>>,
    /// Why the last attempt to read failed, if it did.
    failure: Option<String>,
}

impl TenantFile {
    /// Reads the file for the first time.
    ///
    /// # Errors
    /// If it cannot be used, or no tenant has the part.
    pub async fn open(path: PathBuf, part: Option<String>) -> Result<Self, TenantFileError> {
        let tenants = read(&path, part.as_deref()).await?;
        if let (Some(part), true) = (&part, tenants.is_empty()) {
            return Err(TenantFileError::PartUnknown { path, part: part.clone() });
        }
        let list = watch::Sender::new(Arc::new(tenants));
        Ok(Self { path, part, list, failure: None })
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
        match read(&self.path, self.part.as_deref()).await {
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
                match has_changed {
                    // The last tenant of the part was moved, or its name was changed by mistake.
                    true if count == 0 => tracing::warn!(
                        part = self.part,
                        "the list of tenants has changed, and this part has none: all are refused"
                    ),
                    true => tracing::info!(tenants = count, "the list of tenants has changed"),
                    false => {}
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

async fn read(path: &Path, part: Option<&str>) -> Result<HashSet<Uuid>, TenantFileError> {
    let text = fs::read_to_string(path).await;
    let text = text.map_err(|cause| TenantFileError::Read { path: path.to_owned(), cause })?;
    match part {
        None => listed(path, &text),
        Some(part) => of_part(path, &text, part),
    }
}

/// The tenants of a list.
fn listed(path: &Path, text: &str) -> Result<HashSet<Uuid>, TenantFileError> {
    let named = || path.to_owned();
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

/// The tenants of a part, by the file of all parts: on each line a tenant, or one of its domains, and its
/// part. A tenant has one line, so it has one part.
fn of_part(path: &Path, text: &str, part: &str) -> Result<HashSet<Uuid>, TenantFileError> {
    let named = || path.to_owned();
    let (mut lines, mut own) = (HashMap::new(), HashSet::new());
    for (line, content) in (1..).zip(text.lines().map(str::trim)) {
        // As HAProxy has it: `#` elsewhere would belong to the name of the part.
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let wrong = || TenantFileError::Entry { path: named(), line, text: content.into() };
        let words: Vec<&str> = content.split_whitespace().collect();
        let [key, of] = words[..] else { return Err(wrong()) };
        let tenant = match Uuid::try_parse(key) {
            Ok(tenant) => tenant,
            // The directory has the tenant of a domain; HAProxy reads this line.
            Err(_) if key.contains('.') => continue,
            Err(_) => return Err(wrong()),
        };
        if let Some(first) = lines.insert(tenant, line) {
            return Err(TenantFileError::Twice { path: named(), line, tenant, first });
        }
        if of == part {
            own.insert(tenant);
        }
    }
    match lines.is_empty() {
        true => Err(TenantFileError::Empty { path: named() }),
        false => Ok(own),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_has_one_part() {
        let [one, two] = [Uuid::from_u128(1), Uuid::from_u128(2)];
        let read = |text: &str, part: &str| {
            let read = of_part(Path::new("map"), text, part);
            read.map_err(|error| error.to_string())
        };
        let map = format!("# all parts\n{one} part1\n\n {two}\tpart2\nfabrikam.example part2\n");
        assert_eq!(read(&map, "part1"), Ok([one].into()));
        assert_eq!(read(&map, "part2"), Ok([two].into()));
        assert_eq!(read(&map, "part"), Ok([].into()));
        let upper = two.to_string().to_uppercase();
        for (line, error) in [
            (format!("{two} part1"), format!("the tenant {two} is on line 4 already")),
            (format!("{upper} part2"), format!("the tenant {two} is on line 4 already")),
            (one.to_string(), format!("'{one}' is not a tenant, or a domain, and its part")),
            ("a b".into(), "'a b' is not a tenant, or a domain, and its part".into()),
            (
                "a.b part1 # it".into(),
                "'a.b part1 # it' is not a tenant, or a domain, and its part".into(),
            ),
        ] {
            let read = read(&format!("{map}{line}\n"), "part1");
            assert_eq!(read, Err(format!("map, line 6: {error}")));
        }
        assert_eq!(read("# none\na.b part1\n", "part1"), Err("map names no tenant".into()));
    }

    #[tokio::test]
    async fn a_changed_file_is_used_and_an_unusable_one_is_not() {
        let path = std::env::temp_dir().join(format!("runstate-tenants-{}", Uuid::new_v4()));
        let [one, two] = [Uuid::from_u128(1), Uuid::from_u128(2)];
        let write = |text: &str| std::fs::write(&path, text).unwrap();
        write(&format!("# of part 1\n{one}  # contoso\n\n"));
        let mut file = TenantFile::open(path.clone(), None).await.unwrap();
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
