//! A PostgreSQL and a standby that follows it by streaming replication, made by the installed programs.

use std::fs::{self, File};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use uuid::Uuid;

use crate::system::{PATIENCE, eventually, free_address, remove, signal};

const USER: &str = "runstate";

/// A primary and its synchronous standby. Both end when the value is dropped.
pub(crate) struct Replicated {
    pub(crate) primary: Node,
    pub(crate) standby: Node,
    programs: Programs,
    place: PathBuf,
}

/// One PostgreSQL.
pub(crate) struct Node {
    port: u16,
    process: Child,
}

impl Replicated {
    /// `None`, and a line that says so, where the programs are not installed.
    pub(crate) async fn start() -> Option<Self> {
        let Some(programs) = Programs::find() else {
            println!("left out: pg_basebackup of PostgreSQL is not installed");
            return None;
        };
        let place = std::env::temp_dir().join(format!("replicated-{}", Uuid::new_v4().simple()));
        fs::create_dir(&place).unwrap();
        programs.give(&place);
        let [first, second] = ["first", "second"].map(|name| place.join(name));
        let path = |path: &Path| path.to_str().unwrap().to_owned();
        // The encoding would be that of the machine.
        let form = ["--encoding=UTF8", "--locale=C", "-A", "trust", "-U", USER];
        programs.run("initdb", &[&["-D", &*path(&first)], &form[..]].concat());
        let primary = programs.start(&first).await;
        let port = primary.port.to_string();
        let from = ["-h", "127.0.0.1", "-p", &port, "-U", USER, "-D", &path(&second)];
        programs.run("pg_basebackup", &[&from[..], &["-R", "-X", "stream", "-c", "fast"]].concat());
        let standby = programs.start(&second).await;
        let replicated = Self { primary, standby, programs, place };
        let follows = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'";
        eventually("the standby follows", PATIENCE, async || {
            let mut database = replicated.primary.connect("postgres").await;
            sqlx::query_scalar::<_, i64>(follows).fetch_one(&mut database).await.unwrap() == 1
        })
        .await;
        // The copy was made before this, so the standby waits for nobody when it is promoted.
        replicated.primary.run("ALTER SYSTEM SET synchronous_standby_names = '*'").await;
        replicated.primary.run("SELECT pg_reload_conf()").await;
        replicated.primary.run("CREATE DATABASE runstate").await;
        Some(replicated)
    }

    /// Waits until reads of the standby see what the primary has acknowledged.
    pub(crate) async fn wait_for_standby(&self) {
        let behind = "SELECT count(*) FROM pg_stat_replication
                      WHERE replay_lsn >= $1::pg_lsn AND state = 'streaming'";
        let mut database = self.primary.connect("postgres").await;
        let written = "SELECT pg_current_wal_lsn()::text";
        let written: String = sqlx::query_scalar(written).fetch_one(&mut database).await.unwrap();
        eventually("the standby shows what was written", PATIENCE, async || {
            let replayed = sqlx::query_scalar::<_, i64>(behind).bind(&written);
            replayed.fetch_one(&mut database).await.unwrap() == 1
        })
        .await;
    }

    /// Starts the primary again, with a log that goes on at a later place, as after writing many
    /// gigabytes. The standby can no longer follow.
    pub(crate) async fn move_log(&mut self, segment: &str) {
        self.standby.kill();
        // A fast shutdown. Only a clean one lets the log go on elsewhere.
        signal("INT", &[self.primary.process.id()]);
        let process = &mut self.primary.process;
        let has_ended = async || process.try_wait().unwrap().is_some();
        eventually("the primary ends", PATIENCE, has_ended).await;
        let data = self.place.join("first");
        self.programs.run("pg_resetwal", &["-l", segment, "-D", data.to_str().unwrap()]);
        self.primary = self.programs.start(&data).await;
    }

