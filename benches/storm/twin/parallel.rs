//! Tests that run at the same time, each in a tenant of its own, and what they leave in the database.

use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value as Json, json};
use sqlx::postgres::PgConnection;
use sqlx::{query, query_scalar};
use tokio::time::sleep;

use super::{SCRIPTS, Twin, text};
use crate::Result;
use crate::report::{Table, Target, Value};

/// How many tests run at the same time.
const TESTS: usize = 200;
/// How many run states a test creates and reads: with its script that makes 50 requests.
const STATES: usize = 24;
/// How long a client waits that was told to come back later.
const PAUSE: Duration = Duration::from_millis(100);

const SIZE: &str = "SELECT pg_database_size(current_database())::float8";

/// The requests of many tests in as many tenants, compared with the same requests in one tenant.
pub(super) async fn tests(
    twin: &Twin,
    connection: &mut PgConnection,
    table: &mut Table,
) -> Result<()> {
    let before = size(connection).await?;
    let body = json!({ "name": "parallel" });
    let mut tokens = Vec::new();
    for _ in 0..TESTS {
        tokens.push(token(&twin.send(Method::POST, "/tenants", &body).await?));
    }
    let apart = run(twin, &tokens).await?;
    let one = token(&twin.send(Method::POST, "/tenants", &body).await?);
    let together = run(twin, &vec![one; TESTS]).await?;
    table.compare(
        &format!("{TESTS} tests at once, each in a tenant of its own"),
        milliseconds(apart),
        ("in one tenant", milliseconds(together)),
        Target::AtMost(1.3),
    );
    twin.send(Method::DELETE, "/tenants?prefix=parallel", &Json::Null).await?;
    let after = size(connection).await?;
    let mebibytes = |bytes: f64| Value::Mebibytes(bytes / 1024.0 / 1024.0);
    table.compare(
        "the database when their tenants are removed",
        mebibytes(after),
        ("before", mebibytes(before)),
        Target::AtMost(1.2),
    );
    Ok(())
}

/// Runs a test with each token, all at once; returns how long they took.
async fn run(twin: &Twin, tokens: &[String]) -> Result<Duration> {
    let start = Instant::now();
    try_join_all(tokens.iter().map(|token| test(twin, token))).await?;
    Ok(start.elapsed())
}

async fn test(twin: &Twin, token: &str) -> Result<()> {
    let create = json!({ "displayName": "Script" });
    let script = send(twin, token, Method::POST, SCRIPTS, &create).await?;
    let script = format!("{SCRIPTS}/{}", text(&script["id"]));
    let states = format!("{script}/deviceRunStates");
    for number in 0..STATES {
        let id = format!("state-{number}");
        let state = json!({ "id": id, "runState": "success" });
        send(twin, token, Method::POST, &states, &state).await?;
        send(twin, token, Method::GET, &format!("{states}/{id}"), &Json::Null).await?;
    }
    send(twin, token, Method::GET, &script, &Json::Null).await.map(drop)
}

/// Sends a request, again for as long as the server is too busy, as a client does.
async fn send(twin: &Twin, token: &str, method: Method, path: &str, body: &Json) -> Result<Json> {
    loop {
        let request = twin.http.request(method.clone(), format!("{}{path}", twin.base));
        let request = request.bearer_auth(token);
        let request = if body.is_null() { request } else { request.json(body) };
        let reply = request.send().await?;
        if reply.status() != StatusCode::SERVICE_UNAVAILABLE {
            return Ok(serde_json::from_str(&reply.error_for_status()?.text().await?)?);
        }
        sleep(PAUSE).await;
    }
}

/// The size of the database without dead rows, in bytes.
async fn size(connection: &mut PgConnection) -> Result<f64> {
    query("VACUUM").execute(&mut *connection).await?;
    Ok(query_scalar(SIZE).fetch_one(connection).await?)
}

fn token(tenant: &Json) -> String {
    text(&tenant["tokens"]["user"]).to_owned()
}

fn milliseconds(time: Duration) -> Value {
    Value::Milliseconds(time.as_secs_f64() * 1000.0)
}
