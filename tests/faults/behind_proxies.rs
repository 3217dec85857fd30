//! A server that trusts the proxy in front of it. Replies have a length, and are sent at once. Only rules of
//! the test twin send one slowly, or a part of it.

use std::path::Path;

use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value as Json, json};

use crate::proxies::{CLIENT, Proxy, body, client, send};
use crate::server::Server;
use crate::world::World;

/// The secret that controls the test twin.
const SECRET: &str = "a secret of the tests";
const SCRIPTS: &str = "beta/deviceManagement/deviceManagementScripts";
/// The most bytes of a body that the server reads.
const MAX_BODY: usize = 4 * 1024 * 1024;

#[tokio::test]
async fn behind_nginx_links_and_addresses_are_those_of_the_client_and_bodies_are_whole() {
    behind(Proxy::nginx).await;
}

#[tokio::test]
async fn behind_caddy_links_and_addresses_are_those_of_the_client_and_bodies_are_whole() {
    behind(Proxy::caddy).await;
}

async fn behind(proxy: impl AsyncFn(&Server, &Path) -> Option<Proxy>) {
    let world = World::new().await;
    let (folder, token) = (world.server_folder(), &world.token);
    let trusted = [("RUNSTATE_TRUSTED_PROXIES", "127.0.0.1")];
    let server = Server::start_with(&folder, world.url(), token, &trusted).await;
    let Some(proxy) = proxy(&server, &folder).await else {
        drop(server);
        return world.end().await;
    };
    let call = async |method, path: &str, json: Option<&Json>| {
        let request = client().request(method, format!("{}/{path}", proxy.base));
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
        assert!(link.starts_with(&format!("{}/beta/", proxy.base)), "{link}");
    }
    let next = page["@odata.nextLink"].as_str().unwrap();
    assert_eq!(send(token, client().get(next)).await.status(), 200);

    let address = "SELECT actor ->> 'ipAddress' FROM audit_event
                   WHERE resources -> 0 ->> 'displayName' = 'Large'";
    let address = sqlx::query_scalar::<_, String>(address);
    assert_eq!(address.fetch_one(&mut world.database().await).await.unwrap(), CLIENT);

    // One byte too many: the refusal is the server's own.
    let large = format!("{{\"displayName\":\"{}\"}}", "x".repeat(MAX_BODY));
    let request = client().post(format!("{}/{SCRIPTS}", proxy.base)).body(large);
    let refused = send(token, request.header("Content-Type", "application/json")).await;
    assert_eq!(refused.status(), 413);
    assert_eq!(body(refused).await["error"]["code"], "RequestEntityTooLarge");

    // Whoever comes past the proxy is no proxy.
    let direct = send(token, client().get(format!("{}/{SCRIPTS}", server.base()))).await;
    let context = body(direct).await["@odata.context"].as_str().unwrap().to_owned();
    assert!(context.starts_with(&format!("{}/beta/", server.base())), "{context}");
    drop((proxy, server));
    world.end().await;
}

/// A test twin behind nginx, with a tenant that has many run states.
struct SlowTwin {
    server: Server,
    nginx: Proxy,
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
        let nginx = Proxy::nginx(&server, &folder).await?;
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
