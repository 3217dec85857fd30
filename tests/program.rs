//! The program as its user starts it: one command, and what happens when it is killed or
//! configured wrongly.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says so by its panic"
)]

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use uuid::Uuid;

const RUNSTATE: &str = env!("CARGO_BIN_EXE_runstate");

/// A directory that goes with the value.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("runstate-program-{}", Uuid::new_v4()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// The program with nothing configured but where it keeps its data and a free port.
fn runstate(data: &Path) -> Command {
    configured(Command::new(RUNSTATE), data)
}

fn configured(mut command: Command, data: &Path) -> Command {
    for name in ["DATABASE_URL", "RUNSTATE_ISSUERS", "RUNSTATE_LOCAL_ISSUER", "RUNSTATE_PUBLIC_URL"]
    {
        command.env_remove(name);
    }
    command.env("RUNSTATE_DATA_DIR", data).env("RUNSTATE_LISTEN", "127.0.0.1:0");
    command.stdin(Stdio::null());
    command
}

fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A server that was started and has printed its curl line.
struct Server {
    child: Child,
    curl: String,
}

impl Server {
    fn start(data: &Path) -> Self {
        Self::of(runstate(data))
    }

    fn of(mut program: Command) -> Self {
        program.stderr(Stdio::null());
        Self::with_log(program)
    }

    /// One whose log goes where the command sends it.
    fn with_log(mut program: Command) -> Self {
        let mut child = program.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut lines = lines.map(Result::unwrap);
        let curl = lines.find(|line| line.starts_with("curl ")).expect("a curl line is printed");
        Self { child, curl }
    }

    /// What the printed line prints when it is pasted into a shell.
    fn paste(&self) -> String {
        let output = run(Command::new("sh").args(["-c", &self.curl]));
        text(&output.stdout)
    }

    /// The base of its URLs and the path that the curl line posts to.
    fn url(&self) -> &str {
        self.curl.split('\'').nth(1).unwrap()
    }

    fn token(&self) -> &str {
        self.curl.split("Bearer ").nth(1).unwrap().split('\'').next().unwrap()
    }

