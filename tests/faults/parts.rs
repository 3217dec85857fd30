//! Parts by tenant: two databases, each with a server that serves its own tenants, and `HAProxy` in front,
//! which reads the tenant from the token.

use std::path::PathBuf;
use std::sync::LazyLock;

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use runstate::config::FIRST_TENANT;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::haproxy::Haproxy;
use crate::server::{Reply, Server, send};
use crate::system::{PATIENCE, eventually};
use crate::world::{World, token_of};

const SECOND_TENANT: Uuid = Uuid::from_u128(0x7e57_0000_0000_4000_8000_0000_0000_0002);
/// A tenant that the map of `HAProxy` holds back.
const MOVING_TENANT: Uuid = Uuid::from_u128(0x7e57_0000_0000_4000_8000_0000_0000_0003);
const SCRIPTS: &str = "beta/deviceManagement/deviceManagementScripts";

/// Two parts, and a token for each of their tenants.
struct Parts {
    world: World,
    servers: [Server; 2],
    tokens: [String; 2],
    /// The tenants of the first part.
    file: PathBuf,
}

impl Parts {
    async fn start() -> Self {
        let world = World::new().await;
        world.run("CREATE DATABASE second").await;
        let folder = world.server_folder();
        let tokens = [FIRST_TENANT, SECOND_TENANT].map(|tenant| token_of(&folder, tenant));
        let file = folder.join("tenants");
        std::fs::write(&file, format!("# part 1\n{FIRST_TENANT}\n")).unwrap();
        let listed = file.to_str().unwrap();
        let proxies = ("RUNSTATE_TRUSTED_PROXIES", "127.0.0.1");
        let settings = [("RUNSTATE_TENANTS", listed), proxies];
        let first = Server::start_with(&folder, world.url(), &tokens[0], &settings).await;
        let settings = SECOND_TENANT.to_string();
        let settings = [("RUNSTATE_TENANTS", settings.as_str()), proxies];
        let url = format!("{}second", world.url().strip_suffix("runstate").unwrap());
        let second = Server::start_with(&folder, &url, &tokens[1], &settings).await;
        Self { world, servers: [first, second], tokens, file }
    }

    async fn end(self) {
        drop(self.servers);
        self.world.end().await;
    }

    /// Adds the second tenant to the directory of the first part.
    async fn register_second_tenant(&self) {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_runstate"));
        let id = SECOND_TENANT.to_string();
        let command = command.args(["tenant", "add", "--domain", "fabrikam.example", "--id", &id]);
        let command = command.env("DATABASE_URL", self.world.url());
        let command = command.env("RUNSTATE_DATA_DIR", self.world.server_folder());
        assert!(command.output().await.unwrap().status.success());
    }
}

#[track_caller]
fn assert_elsewhere(reply: &Reply) {
    assert_eq!(reply.status, 421, "{reply:?}");
    assert_eq!(reply.retry_after, None);
    let error = &reply.body["error"];
    assert_eq!(error["code"], "MisdirectedRequest", "{reply:?}");
    let text = "This server does not serve the tenant of the request. Nothing was read or changed.";
    assert_eq!(error["message"], text);
}

#[tokio::test]
async fn a_tenant_of_another_part_is_refused_everywhere_and_nothing_is_written() {
    let parts = Parts::start().await;
    let ([first, _], [_, foreign]) = (&parts.servers, &parts.tokens);
    let policy = "runstate/v1/retention";
    let batch = json!({ "requests": [{ "id": "1", "method": "POST", "url": "/deviceManagement/deviceManagementScripts",
        "body": { "displayName": "S" }, "headers": { "Content-Type": "application/json" } }] });
    let large = json!({ "displayName": "S", "description": "x".repeat(2_000_000) });
    for (method, path, body) in [
        (Method::GET, SCRIPTS, None),
        (Method::POST, SCRIPTS, Some(&json!({ "displayName": "S" }))),
        (Method::POST, SCRIPTS, Some(&large)),
        (Method::DELETE, &format!("{SCRIPTS}/{SECOND_TENANT}"), None),
        (Method::GET, "beta/unknown", None),
        (Method::POST, "beta/$batch", Some(&batch)),
        (Method::GET, policy, None),
        (Method::PATCH, policy, Some(&json!({ "historyDays": 7 }))),
    ] {
        assert_elsewhere(&first.send(method, path, body, foreign).await);
    }
    // A bad token is 401 first: who has none learns nothing of tenants.
    let bad = format!("{foreign}x");
    assert_eq!(first.get_with(&bad, SCRIPTS).await.status, 401);
    let written = "SELECT (SELECT count(*) FROM script WHERE tenant_id = $1)
                        + (SELECT count(*) FROM retention WHERE tenant_id = $1)
                        + (SELECT count(*) FROM idempotency_key WHERE tenant_id = $1)";
    let written = sqlx::query_scalar::<_, i64>(written).bind(SECOND_TENANT);
    assert_eq!(written.fetch_one(&mut parts.world.database().await).await.unwrap(), 0);
    parts.end().await;
}

