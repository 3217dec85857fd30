//! Debian's nginx with the configuration of the guide, in front of a server that trusts it as a proxy.
//! Replies have a length, and are sent at once. Only rules of the test twin send one slowly, or a part of it.

use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value as Json, json};

use crate::haproxy::program;
use crate::server::Server;
use crate::system::{PATIENCE, eventually, free_address};
use crate::world::World;

/// The secret that controls the test twin.
const SECRET: &str = "a secret of the tests";
const SCRIPTS: &str = "beta/deviceManagement/deviceManagementScripts";
/// The address of the client. That of the proxy is 127.0.0.1.
const CLIENT: &str = "127.0.0.2";
/// The most bytes of a body that the server reads.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// nginx, which is killed when the value is dropped.
struct Nginx {
    process: Child,
    base: String,
}

impl Nginx {
    /// `None`, and a line that says so, where nginx is not installed.
    async fn before(server: &Server, place: &Path) -> Option<Self> {
        let Some(program) = program("nginx") else {
            println!("left out: nginx is not installed");
            return None;
        };
        let (address, folder) = (free_address(), place.join("nginx"));
        fs::create_dir(&folder).unwrap();
        let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(folder.join("cert.pem"), certificate.cert.pem()).unwrap();
        fs::write(folder.join("key.pem"), certificate.signing_key.serialize_pem()).unwrap();
        let configuration = configuration(server, &address, &folder);
        fs::write(folder.join("nginx.conf"), configuration).unwrap();
        let mut nginx = Command::new(program);
        nginx.arg("-p").arg(&folder).arg("-c").arg(folder.join("nginx.conf"));
        let process = nginx.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let port = address.rsplit(':').next().unwrap();
        let nginx = Self { process, base: format!("https://localhost:{port}") };
        eventually("nginx serves", PATIENCE, async || {
            let reply = client().get(format!("{}/health", nginx.base)).send().await;
            reply.is_ok_and(|reply| reply.status() == 200)
        })
        .await;
        Some(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // In one process, there is no worker that would stay.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The block of the guide, with the addresses and files of the test.
fn configuration(server: &Server, address: &str, folder: &Path) -> String {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guides/behind-a-proxy.md");
    let guide = fs::read_to_string(guide).unwrap();
    let (_, block) = guide.split_once("```nginx\n").unwrap();
    let mut block = block.split_once("```").unwrap().0.to_owned();
    let file = |name: &str| folder.join(name).display().to_string();
    for (of_operator, of_test) in [
        ("server 127.0.0.1:8080;", format!("server {};", server.address())),
        ("listen 443 ssl;", format!("listen {address} ssl;")),
        ("/etc/ssl/graph.example.com.pem", file("cert.pem")),
        ("/etc/ssl/graph.example.com.key", file("key.pem")),
    ] {
        assert!(block.contains(of_operator), "{of_operator}");
        block = block.replace(of_operator, &of_test);
    }
    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let paths = paths.map(|name| format!("{name}_temp_path {};\n", file(name))).concat();
    format!(
        "daemon off;\nmaster_process off;\npid {};\nerror_log {};\nevents {{}}\n\
         http {{\naccess_log off;\n{paths}{block}}}\n",
        file("pid"),
        file("error.log")
    )
}

/// A client at its own address, which writes what only a proxy should write.
fn client() -> Client {
    let client = Client::builder().no_proxy().local_address(CLIENT.parse::<IpAddr>().unwrap());
    client.danger_accept_invalid_certs(true).build().unwrap()
}

async fn send(token: &str, request: RequestBuilder) -> Response {
    let spoofed = [
        ("X-Forwarded-For", "192.0.2.1"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "http"),
        ("Forwarded", "for=192.0.2.1;host=evil.example"),
    ];
    let request = spoofed.iter().fold(request, |it, (name, value)| it.header(*name, *value));
    request.bearer_auth(token).send().await.unwrap()
}

async fn body(reply: Response) -> Json {
    let (status, text) = (reply.status(), reply.text().await.unwrap());
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}: {text}"))
}

#[tokio::test]
async fn behind_nginx_links_and_addresses_are_those_of_the_client_and_bodies_are_whole() {
    let world = World::new().await;
    let (folder, token) = (world.server_folder(), &world.token);
    let trusted = [("RUNSTATE_TRUSTED_PROXIES", "127.0.0.1")];
    let server = Server::start_with(&folder, world.url(), token, &trusted).await;
    let Some(nginx) = Nginx::before(&server, &folder).await else {
        drop(server);
        return world.end().await;
    };
    let call = async |method, path: &str, json: Option<&Json>| {
        let request = client().request(method, format!("{}/{path}", nginx.base));
        send(token, json.into_iter().fold(request, RequestBuilder::json)).await
    };

    // A body of 3 MiB goes there and comes back byte by byte.
    let content = "QUJD".repeat(MAX_BODY / 4 * 3 / 4);
    let script = json!({ "displayName": "Large", "scriptContent": content });
    let created = call(Method::POST, SCRIPTS, Some(&script)).await;
    assert_eq!(created.status(), 201);
    let script = body(created).await;
    let script = format!("{SCRIPTS}/{}", script["id"].as_str().unwrap());
    let read = body(call(Method::GET, &script, None).await).await;
    assert!(read["scriptContent"] == content, "the content differs");

    let page = body(call(Method::GET, &format!("{SCRIPTS}?$top=1"), None).await).await;
    for link in ["@odata.context", "@odata.nextLink"] {
        let link = page[link].as_str().unwrap();
        assert!(link.starts_with(&format!("{}/beta/", nginx.base)), "{link}");
    }
    let next = page["@odata.nextLink"].as_str().unwrap();
    assert_eq!(send(token, client().get(next)).await.status(), 200);

    let address = "SELECT actor ->> 'ipAddress' FROM audit_event
                   WHERE resources -> 0 ->> 'displayName' = 'Large'";
    let address = sqlx::query_scalar::<_, String>(address);
    assert_eq!(address.fetch_one(&mut world.database().await).await.unwrap(), CLIENT);

    // One byte too many: the refusal is the server's own.
    let large = format!("{{\"displayName\":\"{}\"}}", "x".repeat(MAX_BODY));
    let request = client().post(format!("{}/{SCRIPTS}", nginx.base)).body(large);
    let refused = send(token, request.header("Content-Type", "application/json")).await;
    assert_eq!(refused.status(), 413);
    assert_eq!(body(refused).await["error"]["code"], "RequestEntityTooLarge");

    // Whoever comes past nginx is no proxy.
    let direct = send(token, client().get(format!("{}/{SCRIPTS}", server.base()))).await;
    let context = body(direct).await["@odata.context"].as_str().unwrap().to_owned();
    assert!(context.starts_with(&format!("{}/beta/", server.base())), "{context}");
    drop((nginx, server));
    world.end().await;
}

/// A test twin behind nginx, with a tenant that has many run states.
struct SlowTwin {
    server: Server,
    nginx: Nginx,
    tenant: String,
    token: String,
}

impl SlowTwin {
    async fn start(world: &World) -> Option<Self> {
        let folder = world.server_folder();
        // With this URL, links are the same behind nginx and before it.
        let settings = [
            ("RUNSTATE_TWIN", "true"),
            ("RUNSTATE_TWIN_SECRET", SECRET),
            ("RUNSTATE_PUBLIC_URL", "https://graph.test"),
        ];
        let server = Server::start_with(&folder, world.url(), &world.token, &settings).await;
        let nginx = Nginx::before(&server, &folder).await?;
        let url = format!("{}/twin/v1/tenants", server.base());
        let from = json!({ "from": "fixture:intune-small" });
        let tenant = send(SECRET, client().post(url).json(&from)).await;
        assert_eq!(tenant.status(), 201);
        let tenant = body(tenant).await;
        let token = tenant["tokens"]["user"].as_str().unwrap().to_owned();
        let tenant = tenant["id"].as_str().unwrap().to_owned();
        Some(Self { server, nginx, tenant, token })
    }

    /// Lets all later replies to GET arrive so.
    async fn rule(&self, then: Json) {
        let rules = format!("{}/twin/v1/tenants/{}/rules", self.server.base(), self.tenant);
        send(SECRET, client().delete(&rules)).await;
        let rule = json!({ "when": { "method": "GET" }, "then": then });
        assert_eq!(send(SECRET, client().post(rules).json(&rule)).await.status(), 201);
    }

    async fn get(&self, base: &str) -> Response {
        let list = format!("{base}/{SCRIPTS}?$expand=assignments,runSummary");
        let reply = send(&self.token, client().get(list)).await;
        assert_eq!(reply.status(), 200);
        reply
    }
}

#[tokio::test]
async fn a_reply_that_is_sent_slowly_is_whole_behind_nginx_and_a_part_of_it_is_not() {
    let world = World::new().await;
    let Some(twin) = SlowTwin::start(&world).await else { return world.end().await };
    let whole = twin.get(twin.server.base()).await.bytes().await.unwrap();
    let rate = whole.len() / 2;
    assert!(rate > 1000, "{rate}");
    twin.rule(json!({ "drip": { "bytesPerSecond": rate } })).await;
    let slow = twin.get(&twin.nginx.base).await;
    assert_eq!(slow.headers()["content-length"], whole.len().to_string().as_str());
    assert_eq!(slow.bytes().await.unwrap(), whole);
    twin.rule(json!({ "cut": "half" })).await;
    let part = twin.get(&twin.nginx.base).await;
    assert_eq!(part.headers()["content-length"], whole.len().to_string().as_str());
    assert!(part.bytes().await.is_err(), "a part is taken for the whole");
    drop(twin);
    world.end().await;
}
