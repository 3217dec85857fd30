//! One database cluster: its files, how `initdb` creates it, how `postgres` is called on it, and how
//! to connect to it. It does not know how long it runs.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use uuid::Uuid;

use crate::directory::Directory;
use crate::error::{Error, IoContext, Result};
use crate::files;
use crate::job::Job;
use crate::name::Name;
use crate::private_directory::PrivateDirectory;
use crate::programs::Programs;
use crate::replacement::{self, UNFINISHED};
use crate::user::User;

const INITDB_TIMEOUT: Duration = Duration::from_secs(120);

/// The paths of a cluster, and the locks on them.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) user: User,
    pub(crate) data: PathBuf,
    pub(crate) log: PathBuf,
    name: Name,
    directory: PathBuf,
    password: PathBuf,
    temporary: bool,
    // Dropped in this order: the lock is released last.
    sockets: PrivateDirectory,
    _lock: Option<Directory>,
}

impl Cluster {
    /// A cluster that stays, in a locked directory.
    pub(crate) fn lasting(name: Name, directory: Directory) -> Result<Self> {
        let cluster = Self::part_of(&directory, name, "data")?;
        Ok(Self { _lock: Some(directory), ..cluster })
    }

    /// A cluster in a directory whose lock the caller holds, in the folder `data`.
    pub(crate) fn part_of(directory: &Directory, name: Name, data: &str) -> Result<Self> {
        let sockets = PrivateDirectory::create(&name, &directory.user)?;
        let (path, user) = (directory.path.clone(), directory.user.clone());
        let data = path.join(data);
        Ok(Self { data, ..Self::at(path, name, user, sockets, false) })
    }

    /// A cluster that is removed with the private directory in which it is.
    pub(crate) fn temporary(name: Name, user: User, directory: PrivateDirectory) -> Self {
        Self::at(directory.path.clone(), name, user, directory, true)
    }

    fn at(
        path: PathBuf,
        name: Name,
        user: User,
        sockets: PrivateDirectory,
        temporary: bool,
    ) -> Self {
        Self {
            user,
            data: path.join("data"),
            log: path.join("postgres.log"),
            name,
            password: path.join("password"),
            directory: path,
            temporary,
            sockets,
            _lock: None,
        }
    }

    /// The directory with all its files but the socket.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The directory of the socket.
    pub(crate) fn sockets(&self) -> &Path {
        &self.sockets.path
    }

    /// Creates the cluster where it is absent, and the files that each start creates.
    pub(crate) fn prepare(&self, programs: &Programs) -> Result<()> {
        files::write(&self.log, "", 0o600, &self.user)?;
        replacement::remove_unfinished(&self.directory)?;
        if !self.data.exists() {
            self.initialize(programs)?;
        }
        self.write_psql(programs)
    }

    /// The cluster has another name until it is complete, so that a part is never used as one.
    fn initialize(&self, programs: &Programs) -> Result<()> {
        let random = Uuid::new_v4().simple();
        // An upgraded cluster keeps its password.
        if !self.password.exists() {
            files::write(&self.password, &format!("{random}\n"), 0o600, &self.user)?;
        }
        let new = self.directory.join(format!("{UNFINISHED}{random:.8}"));
        let mut arguments: Vec<OsString> = vec!["-D".into(), new.clone().into()];
        arguments.extend(["--pwfile".into(), self.password.clone().into()]);
        arguments.extend(["--username", self.name.as_str()].map(Into::into));
        arguments.extend(["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"].map(Into::into));
        if self.temporary {
            arguments.push("--no-sync".into());
        }
        let leftover = if self.temporary { self.directory.clone() } else { new.clone() };
        let job = self.job(programs.path("initdb"), arguments, leftover);
        if !job.run(INITDB_TIMEOUT).context("run", &job.program)? {
            let directory = self.directory.clone();
            let log = files::tail(&self.log);
            drop(files::remove_directory(&new));
            return Err(Error::InitdbFailed { directory, log });
        }
        replacement::rename(&new, &self.data)
    }

    /// A script that opens `psql` on the running database, for the user of the data.
    fn write_psql(&self, programs: &Programs) -> Result<()> {
        let quoted =
            |path: &Path| format!("'{}'", path.display().to_string().replace('\'', "'\\''"));
        let installed = programs.path("psql");
        let psql = if installed.is_file() { quoted(&installed) } else { "psql".into() };
        let text = format!(
            "#!/bin/sh\n\
             # Opens psql on the database of the running server. Each start writes this file.\n\
             PGPASSWORD=$(cat {password}) || exit\n\
             export PGPASSWORD\n\
             exec {psql} -h {sockets} -p 5432 -U {name} -d {database} \"$@\"\n",
            password = quoted(&self.password),
            sockets = quoted(self.sockets()),
            name = self.name,
            database = self.database(),
        );
        files::write(&self.directory.join("psql.sh"), &text, 0o700, &self.user)
    }

    /// How `postgres` is called.
    pub(crate) fn postgres(&self, programs: &Programs) -> Job {
        let sockets = self.sockets().display();
        let durable = if self.temporary { "off" } else { "on" };
        let mut settings = vec![
            "listen_addresses=".to_owned(),
            "port=5432".to_owned(),
            format!("unix_socket_directories=\"{sockets}\""),
            "unix_socket_permissions=0700".to_owned(),
            "max_connections=100".to_owned(),
            "logging_collector=off".to_owned(),
            // Clients get their errors; in the log these would grow without bounds.
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
        Job {
            title: format!("{}-supervisor", self.name),
            program,
            arguments,
            user: self.user.clone(),
            directory: self.directory.clone(),
            log: self.log.clone(),
            leftover,
        }
    }

    /// How to connect to the running cluster.
    pub(crate) fn options(&self) -> Result<PgConnectOptions> {
        Ok(options(&self.name, self.sockets(), &self.password)?.database(self.database()))
    }

    fn database(&self) -> &str {
        if self.temporary { "postgres" } else { self.name.as_str() }
    }

    /// The error of a `postgres` that does not become ready.
    pub(crate) fn not_ready(&self, cause: String) -> Error {
        let directory = self.directory.clone();
        Error::NotReady { directory, cause, log: files::tail(&self.log) }
    }
}

/// How to connect to a running cluster, by the directory of its socket and the file of its password.
pub(crate) fn options(name: &Name, sockets: &Path, password: &Path) -> Result<PgConnectOptions> {
    let text = fs::read_to_string(password)
        .map_err(|source| Error::PasswordMissing { path: password.to_owned(), source })?;
    Ok(PgConnectOptions::new_without_pgpass()
        .socket(sockets)
        .port(5432)
        .ssl_mode(PgSslMode::Disable)
        .username(name.as_str())
        .password(text.trim())
        .database(name.as_str()))
}

/// The major version of the cluster in a directory, where there is one.
pub(crate) fn major(directory: &Directory) -> Result<Option<u32>> {
    let path = directory.path.join("data/PG_VERSION");
    let unreadable = |error| io::Error::new(io::ErrorKind::InvalidData, error);
    match fs::read_to_string(&path) {
        Ok(text) => text.trim().parse().map(Some).map_err(unreadable).context("understand", &path),
        Err(_) if !directory.path.join("data").exists() => Ok(None),
        Err(error) => Err(error).context("read", &path),
    }
}
