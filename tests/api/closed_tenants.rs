//! What does a client read whose tenant is being moved to another database, or was moved there?

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use sqlx::Executor;
use sqlx::error::DatabaseError;
use uuid::Uuid;

use crate::harness::{Client, DEVICES, Reply, SCRIPTS, Server, WRITE_SCOPE, members, send, user};

const POLICY: &str = "/runstate/v1/retention";
const MOVING: &str = "The tenant of the request is being moved to another server, and nothing was \
                      changed. Please retry after the time that Retry-After gives.";
const ELSEWHERE: &str =
    "This server does not serve the tenant of the request. Nothing was read or changed.";

/// Closes a tenant, or opens it, as the commands of tenants do.
async fn set_state(server: &Server, tenant: Uuid, state: Option<&str>) {
    let mut owner = server.database().await;
    owner
        .execute(sqlx::query("DELETE FROM closed_tenant WHERE tenant = $1").bind(tenant))
        .await
        .unwrap();
    if let Some(state) = state {
        let close = sqlx::query("INSERT INTO closed_tenant (tenant, state) VALUES ($1, $2)");
        owner.execute(close.bind(tenant).bind(state)).await.unwrap();
    }
}

/// Everything that a tenant has, as the owner of the database sees it.
async fn rows(server: &Server, tenant: Uuid) -> Vec<String> {
    let rows = "SELECT it::text FROM script AS it WHERE tenant_id = $1
                UNION ALL SELECT it::text FROM device_state AS it WHERE tenant_id = $1
                UNION ALL SELECT it::text FROM device_state_history AS it WHERE tenant_id = $1
                UNION ALL SELECT it::text FROM script_counts AS it WHERE tenant_id = $1
                UNION ALL SELECT it::text FROM managed_device AS it WHERE tenant_id = $1
                UNION ALL SELECT it::text FROM assignment AS it WHERE tenant_id = $1
                UNION ALL SELECT it::text FROM retention AS it WHERE tenant_id = $1
                UNION ALL SELECT it::text FROM idempotency_key AS it WHERE tenant_id = $1
                UNION ALL SELECT it::text FROM audit_event AS it WHERE tenant_id = $1 ORDER BY 1";
    let rows = sqlx::query_scalar(rows).bind(tenant);
    rows.fetch_all(&mut server.database().await).await.unwrap()
}

/// The replies to a write of each kind, to a script with the run state `one`.
async fn writes(client: &Client, script: &str) -> Vec<Reply> {
    let send_json =
        async |method: Method, path: &str, body: serde_json::Value, headers: &[(&str, &str)]| {
            let mut request =
                client.request(method, path).header("Content-Type", "application/json");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            send(request.body(body.to_string())).await
        };
    let state = format!("{script}/deviceRunStates/one");
    let key = [("Idempotency-Key", "key-of-a-write")];
    let upsert = [("Prefer", "create-if-missing")];
    let deep = json!({ "displayName": "S", "deviceRunStates": [{ "id": "two" }] });
    let target = json!({ "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" });
    let assign = json!({ "deviceManagementScriptAssignments": [{ "target": target }] });
    vec![
        send_json(Method::POST, SCRIPTS, json!({ "displayName": "S" }), &[]).await,
        send_json(Method::POST, SCRIPTS, deep, &[]).await,
        send_json(Method::PATCH, script, json!({ "displayName": "S" }), &[]).await,
        send_json(Method::POST, &format!("{script}/assign"), assign, &[]).await,
        send_json(Method::POST, &format!("{script}/deviceRunStates"), json!({ "id": "two" }), &[])
            .await,
        send_json(Method::POST, DEVICES, json!({ "id": "device" }), &key).await,
        send_json(Method::PATCH, &state, json!({ "runState": "success" }), &[]).await,
        send_json(Method::PATCH, &state, json!({ "runState": "fail" }), &[]).await,
        send_json(Method::PATCH, &state, json!({ "runState": "fail" }), &upsert).await,
        send_json(Method::PATCH, POLICY, json!({ "historyDays": 7 }), &[]).await,
        client.delete(&state).await,
        client.delete(script).await,
    ]
}

async fn reads(client: &Client, script: &str) -> Vec<Reply> {
    let paths = ["", "/runSummary", "/deviceRunStates", "/deviceRunStates/one/history"];
    let paths = paths.map(|path| format!("{script}{path}"));
    let paths =
        paths.into_iter().chain([SCRIPTS.into(), format!("{SCRIPTS}/$count"), POLICY.into()]);
    join_all(paths.map(async |path| client.get(&path).await)).await
}