    /// The URL with both hosts, the primary first.
    pub(crate) fn url(&self) -> String {
        let [first, second] = [&self.primary, &self.standby].map(|node| node.port);
        format!("postgres://{USER}@127.0.0.1:{first},127.0.0.1:{second}/runstate")
    }
}

impl Drop for Replicated {
    fn drop(&mut self) {
        for node in [&mut self.primary, &mut self.standby] {
            node.kill();
        }
        remove(&self.place);
    }
}

impl Node {
    pub(crate) fn url(&self) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/runstate", self.port)
    }

    /// Sends a signal to the first process and to its children; to the first one first, so that it
    /// starts no others.
    pub(crate) fn signal(&self, name: &str) {
        let first = self.process.id();
        let children = fs::read_to_string(format!("/proc/{first}/task/{first}/children"));
        signal(name, &[first]);
        for child in children.unwrap_or_default().split_whitespace() {
            // A child may have ended meanwhile.
            let kill =
                Command::new("kill").args(["-s", name, child]).stderr(Stdio::null()).status();
            kill.unwrap();
        }
    }

    pub(crate) fn kill(&mut self) {
        if self.process.try_wait().unwrap().is_none() {
            self.signal("KILL");
            self.process.wait().unwrap();
        }
    }

    /// Ends the recovery of a standby: it takes writes from now on.
    pub(crate) async fn promote(&self) {
        self.run("SELECT pg_promote()").await;
    }

    pub(crate) async fn run(&self, statement: &'static str) {
        let mut database = self.connect("postgres").await;
        sqlx::raw_sql(statement).execute(&mut database).await.unwrap();
        database.close().await.unwrap();
    }

    async fn connect(&self, database: &str) -> PgConnection {
        self.options(database).connect().await.unwrap()
    }

    fn options(&self, database: &str) -> PgConnectOptions {
        let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(self.port);
        options.username(USER).database(database)
    }
}

/// The programs of PostgreSQL, and the user that runs them: it refuses to run as root.
struct Programs {
    directory: PathBuf,
    user: Option<(u32, u32)>,
}

impl Programs {
    fn find() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut directories: Vec<PathBuf> = std::env::split_paths(&path).collect();
        if let Ok(versions) = Path::new("/usr/lib/postgresql").read_dir() {
            directories.extend(versions.flatten().map(|version| version.path().join("bin")));
        }
        let has = |directory: &&PathBuf, name| directory.join(name).is_file();
        let found = directories.iter().find(|it| has(it, "pg_basebackup") && has(it, "postgres"));
        let id = |flags: &[&str]| {
            let output = Command::new("id").args(flags).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().parse::<u32>().ok()
        };
        let user = match id(&["-u"]) {
            Some(0) => Some((id(&["-u", "postgres"])?, id(&["-g", "postgres"])?)),
            _ => None,
        };
        found.map(|directory| Self { directory: directory.clone(), user })
    }

    fn give(&self, directory: &Path) {
        if let Some((user, group)) = self.user {
            chown(directory, Some(user), Some(group)).unwrap();
        }
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.directory.join(program));
        command.args(arguments).current_dir("/").stdin(Stdio::null());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let output = self.command(program, arguments).output().unwrap();
        assert!(output.status.success(), "{program}: {output:?}");
    }

    async fn start(&self, data: &Path) -> Node {
        let port = free_address().rsplit(':').next().unwrap().parse().unwrap();
        let settings = [
            format!("port={port}"),
            "listen_addresses=127.0.0.1".into(),
            "unix_socket_directories=".into(),
        ];
        let mut arguments = vec!["-D", data.to_str().unwrap()];
        arguments.extend(settings.iter().flat_map(|setting| ["-c", setting]));
        let log = File::create(data.with_extension("log")).unwrap();
        let mut command = self.command("postgres", &arguments);
        let process = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let node = Node { port, process };
        let options = node.options("postgres");
        eventually("PostgreSQL starts", PATIENCE, async || options.connect().await.is_ok()).await;
        node
    }
}