#[tokio::test]
async fn nobody_signs_in_to_a_tenant_of_another_part() {
    let parts = Parts::start().await;
    parts.register_second_tenant().await;
    let first = &parts.servers[0];
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for tenant in [&SECOND_TENANT.to_string(), "fabrikam.example"] {
        for path in ["oauth2/v2.0/token", "oauth2/v2.0/devicecode", "oauth2/v2.0/logout"] {
            let request = http.post(format!("{}/{tenant}/{path}", first.base()));
            let form = "application/x-www-form-urlencoded";
            let request =
                request.header("Content-Type", form).body("client_id=a&grant_type=password");
            let reply = request.send().await.unwrap();
            assert_eq!(reply.status(), 421, "{path}");
            let text = reply.text().await.unwrap();
            assert!(text.contains("does not serve the tenant"), "{text}");
        }
        let url = format!("{}/{tenant}/v2.0/.well-known/openid-configuration", first.base());
        assert_eq!(http.get(url).send().await.unwrap().status(), 421);
    }
    let url = format!("{}/oidc/userinfo", first.base());
    let reply = http.get(url).bearer_auth(&parts.tokens[1]).send().await.unwrap();
    assert_eq!(reply.status(), 421);
    parts.end().await;
}

#[tokio::test]
async fn the_file_of_tenants_is_read_again_when_it_changes_and_on_sighup() {
    let parts = Parts::start().await;
    let ([first, _], [own, foreign]) = (&parts.servers, &parts.tokens);
    let statuses = async || {
        [first.get_with(own, SCRIPTS).await.status, first.get_with(foreign, SCRIPTS).await.status]
    };
    assert_eq!(statuses().await, [200, 421]);
    std::fs::write(&parts.file, format!("{FIRST_TENANT}\n{SECOND_TENANT}\n")).unwrap();
    eventually("both are served", PATIENCE, async || statuses().await == [200, 200]).await;
    std::fs::write(&parts.file, format!("{SECOND_TENANT}\n")).unwrap();
    first.signal("HUP");
    eventually("the first has gone", PATIENCE, async || statuses().await == [421, 200]).await;
    std::fs::write(&parts.file, "no list").unwrap();
    first.signal("HUP");
    let refused = "the file of tenants cannot be used, the old list stays";
    eventually("the mistake is logged", PATIENCE, async || {
        first.log().iter().any(|event| event["fields"]["message"] == refused)
    })
    .await;
    assert_eq!(statuses().await, [421, 200]);
    parts.end().await;
}

/// A request to `HAProxy`.
async fn ask(base: &str, method: &str, path: &str, token: &str, body: Option<&Json>) -> Reply {
    static HTTP: LazyLock<reqwest::Client> = LazyLock::new(|| {
        // A client that writes what only the proxy should write.
        let spoofed = HeaderMap::from_iter([
            (HeaderName::from_static("x-forwarded-host"), HeaderValue::from_static("evil.example")),
            (HeaderName::from_static("x-forwarded-proto"), HeaderValue::from_static("https")),
        ]);
        reqwest::Client::builder().no_proxy().default_headers(spoofed).build().unwrap()
    });
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    send(&HTTP, method, &format!("{base}/{path}"), body, token).await
}

