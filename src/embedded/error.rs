//! What can keep the PostgreSQL of our own from running, in sentences for the operator.

use std::io;
use std::path::{Path, PathBuf};

/// Why the embedded PostgreSQL does not run.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// Neither installed nor downloaded programs of a fitting version.
    #[error(
        "{wanted} is needed and not installed here ({found}), and it could not be downloaded: \
         {cause}. Three ways out: install it (for example `apt-get install {package}`), or set \
         DATABASE_URL to a PostgreSQL server that already runs, or use `docker compose up`"
    )]
    NoPrograms {
        /// The product, with its major version where a cluster demands one.
        wanted: String,
        /// Which versions are installed instead.
        found: String,
        /// Why the download failed.
        cause: String,
        /// The package to install on Debian.
        package: String,
    },
    /// Another server holds the directory.
    #[error(
        "the database in {directory} is in use by another server{}; stop that one, or choose \
         another directory",
        holder.as_ref().map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    InUse {
        /// The directory that both want.
        directory: PathBuf,
        /// The process that holds it, where it said so.
        holder: Option<String>,
    },
    /// The directory holds files, but not ours.
    #[error("{directory} holds other files, but no database of this server; choose another one")]
    Foreign {
        /// The directory that was given.
        directory: PathBuf,
    },
    /// The directory is a link to nowhere.
    #[error(
        "{directory} is a link to {target}, where the database used to be, but which does not \
         exist; bring it back, or remove the link to start with an empty database"
    )]
    LinkBroken {
        /// The directory that was given.
        directory: PathBuf,
        /// Where it points.
        target: PathBuf,
    },
    /// The files belong to a user as whom PostgreSQL cannot be run.
    #[error("{directory} belongs to user id {uid}, so that PostgreSQL cannot run on it as {user}")]
    NotOurs {
        /// The directory of the database.
        directory: PathBuf,
        /// Who owns it.
        uid: u32,
        /// As whom PostgreSQL would run.
        user: String,
    },
    /// The user as whom PostgreSQL runs cannot reach its files.
    #[error(
        "PostgreSQL runs as the user `{user}`, who may not enter {directory}; permit it, or move \
         the directory to a place that this user may enter"
    )]
    Unreachable {
        /// The directory of the database.
        directory: PathBuf,
        /// As whom PostgreSQL runs.
        user: String,
    },
    /// No account that PostgreSQL accepts.
    #[error(
        "PostgreSQL refuses to run as {user}; run the server as an ordinary user that has an \
         entry in /etc/passwd, or create the user `postgres`"
    )]
    NoAccount {
        /// The user that does not do.
        user: String,
    },
    /// The database is there, the password to it is not.
    #[error("the password of the database is missing: {path} cannot be read ({source})")]
    PasswordMissing {
        /// Where the password is kept.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// `initdb` failed.
    #[error("initdb could not make a database in {directory}; it said:\n{log}")]
    InitdbFailed {
        /// The directory of the database.
        directory: PathBuf,
        /// The last lines of its output.
        log: String,
    },
    /// `postgres` did not come up.
    #[error("PostgreSQL in {directory} does not accept connections: {cause}. Its log ends:\n{log}")]
    NotReady {
        /// The directory of the database.
        directory: PathBuf,
        /// What the last attempt met.
        cause: String,
        /// The last lines of its log.
        log: String,
    },
    /// PostgreSQL runs, but refused what the start needs of it.
    #[error("the database `runstate` could not be made: {0}")]
    Database(#[from] sqlx::Error),
    /// The system refused something.
    #[error("could not {action} {path}: {source}")]
    System {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

pub(super) type Result<T> = std::result::Result<T, EmbeddedError>;

/// Says of a refusal of the system what was tried, and on what.
pub(super) trait Trying<T> {
    fn trying(self, action: &'static str, path: &Path) -> Result<T>;
}

impl<T> Trying<T> for io::Result<T> {
    fn trying(self, action: &'static str, path: &Path) -> Result<T> {
        self.map_err(|source| EmbeddedError::System { action, path: path.to_owned(), source })
    }
}
