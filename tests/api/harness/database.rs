//! A database for each test, on one PostgreSQL server for all tests: the server in
//! `TEST_DATABASE_URL`, else a container if a Docker daemon answers, else an embedded server. One
//! thread owns the server, and stops it after the last database was dropped.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::str::FromStr;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::Duration;

use embedded_postgres::EmbeddedPostgres;
use runstate::store::Store;
#[expect(clippy::disallowed_types, reason = "names of databases cannot be binds")]
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use testcontainers::core::{IntoContainerPort, WaitFor};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, GenericImage, ImageExt};
use uuid::Uuid;

/// A Docker daemon that does not answer within this time counts as absent.
const DOCKER_TIMEOUT: Duration = Duration::from_millis(400);
const IMAGE: (&str, &str) = ("postgres", "17");
const PASSWORD: &str = "runstate-test";

/// A migrated database. It is dropped with the value.
pub(crate) struct Database {
    options: PgConnectOptions,
    name: String,
    server: Arc<DatabaseServer>,
}

impl Database {
    /// Creates a database on the server that all tests of this process share.
    pub(crate) fn create() -> Self {
        let server = DatabaseServer::shared();
        let name = format!("runstate_test_{}", Uuid::new_v4().simple());
        server.run(format!("CREATE DATABASE {name} TEMPLATE {}", server.template));
        Self { options: server.options.clone().database(&name), name, server }
    }

    /// Creates a database without a schema, and a login that owns it. Drop the database first.
    pub(crate) fn empty() -> (Login, Self) {
        let server = DatabaseServer::shared();
        let owner = Login::create(&server, "");
        let name = format!("runstate_test_{}", Uuid::new_v4().simple());
        server.run(format!("CREATE DATABASE {name} OWNER {}", owner.name));
        (owner, Self { options: server.options.clone().database(&name), name, server })
    }

    /// Creates a login that is a member of these roles.
    pub(crate) fn login(&self, roles: &str) -> Login {
        Login::create(&self.server, &format!("IN ROLE {roles}"))
    }

    /// The options to connect as a superuser.
    pub(crate) fn options(&self) -> &PgConnectOptions {
        &self.options
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.server.run(format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

/// A user of the database. It is dropped with the value; drop its objects first.
pub(crate) struct Login {
    name: String,
    server: Arc<DatabaseServer>,
}

impl Login {
    fn create(server: &Arc<DatabaseServer>, roles: &str) -> Self {
        let name = format!("runstate_test_{}", Uuid::new_v4().simple());
        server.run(format!("CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}' {roles}"));
        Self { name, server: Arc::clone(server) }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The options with which this user connects to a database.
    pub(crate) fn options(&self, database: &Database) -> PgConnectOptions {
        database.options.clone().username(&self.name).password(PASSWORD)
    }

    /// Makes the user a member of a role.
    pub(crate) fn join(&self, role: &str) {
        self.server.run(format!("GRANT {role} TO {}", self.name));
    }
}

impl Drop for Login {
    fn drop(&mut self) {
        self.server.run(format!("DROP ROLE {}", self.name));
    }
}

/// The PostgreSQL server. Its thread runs the statements of all tests until the value is dropped.
struct DatabaseServer {
    options: PgConnectOptions,
    template: String,
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<thread::JoinHandle<()>>,
}

struct Job {
    sql: String,
    done: mpsc::Sender<()>,
}

impl DatabaseServer {
    fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<DatabaseServer>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap();
        shared.upgrade().unwrap_or_else(|| {
            let server = Arc::new(Self::start());
            *shared = Arc::downgrade(&server);
            server
        })
    }

    fn start() -> Self {
        let (jobs, inbox) = mpsc::channel::<Job>();
        let (ready, started) = mpsc::channel();
        let template = format!("runstate_test_template_{}", Uuid::new_v4().simple());
        let name = template.clone();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let source = Source::start().await;
                let options = source.options().await;
                let admin = PgPoolOptions::new().connect_with(options.clone()).await.unwrap();
                run(&admin, format!("CREATE DATABASE {name}")).await;
                Store::migrate(&options.clone().database(&name)).await.unwrap();
                ready.send(options).unwrap();
                while let Ok(job) = inbox.recv() {
                    run(&admin, job.sql).await;
                    job.done.send(()).unwrap();
                }
                run(&admin, format!("DROP DATABASE {name} WITH (FORCE)")).await;
                admin.close().await;
                source.stop().await;
            });
        });
        let options = started.recv().expect("the database server starts");
        Self { options, template, jobs: Some(jobs), thread: Some(thread) }
    }

    fn run(&self, sql: String) {
        let (done, finished) = mpsc::channel();
        self.jobs.as_ref().unwrap().send(Job { sql, done }).unwrap();
        finished.recv().unwrap();
    }
}