async fn with_one_state(server: &Server) -> (Client, String) {
    let client = server.client();
    let script = client.new_script().await;
    let state = json!({ "id": "one", "runState": "success" });
    client.post(&format!("{script}/deviceRunStates"), &state).await.created();
    (client, script)
}

#[track_caller]
fn assert_moving(reply: &Reply) {
    assert_eq!(reply.refused(503, "ServiceUnavailable"), MOVING);
    assert_eq!(reply.header("retry-after"), Some("2"));
}

#[track_caller]
fn assert_elsewhere(reply: &Reply) {
    assert_eq!(reply.refused(421, "MisdirectedRequest"), ELSEWHERE);
    assert_eq!(reply.header("retry-after"), None);
}

#[tokio::test]
async fn a_read_only_tenant_is_read_and_its_writes_are_told_to_come_back() {
    let server = Server::start().await;
    let (client, script) = with_one_state(&server).await;
    set_state(&server, server.tenant(), Some("read-only")).await;
    let before = rows(&server, server.tenant()).await;
    writes(&client, &script).await.iter().for_each(assert_moving);
    assert_eq!(rows(&server, server.tenant()).await, before);
    for reply in reads(&client, &script).await {
        assert_eq!(reply.status, 200, "{reply:?}");
    }
    // A write that finds nothing to write says so.
    assert_eq!(client.delete(&format!("{script}/deviceRunStates/none")).await.status, 404);
    let requests = json!({ "requests": [
        { "id": "1", "method": "GET", "url": "/deviceManagement/deviceManagementScripts" },
        { "id": "2", "method": "POST", "url": "/deviceManagement/deviceManagementScripts",
          "headers": { "Content-Type": "application/json" }, "body": { "displayName": "S" } }] });
    let replies = client.post("/beta/$batch", &requests).await.ok();
    let replies = replies["responses"].as_array().unwrap();
    assert_eq!((&replies[0]["status"], &replies[1]["status"]), (&json!(200), &json!(503)));
    assert_eq!(replies[1]["headers"]["Retry-After"], "2");

    set_state(&server, server.tenant(), None).await;
    for reply in writes(&client, &script).await {
        assert!((200..300).contains(&reply.status), "{reply:?}");
    }
}

#[tokio::test]
async fn a_tenant_that_arrives_is_told_to_come_back_and_one_that_has_left_is_elsewhere() {
    let server = Server::start().await;
    let (client, script) = with_one_state(&server).await;
    let before = rows(&server, server.tenant()).await;
    for (state, assert) in
        [("arriving", assert_moving as fn(&Reply)), ("moved", assert_elsewhere as fn(&Reply))]
    {
        set_state(&server, server.tenant(), Some(state)).await;
        writes(&client, &script).await.iter().for_each(assert);
        // Sessions that are open already may read for a second.
        tokio::time::sleep(Duration::from_millis(1100)).await;
        reads(&client, &script).await.iter().for_each(assert);
    }
    assert_eq!(rows(&server, server.tenant()).await, before);
    let mut owner = server.database().await;
    for table in ["device_state", "script"] {
        let remove = format!("DELETE FROM {table} WHERE tenant_id = '{}'", server.tenant());
        owner.execute(sqlx::AssertSqlSafe(remove)).await.unwrap();
    }
    writes(&client, &script).await.iter().for_each(assert_elsewhere);
    reads(&client, &script).await.iter().for_each(assert_elsewhere);
    // The nearest tenant is not concerned.
    assert_eq!(server.other_tenant().get(SCRIPTS).await.status, 200);
}

#[tokio::test]
async fn nobody_signs_in_to_a_tenant_that_has_left_even_if_unknown_tenants_are_served() {
    let server = Server::with_sign_in().await;
    let tenant = Uuid::new_v4();
    let mut owner = server.database().await;
    let home = "INSERT INTO tenant (id, is_default, serves_unknown) VALUES ($1, true, true)";
    owner.execute(sqlx::query(home).bind(server.tenant())).await.unwrap();
    let document = format!("/{tenant}/v2.0/.well-known/openid-configuration");
    let client = server.client_with_token(None);
    assert_eq!(client.get(&document).await.status, 200);
    for (state, status) in [("read-only", 200), ("arriving", 503), ("moved", 421)] {
        set_state(&server, tenant, Some(state)).await;
        let reply = client.get(&document).await;
        assert_eq!(reply.status, status, "{reply:?}");
    }
}

