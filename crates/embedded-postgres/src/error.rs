//! Everything that can keep PostgreSQL from running, in sentences for the operator.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::not_installed::NotInstalled;

/// Why the embedded PostgreSQL does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The name of the application is not one that needs no quoting.
    #[error(
        "{name:?} cannot be the name of an application: use at most 15 lower-case letters, digits \
         and underscores, with a letter first and not `pg_`"
    )]
    InvalidName {
        /// The name that was given.
        name: String,
    },
    /// PostgreSQL's programs are not installed, or in no suitable version.
    #[error(transparent)]
    NotInstalled(#[from] NotInstalled),
    /// There is no cluster to upgrade.
    #[error("there is no database in {directory}")]
    NoCluster {
        /// The directory that was given.
        directory: PathBuf,
    },
    /// No programs to which the cluster could be upgraded.
    #[error(
        "the database is of PostgreSQL {major}, and {} (found: {})",
        to.map_or("no newer version is installed".to_owned(), |to| match to > *major {
            true => format!("PostgreSQL {to} is not installed"),
            false => format!("{to} is not newer"),
        }),
        list(found)
    )]
    NothingNewer {
        /// The version of the cluster.
        major: u32,
        /// The version that was asked for.
        to: Option<u32>,
        /// The versions that are installed.
        found: Vec<u32>,
    },
    /// An earlier upgrade kept a cluster where this one would keep its own.
    #[error("{path} is a database that an earlier upgrade kept; move it away, or remove it")]
    KeptBefore {
        /// Where it is.
        path: PathBuf,
    },
    /// Another server holds the directory.
    #[error(
        "the database in {directory} is in use by another server{}; stop it, or choose another \
         directory",
        holder.as_ref().map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    InUse {
        /// The directory of the database.
        directory: PathBuf,
        /// The process that holds it, if known.
        holder: Option<String>,
    },
    /// The directory contains files that are not of a cluster.
    #[error("{directory} contains other files and no database; choose another directory")]
    Foreign {
        /// The directory that was given.
        directory: PathBuf,
    },
    /// The directory is a link whose target does not exist.
    #[error(
        "{directory} is a link to {target}, where the database was, but which does not exist; \
         restore it, or remove the link to start with an empty database"
    )]
    LinkBroken {
        /// The directory that was given.
        directory: PathBuf,
        /// Where it points.
        target: PathBuf,
    },
    /// The files belong to another user than PostgreSQL would run as.
    #[error("{directory} belongs to user id {uid}, so that PostgreSQL cannot run on it as {user}")]
    NotOurs {
        /// The directory of the database.
        directory: PathBuf,
        /// Its owner.
        uid: u32,
        /// The user that PostgreSQL would run as.
        user: String,
    },
    /// The user that PostgreSQL runs as cannot reach its files.
    #[error(
        "PostgreSQL runs as the user `{user}`, who may not enter {directory}; give this user \
         access, or move the directory"
    )]
    Unreachable {
        /// The directory of the database.
        directory: PathBuf,
        /// The user that PostgreSQL runs as.
        user: String,
    },
    /// No account that PostgreSQL accepts.
    #[error(
        "PostgreSQL refuses to run as {user}; run the application as an ordinary user with an \
         entry in /etc/passwd, or create the user `postgres`"
    )]
    NoAccount {
        /// The user that PostgreSQL refuses.
        user: String,
    },
    /// The database exists, its password does not.
    #[error("the password of the database is missing: {path} cannot be read ({source})")]
    PasswordMissing {
        /// Where the password is kept.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// `initdb` failed.
    #[error("initdb could not create a database in {directory}; it said:\n{log}")]
    InitdbFailed {
        /// The directory of the database.
        directory: PathBuf,
        /// The last lines of its output.
        log: String,
    },
    /// `postgres` did not become ready.
    #[error("PostgreSQL in {directory} does not accept connections: {cause}. Its log ends:\n{log}")]
    NotReady {
        /// The directory of the database.
        directory: PathBuf,
        /// The failure of the last attempt.
        cause: String,
        /// The last lines of its log.
        log: String,
    },
    /// PostgreSQL runs, but did not create the database of the application.
    #[error("the database of the application could not be created: {0}")]
    Database(#[from] sqlx::Error),
    /// The system refused something.
    #[error("could not {action} {path}: {source}")]
    System {
        /// What was tried.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Versions, each once.
fn list(majors: &[u32]) -> String {
    let majors: BTreeSet<u32> = majors.iter().copied().collect();
    match majors.is_empty() {
        true => "none".into(),
        false => majors.iter().map(u32::to_string).collect::<Vec<_>>().join(", "),
    }
}

pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Adds to an error of the system what was tried, on which file.
pub(crate) trait IoContext<T> {
    fn context(self, action: &'static str, path: &Path) -> Result<T>;
}

impl<T> IoContext<T> for io::Result<T> {
    fn context(self, action: &'static str, path: &Path) -> Result<T> {
        self.map_err(|source| Error::System { action, path: path.to_owned(), source })
    }
}
