//! One database cluster: its files, how `initdb` makes it, how `postgres` is called on it, and
//! how one connects. Knows nothing of how long it runs.

use super::error::{EmbeddedError, Result, Trying};
use super::files;
use super::home::Home;
use super::owner::Owner;
use super::private::PrivateDirectory;
use super::programs::Programs;
use super::supervisor::Job;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// The superuser and, in a cluster that stays, the database.
pub(super) const NAME: &str = "runstate";

const UNFINISHED: &str = "data.new-";
const INITDB_LIMIT: Duration = Duration::from_secs(120);

/// The paths of a cluster, and what keeps them ours.
#[derive(Debug)]
pub(super) struct Cluster {
    pub(super) owner: Owner,
    pub(super) data: PathBuf,
    pub(super) log: PathBuf,
    directory: PathBuf,
    password: PathBuf,
    temporary: bool,
    // Dropped in this order: the lock goes last.
    sockets: PrivateDirectory,
    _home: Option<Home>,
}

impl Cluster {
    /// A cluster that stays, in a directory that is ours.
    pub(super) fn lasting(home: Home) -> Result<Self> {
        let sockets = PrivateDirectory::create(&home.owner)?;
        Ok(Self::at(home.path.clone(), home.owner.clone(), sockets, Some(home)))
    }

    /// A cluster that goes with the private directory in which it is.
    pub(super) fn temporary(owner: Owner) -> Result<Self> {
        let sockets = PrivateDirectory::create(&owner)?;
        Ok(Self::at(sockets.path.clone(), owner, sockets, None))
    }

    fn at(path: PathBuf, owner: Owner, sockets: PrivateDirectory, home: Option<Home>) -> Self {
        Self {
            owner,
            data: path.join("data"),
            log: path.join("postgres.log"),
            password: path.join("password"),
            directory: path,
            temporary: home.is_none(),
            sockets,
            _home: home,
        }
    }

    /// Where the socket lies.
    pub(super) fn sockets(&self) -> &Path {
        &self.sockets.path
    }

    /// Makes the cluster where it is absent, and the files that a start makes anew.
    pub(super) fn prepare(&self, programs: &Programs) -> Result<()> {
        files::write(&self.log, "", 0o600, &self.owner)?;
        self.remove_unfinished()?;
        if !self.data.exists() {
            self.initialize(programs)?;
        }
        self.write_psql(programs)
    }