#[tokio::test]
async fn writes_of_other_tenants_that_share_a_statement_with_a_closed_one_succeed() {
    const WRITES: usize = 60;
    let server = Server::start().await;
    let tenants: Vec<Uuid> = (0..3).map(|_| Uuid::new_v4()).collect();
    let clients = tenants.iter().map(|tenant| server.client_of(&user(*tenant, &[WRITE_SCOPE])));
    let clients: Vec<Client> = clients.collect();
    let scripts = join_all(clients.iter().map(Client::new_script)).await;
    set_state(&server, tenants[0], Some("read-only")).await;
    set_state(&server, tenants[1], Some("moved")).await;
    let replies = join_all((0..WRITES).map(async |number| {
        let states = format!("{}/deviceRunStates", scripts[number % 3]);
        clients[number % 3].post(&states, &json!({ "id": format!("state-{number}") })).await
    }));
    for (number, reply) in replies.await.iter().enumerate() {
        match number % 3 {
            0 => assert_moving(reply),
            1 => assert_elsewhere(reply),
            _ => drop(reply.created()),
        }
    }
    let page = clients[2].get(&format!("{}/deviceRunStates", scripts[2])).await.ok();
    assert_eq!(members(&page, "id").len(), WRITES / 3);
}

#[tokio::test]
async fn the_owner_does_not_change_the_directory_of_a_closed_tenant_either() {
    let server = Server::start().await;
    let mut owner = server.database().await;
    let tenant = server.tenant();
    let run = async |owner: &mut sqlx::PgConnection, text: &'static str| {
        owner.execute(sqlx::query(text).bind(tenant)).await.map(|_| ())
    };
    run(&mut owner, "INSERT INTO tenant (id) VALUES ($1)").await.unwrap();
    let add = "INSERT INTO directory_user VALUES ($1, $1, 'ada@example.org', 'Ada', 'hash')";
    run(&mut owner, add).await.unwrap();
    for state in ["read-only", "arriving", "moved"] {
        set_state(&server, tenant, Some(state)).await;
        for text in [
            "INSERT INTO tenant_domain VALUES ('contoso.example', $1)",
            "INSERT INTO application VALUES ($1, $1, $1, 'App', true, '{}', '{}', '{}', '{}', '{}', '{}')",
            "UPDATE directory_user SET display_name = 'Other' WHERE tenant_id = $1",
            "DELETE FROM directory_user WHERE tenant_id = $1",
        ] {
            let refused = run(&mut owner, text).await.unwrap_err();
            let code = refused.as_database_error().and_then(DatabaseError::code).unwrap();
            assert_eq!(code, if state == "moved" { "55T02" } else { "55T01" }, "{text}");
        }
    }
    set_state(&server, tenant, None).await;
    run(&mut owner, "DELETE FROM directory_user WHERE tenant_id = $1").await.unwrap();
}

#[tokio::test]
async fn a_next_link_of_the_former_database_is_good_and_that_of_any_other_is_not() {
    let server = Server::start().await;
    let client = server.client();
    let states = format!("{}/deviceRunStates", client.new_script().await);
    for id in ["a", "b", "c"] {
        client.post(&states, &json!({ "id": id })).await.created();
    }
    let page = client.get(&format!("{states}?$top=1")).await.ok();
    let link = page["@odata.nextLink"].as_str().unwrap().to_owned();
    let mut owner = server.database().await;
    // As after a move: the rows are in a database that signs with another key.
    owner.execute("UPDATE page_token_key SET key = 'other'").await.unwrap();
    let moved = server.second().await;
    let link = link.replace(server.base(), moved.base());
    let refused = moved.client().get(&link).await.refused(400, "BadRequest");
    assert!(refused.contains("$skiptoken"), "{refused}");
    let keep = "INSERT INTO former_page_token_key VALUES ($1, $2)";
    let key = &server.service().store.token_key(server.tenant())[..32];
    owner.execute(sqlx::query(keep).bind(server.tenant()).bind(key)).await.unwrap();
    let page = moved.client().get(&link).await.ok();
    assert_eq!(members(&page, "id"), ["b"]);
    // From now on the links are this database's own.
    let own = page["@odata.nextLink"].as_str().unwrap();
    sqlx::query("DELETE FROM former_page_token_key").execute(&mut owner).await.unwrap();
    assert_eq!(members(&moved.client().get(own).await.ok(), "id"), ["c"]);
    moved.client().get(&link).await.refused(400, "BadRequest");
}