impl Drop for DatabaseServer {
    fn drop(&mut self) {
        self.jobs.take();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

async fn run(admin: &PgPool, sql: String) {
    sqlx::query(AssertSqlSafe(sql)).execute(admin).await.unwrap();
}

/// Prints to stderr directly. The test runner captures `eprintln!`, but not this.
fn say(text: &str) {
    writeln!(std::io::stderr(), "{text}").ok();
}

/// The origin of the server.
enum Source {
    Given(PgConnectOptions),
    Container(Box<ContainerAsync<GenericImage>>),
    Embedded(EmbeddedPostgres),
}

impl Source {
    async fn start() -> Self {
        if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
            say("Tests use the PostgreSQL of TEST_DATABASE_URL.");
            return Self::Given(
                PgConnectOptions::from_str(&url).expect("TEST_DATABASE_URL is valid"),
            );
        }
        if docker_answers() {
            say("Tests use a PostgreSQL container, since a Docker daemon answers.");
            let ready =
                WaitFor::message_on_stderr("database system is ready to accept connections");
            let image = GenericImage::new(IMAGE.0, IMAGE.1)
                .with_exposed_port(5432.tcp())
                .with_wait_for(ready)
                .with_env_var("POSTGRES_PASSWORD", PASSWORD);
            return Self::Container(Box::new(image.start().await.expect("the container starts")));
        }
        say("Tests use an embedded PostgreSQL: no TEST_DATABASE_URL, no Docker daemon.");
        Self::Embedded(
            EmbeddedPostgres::start_temporary("runstate").await.expect("PostgreSQL starts"),
        )
    }

    async fn options(&self) -> PgConnectOptions {
        match self {
            Self::Given(options) => options.clone(),
            Self::Embedded(embedded) => embedded.connect_options(),
            Self::Container(container) => PgConnectOptions::new_without_pgpass()
                .host(&container.get_host().await.unwrap().to_string())
                .port(container.get_host_port_ipv4(5432).await.unwrap())
                .username("postgres")
                .password(PASSWORD)
                .database("postgres"),
        }
    }

    async fn stop(self) {
        match self {
            Self::Given(_) => {}
            Self::Embedded(embedded) => embedded.stop().await,
            Self::Container(container) => container.rm().await.unwrap(),
        }
    }
}

/// Asks the daemon itself. An installed client or an existing socket proves nothing.
fn docker_answers() -> bool {
    let host = std::env::var("DOCKER_HOST").unwrap_or("unix:///var/run/docker.sock".into());
    let answer = match host.split_once("://") {
        Some(("unix", path)) => UnixStream::connect(path).ok().and_then(|mut socket| {
            socket.set_read_timeout(Some(DOCKER_TIMEOUT)).ok()?;
            ping(&mut socket)
        }),
        Some(("tcp" | "http", address)) => address
            .to_socket_addrs()
            .ok()
            .and_then(|mut addresses| addresses.next())
            .and_then(|address| TcpStream::connect_timeout(&address, DOCKER_TIMEOUT).ok())
            .and_then(|mut socket| {
                socket.set_read_timeout(Some(DOCKER_TIMEOUT)).ok()?;
                ping(&mut socket)
            }),
        _ => None,
    };
    answer.is_some_and(|answer| answer.starts_with("HTTP/1.") && answer.contains(" 200 "))
}

fn ping(socket: &mut (impl Read + Write)) -> Option<String> {
    socket.write_all(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n").ok()?;
    let mut answer = [0; 64];
    let length = socket.read(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer[..length]).into_owned())
}
