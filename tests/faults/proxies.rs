//! Debian's nginx and Caddy with the configurations of the guide, in front of a server, and the clients of both.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value as Json;

use crate::haproxy::program;
use crate::server::Server;
use crate::system::{PATIENCE, eventually, free_address};

/// The address of the client. That of the proxy is 127.0.0.1.
pub(crate) const CLIENT: &str = "127.0.0.2";

/// A proxy, which is killed when the value is dropped.
pub(crate) struct Proxy {
    process: Child,
    pub(crate) base: String,
}

impl Proxy {
    /// `None`, and a line that says so, where nginx is not installed.
    pub(crate) async fn nginx(server: &Server, place: &Path) -> Option<Self> {
        let program = installed("nginx")?;
        let place = Place::new(&place.join("nginx"));
        let (address, file) = (&place.address, |name| place.file(name));
        let block = block_of_guide(
            "nginx",
            &[
                ("server 127.0.0.1:8080;", format!("server {};", server.address())),
                ("listen 443 ssl;", format!("listen {address} ssl;")),
                ("/etc/ssl/graph.example.com.pem", file("cert.pem")),
                ("/etc/ssl/graph.example.com.key", file("key.pem")),
            ],
        );
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let paths = paths.map(|name| format!("{name}_temp_path {};\n", file(name))).concat();
        // In one process, there is no worker that would stay.
        let text = format!(
            "daemon off;\nmaster_process off;\npid {};\nerror_log {};\nevents {{}}\n\
             http {{\naccess_log off;\n{paths}{block}}}\n",
            file("pid"),
            file("error.log")
        );
        fs::write(file("nginx.conf"), text).unwrap();
        let mut nginx = Command::new(program);
        nginx.arg("-p").arg(&place.folder).arg("-c").arg(file("nginx.conf"));
        Some(Self::start(nginx, &place).await)
    }

    /// `None`, and a line that says so, where Caddy is not installed.
    pub(crate) async fn caddy(server: &Server, place: &Path) -> Option<Self> {
        let program = installed("caddy")?;
        let place = Place::new(&place.join("caddy"));
        let (address, file) = (&place.address, |name| place.file(name));
        let port = address.rsplit(':').next().unwrap();
        // A certificate of its own instead of one from an authority in the network.
        let own = format!(
            "https://localhost:{port} {{\nbind 127.0.0.1\ntls {} {}\n",
            file("cert.pem"),
            file("key.pem")
        );
        let block = block_of_guide(
            "caddyfile",
            &[
                ("graph.example.com {\n", own),
                ("reverse_proxy 127.0.0.1:8080", format!("reverse_proxy {}", server.address())),
            ],
        );
        let text = format!("{{\nadmin off\nauto_https disable_redirects\n}}\n{block}");
        fs::write(file("Caddyfile"), text).unwrap();
        let mut caddy = Command::new(program);
        caddy.args(["run", "--adapter", "caddyfile", "--config", &file("Caddyfile")]);
        caddy.env("XDG_DATA_HOME", &place.folder).env("XDG_CONFIG_HOME", &place.folder);
        Some(Self::start(caddy, &place).await)
    }

    async fn start(mut proxy: Command, place: &Place) -> Self {
        let process = proxy.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let port = place.address.rsplit(':').next().unwrap();
        let proxy = Self { process, base: format!("https://localhost:{port}") };
        eventually("the proxy serves", PATIENCE, async || {
            let reply = client().get(format!("{}/health", proxy.base)).send().await;
            reply.is_ok_and(|reply| reply.status() == 200)
        })
        .await;
        proxy
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The address of a proxy, and the folder with its files, a certificate among them.
struct Place {
    address: String,
    folder: PathBuf,
}

impl Place {
    fn new(folder: &Path) -> Self {
        let place = Self { address: free_address(), folder: folder.to_owned() };
        fs::create_dir(folder).unwrap();
        let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(place.file("cert.pem"), certificate.cert.pem()).unwrap();
        fs::write(place.file("key.pem"), certificate.signing_key.serialize_pem()).unwrap();
        place
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }
}

fn installed(name: &str) -> Option<PathBuf> {
    let program = program(name);
    if program.is_none() {
        println!("left out: {name} is not installed");
    }
    program
}

/// A block of the guide, with the addresses and files of the test.
fn block_of_guide(language: &str, replaced: &[(&str, String)]) -> String {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guides/behind-a-proxy.md");
    let guide = fs::read_to_string(guide).unwrap();
    let (_, block) = guide.split_once(&format!("```{language}\n")).unwrap();
    let mut block = block.split_once("```").unwrap().0.to_owned();
    for (of_operator, of_test) in replaced {
        assert!(block.contains(of_operator), "{of_operator}");
        block = block.replace(of_operator, of_test);
    }
    block
}

/// A client at its own address, which writes what only a proxy should write.
pub(crate) fn client() -> Client {
    let client = Client::builder().no_proxy().local_address(CLIENT.parse::<IpAddr>().unwrap());
    client.danger_accept_invalid_certs(true).build().unwrap()
}

pub(crate) async fn send(token: &str, request: RequestBuilder) -> Response {
    let spoofed = [
        ("X-Forwarded-For", "192.0.2.1"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "http"),
        ("Forwarded", "for=192.0.2.1;host=evil.example"),
    ];
    let request = spoofed.iter().fold(request, |it, (name, value)| it.header(*name, *value));
    request.bearer_auth(token).send().await.unwrap()
}

pub(crate) async fn body(reply: Response) -> Json {
    let (status, text) = (reply.status(), reply.text().await.unwrap());
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}: {text}"))
}