    /// Removes what an `initdb` left that did not come to its end.
    fn remove_unfinished(&self) -> Result<()> {
        let entries = fs::read_dir(&self.directory).trying("read", &self.directory)?;
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                files::remove_directory(&entry.path()).trying("remove", &entry.path())?;
            }
        }
        Ok(())
    }

    /// Under another name until all is done, so that half a cluster is never taken for one.
    fn initialize(&self, programs: &Programs) -> Result<()> {
        let random = Uuid::new_v4().simple();
        files::write(&self.password, &format!("{random}\n"), 0o600, &self.owner)?;
        let new = self.directory.join(format!("{UNFINISHED}{random:.8}"));
        let mut arguments: Vec<OsString> = vec!["-D".into(), new.clone().into()];
        arguments.extend(["--pwfile".into(), self.password.clone().into()]);
        arguments.extend(["--username", NAME].map(Into::into));
        arguments.extend(["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"].map(Into::into));
        if self.temporary {
            arguments.push("--no-sync".into());
        }
        let leftover = if self.temporary { self.directory.clone() } else { new.clone() };
        let job = self.job(programs.path("initdb"), arguments, leftover);
        if !finished(&job).trying("run", &job.program)? {
            let directory = self.directory.clone();
            let log = files::tail(&self.log);
            drop(files::remove_directory(&new));
            return Err(EmbeddedError::InitdbFailed { directory, log });
        }
        fs::rename(&new, &self.data).trying("create", &self.data)?;
        let made = File::open(&self.directory).and_then(|directory| directory.sync_all());
        made.trying("flush", &self.directory)
    }

    /// A script that opens `psql` on the running database, for the owner of the data.
    fn write_psql(&self, programs: &Programs) -> Result<()> {
        let quoted =
            |path: &Path| format!("'{}'", path.display().to_string().replace('\'', "'\\''"));
        let installed = programs.path("psql");
        let psql = if installed.is_file() { quoted(&installed) } else { "psql".into() };
        let text = format!(
            "#!/bin/sh\n\
             # Opens psql on the database of the running server; each start writes this anew.\n\
             PGPASSWORD=$(cat {password}) || exit\n\
             export PGPASSWORD\n\
             exec {psql} -h {sockets} -p 5432 -U {NAME} -d {database} \"$@\"\n",
            password = quoted(&self.password),
            sockets = quoted(self.sockets()),
            database = self.database(),
        );
        files::write(&self.directory.join("psql.sh"), &text, 0o700, &self.owner)
    }

    /// How `postgres` is called.
    pub(super) fn postgres(&self, programs: &Programs) -> Job {
        let sockets = self.sockets().display();
        let durable = if self.temporary { "off" } else { "on" };
        let mut settings = vec![
            "listen_addresses=".to_owned(),
            "port=5432".to_owned(),
            format!("unix_socket_directories=\"{sockets}\""),
            "unix_socket_permissions=0700".to_owned(),
            "max_connections=100".to_owned(),
            "logging_collector=off".to_owned(),
            // Errors are told to whoever caused them; in the log they would grow without bounds.
            "log_min_messages=log".to_owned(),
            "log_checkpoints=off".to_owned(),
        ];
        settings.extend(
            ["fsync", "synchronous_commit", "full_page_writes"]
                .map(|name| format!("{name}={durable}")),
        );
        // After a crash, one call instead of one for each of a thousand files: seconds on a busy disk.
        if cfg!(target_os = "linux") && programs.major >= 14 {
            settings.push("recovery_init_sync_method=syncfs".to_owned());
        }
        if !self.temporary {
            settings.push("shared_buffers=128MB".to_owned());
        }
        let mut arguments: Vec<OsString> = vec!["-D".into(), self.data.clone().into()];
        arguments.extend(settings.into_iter().flat_map(|setting| ["-c".into(), setting.into()]));
        self.job(programs.path("postgres"), arguments, self.sockets().to_owned())
    }

    fn job(&self, program: PathBuf, arguments: Vec<OsString>, leftover: PathBuf) -> Job {
        let owner = self.owner.clone();
        let directory = self.directory.clone();
        Job { program, arguments, owner, directory, log: self.log.clone(), leftover }
    }

    /// How to connect to the running cluster.
    pub(super) fn options(&self) -> Result<PgConnectOptions> {
        let password = fs::read_to_string(&self.password).map_err(|source| {
            EmbeddedError::PasswordMissing { path: self.password.clone(), source }
        })?;
        Ok(PgConnectOptions::new_without_pgpass()
            .socket(self.sockets())
            .port(5432)
            .ssl_mode(PgSslMode::Disable)
            .username(NAME)
            .password(password.trim())
            .database(self.database()))
    }

    fn database(&self) -> &'static str {
        if self.temporary { "postgres" } else { NAME }
    }

    /// The error of a `postgres` that does not come up.
    pub(super) fn not_ready(&self, cause: String) -> EmbeddedError {
        let directory = self.directory.clone();
        EmbeddedError::NotReady { directory, cause, log: files::tail(&self.log) }
    }
}

/// The major version of the cluster in a directory, where there is one.
pub(super) fn major(home: &Home) -> Result<Option<u32>> {
    let path = home.path.join("data/PG_VERSION");
    let unreadable = |error| io::Error::new(io::ErrorKind::InvalidData, error);
    match fs::read_to_string(&path) {
        Ok(text) => text.trim().parse().map(Some).map_err(unreadable).trying("understand", &path),
        Err(_) if !home.path.join("data").exists() => Ok(None),
        Err(error) => Err(error).trying("read", &path),
    }
}

/// Runs a job to its end, within a limit.
fn finished(job: &Job) -> io::Result<bool> {
    let (mut child, lifeline) = job.spawn()?;
    let end = Instant::now() + INITDB_LIMIT;
    while Instant::now() < end {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(lifeline);
    child.wait()?;
    Ok(false)
}