    async fn count(&self) -> String {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client.get(format!("{}/$count", self.url())).bearer_auth(self.token());
        request.send().await.unwrap().text().await.unwrap()
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(run(Command::new("kill").args([signal, &pid])).status.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[tokio::test]
async fn the_printed_curl_command_works_also_after_a_restart() {
    let data = Directory::new();
    for round in 1..=3 {
        let mut server = Server::start(&data.0);
        let reply = server.paste();
        assert!(reply.starts_with("HTTP/1.1 201 Created"), "{reply}");
        assert!(reply.contains(r#""lastStateUpdateDateTime":"2017-01-01T00:02:58.4418045-08:00""#));
        assert_eq!(server.count().await, round.to_string());
        server.signal(["-KILL", "-INT", "-TERM"][round - 1]);
        let status = server.child.wait().unwrap();
        assert_eq!(status.success(), round > 1, "{status}");
    }
}

#[test]
fn ctrl_c_ends_the_server_and_its_database_without_an_error_in_the_log() {
    let data = Directory::new();
    let log = data.0.join("log");
    for _ in 0..3 {
        let mut program = runstate(&data.0);
        program.process_group(0).stderr(File::create(&log).unwrap());
        let mut server = Server::with_log(program);
        // As from a terminal, which sends the signal to all of the process group.
        let group = format!("-{}", server.child.id());
        assert!(run(Command::new("kill").args(["-INT", "--", &group])).status.success());
        assert!(server.child.wait().unwrap().success());
        let log = std::fs::read_to_string(&log).unwrap();
        assert!(log.contains("INFO") && !log.contains("ERROR"), "{log}");
    }
}

#[tokio::test]
async fn a_write_with_a_key_happens_once_even_if_the_server_is_killed() {
    let data = Directory::new();
    for round in 1..=3_u32 {
        let paste = |curl: &str| {
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("{curl} -s -H 'Idempotency-Key: {round}'")]);
            shell
        };
        let mut server = Server::start(&data.0);
        let mut first = paste(&server.curl).stdout(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(u64::from(round) * 8));
        server.signal("-KILL");
        server.child.wait().unwrap();
        first.wait().unwrap();
        let server = Server::start(&data.0);
        let replies = [0, 1].map(|_| text(&run(&mut paste(&server.curl)).stdout));
        let [second, third] = replies.each_ref().map(|reply| reply.lines().last().unwrap());
        assert!(replies[0].starts_with("HTTP/1.1 201 Created"), "{}", replies[0]);
        assert!(replies[1].to_lowercase().contains("idempotency-replayed: true"), "{}", replies[1]);
        assert_eq!(second, third);
        assert_eq!(server.count().await, round.to_string());
    }
}

#[test]
fn a_second_server_on_the_same_data_directory_is_refused() {
    let data = Directory::new();
    let server = Server::start(&data.0);
    let second = run(&mut runstate(&data.0));
    assert!(!second.status.success());
    let said = text(&second.stderr);
    assert!(said.contains(&*data.0.to_string_lossy()), "{said}");
    assert!(said.contains(&server.child.id().to_string()), "{said}");
}

#[test]
fn a_database_without_an_issuer_is_refused_with_the_settings_to_use() {
    let data = Directory::new();
    let refused = run(runstate(&data.0).env("DATABASE_URL", "postgres://localhost/x"));
    assert!(!refused.status.success());
    let said = text(&refused.stderr);
    assert!(said.contains("RUNSTATE_ISSUERS") && said.contains("RUNSTATE_LOCAL_ISSUER"), "{said}");
}

#[test]
fn passwords_are_never_printed() {
    let data = Directory::new();
    for url in
        ["postgres://u:secret-word@127.0.0.1:1/x", "postgres://u:secret-word@[/x", "secret-word"]
    {
        let mut command = runstate(&data.0);
        command.env("DATABASE_URL", url).env("RUNSTATE_LOCAL_ISSUER", "true");
        let refused = run(command.env("RUST_LOG", "trace"));
        assert!(!refused.status.success());
        let said = text(&refused.stderr) + &text(&refused.stdout);
        assert!(!said.contains("secret-word"), "{said}");
    }
}

#[test]
fn an_invalid_setting_is_named() {
    let data = Directory::new();
    for (name, value) in [
        ("RUNSTATE_LISTEN", "nonsense"),
        ("RUNSTATE_PERMISSIONS", "nonsense"),
        ("RUNSTATE_PUBLIC_URL", "nonsense"),
        ("RUNSTATE_LOCAL_ISSUER", "nonsense"),
        ("RUNSTATE_LOG_FORMAT", "nonsense"),
        ("RUNSTATE_ISSUERS", "/nonsense.json"),
    ] {
        let refused = run(runstate(&data.0).env(name, value));
        assert!(!refused.status.success(), "{name}");
        let said = text(&refused.stderr);
        assert!(said.contains("nonsense"), "{name}: {said}");
    }
}

#[test]
fn tokens_contain_the_requested_claims() {
    let data = Directory::new();
    let claims = |arguments: &[&str]| {
        let output = run(runstate(&data.0).arg("token").args(arguments));
        assert!(output.status.success(), "{}", text(&output.stderr));
        let token = text(&output.stdout);
        let claims = token.trim().split('.').nth(1).unwrap().to_owned();
        let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let claims = base64::Engine::decode(&engine, claims).unwrap();
        serde_json::from_slice::<serde_json::Value>(&claims).unwrap()
    };
    let tenant = "22222222-2222-4222-8222-222222222222";
    let token = claims(&[
        "--tenant",
        tenant,
        "--user",
        "a@b.example",
        "--scope",
        "X",
        "--scope",
        "Y",
        "--expires",
        "10m",
    ]);
    assert_eq!(
        (&token["tid"], &token["upn"], &token["scp"]),
        (&tenant.into(), &"a@b.example".into(), &"X Y".into())
    );
    assert_eq!(token["exp"].as_i64().unwrap() - token["iat"].as_i64().unwrap(), 600);
    assert_eq!(claims(&[])["scp"], "DeviceManagementManagedDevices.ReadWrite.All");
    let application = claims(&["--app", "--role", "Z"]);
    assert_eq!((&application["idtyp"], &application["roles"][0]), (&"app".into(), &"Z".into()));
    assert_eq!(application.get("scp"), None);
}

#[test]
fn help_names_every_setting() {
    let help = text(&run(runstate(Path::new("/nonexistent")).arg("--help")).stdout);
    for name in [
        "DATABASE_URL",
        "RUNSTATE_LISTEN",
        "RUNSTATE_DATA_DIR",
        "RUNSTATE_PUBLIC_URL",
        "RUNSTATE_CORS_ORIGINS",
        "RUNSTATE_ISSUERS",
        "RUNSTATE_PERMISSIONS",
        "RUNSTATE_LOCAL_ISSUER",
        "RUNSTATE_LOG_FORMAT",
        "serve",
        "token",
        "migrate",
        "127.0.0.1:8080",
    ] {
        assert!(help.contains(name), "{name}: {help}");
    }
}

#[test]
fn the_server_raises_its_limit_of_open_files() {
    let data = Directory::new();
    let mut shell = configured(Command::new("sh"), &data.0);
    shell.args(["-c", "ulimit -S -n 200; exec \"$0\"", RUNSTATE]);
    let server = Server::of(shell);
    let address = server.url().split('/').nth(2).unwrap();
    let open = |_| {
        let mut socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        socket.write_all(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let mut reply = [0; 15];
        socket.read_exact(&mut reply).unwrap();
        assert_eq!(text(&reply), "HTTP/1.1 200 OK");
        socket
    };
    let sockets: Vec<TcpStream> = (0..300).map(open).collect();
    assert_eq!(sockets.len(), 300);
}

#[tokio::test]
async fn health_and_migrate_work_from_the_command_line() {
    let data = Directory::new();
    assert!(run(runstate(&data.0).arg("migrate")).status.success());
    let server = Server::start(&data.0);
    let port = server.url().split('/').nth(2).unwrap().to_owned();
    let health = |listen: &str| {
        run(runstate(&data.0).arg("health").env("RUNSTATE_LISTEN", listen)).status.success()
    };
    assert!(health(&port));
    drop(server);
    std::thread::sleep(Duration::from_millis(50));
    assert!(!health(&port));
}