#[tokio::test]
async fn haproxy_leads_each_tenant_to_its_part_on_every_route() {
    let parts = Parts::start().await;
    let map = format!(
        "{FIRST_TENANT} part1\n{SECOND_TENANT} part2\nfabrikam.example part2\n{MOVING_TENANT} moving\n"
    );
    let folder = parts.world.server_folder();
    let servers = [&parts.servers[0], &parts.servers[1]];
    let Some(haproxy) = Haproxy::before(servers, &map, &folder).await else {
        return parts.end().await;
    };
    let base = haproxy.base();
    let routes = include_str!("../fixtures/routes.json");
    let routes: Vec<Json> = serde_json::from_str(routes).unwrap();
    let missing = Uuid::from_u128(1).to_string();
    for (server, token) in parts.servers.iter().zip(&parts.tokens) {
        for route in &routes {
            let (method, path) =
                (route["method"].as_str().unwrap(), route["path"].as_str().unwrap());
            let path = format!("beta{}", path.replace("{id}", &missing));
            let body = ["POST", "PATCH"].contains(&method).then(|| json!({}));
            let through = ask(&base, method, &path, token, body.as_ref()).await;
            let direct = ask(server.base(), method, &path, token, body.as_ref()).await;
            assert_eq!(through.status, direct.status, "{method} {path}: {through:?}");
            assert_eq!(through.body["error"]["message"], direct.body["error"]["message"]);
            assert!(through.status < 500 && through.status != 421, "{through:?}");
        }
    }
    for (number, token) in parts.tokens.iter().enumerate() {
        work_with(&base, token, &parts.servers[1 - number]).await;
    }
    haproxy_reads_paths_and_has_defaults(&base).await;
    haproxy_holds_a_tenant_back(&base, &token_of(&folder, MOVING_TENANT)).await;
    drop(haproxy);
    parts.end().await;
}

/// Creates, reads and reports in one tenant through `HAProxy`. The `other` part has nothing of it.
async fn work_with(base: &str, token: &str, other: &Server) {
    let call = async |method, path: &str, body: Json| {
        ask(base, method, path, token, (!body.is_null()).then_some(&body)).await
    };
    let script = call("POST", SCRIPTS, json!({ "displayName": "Through" })).await.with(201);
    let script = format!("{SCRIPTS}/{}", script["id"].as_str().unwrap());
    let states = format!("{script}/deviceRunStates");
    for id in ["a", "b", "c"] {
        call("POST", &states, json!({ "id": id, "runState": "fail" })).await.with(201);
    }
    call("PATCH", &format!("{states}/a"), json!({ "runState": "success" })).await.with(200);
    let page = call("GET", &format!("{states}?$top=2"), Json::Null).await.with(200);
    let next = page["@odata.nextLink"].as_str().unwrap();
    assert!(next.starts_with(base), "{next}");
    let rest = call("GET", next.trim_start_matches(base).trim_start_matches('/'), Json::Null).await;
    assert_eq!(rest.with(200)["value"].as_array().unwrap().len(), 1);
    let history = call("GET", &format!("{states}/a/history"), Json::Null).await.with(200);
    assert_eq!(history["value"].as_array().unwrap().len(), 2);
    let summary = call("GET", &format!("{script}/runSummary"), Json::Null).await.with(200);
    assert_eq!(summary["successDeviceCount"], 1);
    let of_tenant = "runstate/v1/retention";
    call("PATCH", of_tenant, json!({ "historyDays": 30 })).await.with(200);
    let batch =
        json!({ "requests": [{ "id": "1", "method": "GET", "url": script.replace("beta", "") }] });
    let replies = call("POST", "beta/$batch", batch).await.with(200);
    assert_eq!(replies["responses"][0]["status"], 200, "{replies}");
    call("DELETE", &format!("{states}/b"), Json::Null).await.with(204);
    assert_elsewhere(&other.get_with(token, &script).await);
}

/// Sign-ins are led by their path, and documents by nothing.
async fn haproxy_reads_paths_and_has_defaults(base: &str) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let status = async |path: &str| {
        http.get(format!("{base}/{path}")).send().await.unwrap().status().as_u16()
    };
    let document = "v2.0/.well-known/openid-configuration";
    assert_eq!(status(&format!("{FIRST_TENANT}/{document}")).await, 200);
    // The second part has no directory: its own 400, and not the 421 of the first part.
    assert_eq!(status(&format!("{SECOND_TENANT}/{document}")).await, 400);
    assert_eq!(status(&format!("Fabrikam.example/{document}")).await, 400);
    assert_eq!(status("beta/$metadata").await, 200);
    assert_eq!(status("openapi.json").await, 200);
    assert_eq!(status(SCRIPTS).await, 401);
}

/// While a tenant is moved, its clients are asked to wait.
async fn haproxy_holds_a_tenant_back(base: &str, token: &str) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for request in [http.get(format!("{base}/{SCRIPTS}")), http.post(format!("{base}/{SCRIPTS}"))] {
        let reply = request.bearer_auth(token).send().await.unwrap();
        assert_eq!(reply.status(), 503);
        assert_eq!(reply.headers()["retry-after"], "2");
        let body: Json = serde_json::from_str(&reply.text().await.unwrap()).unwrap();
        assert_eq!(body["error"]["code"], "ServiceUnavailable");
    }
}
