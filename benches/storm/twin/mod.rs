//! The test twin: how long it takes to make, reset and remove tenants, of which a test run needs many.

mod parallel;

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::{Client, Method};
use serde_json::{Value as Json, json};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, query};
use uuid::Uuid;

use crate::Result;
use crate::report::{Table, Target, Value};
use crate::server::Server;
use crate::setup::Setup;

const SECRET: &str = "a secret of the benchmark";
const SCRIPTS: &str = "/beta/deviceManagement/deviceManagementScripts";
/// How often each request is measured.
const TIMES: usize = 50;
/// How many clients make tenants at once.
const AT_ONCE: usize = 8;
/// How many tenants are made and removed one after the other.
const CYCLES: usize = 5000;
/// The cycles at the start and at the end that are compared.
const COMPARED: usize = 100;

const FILL: &str = "
    INSERT INTO device_state (tenant_id, script_id, id, last_state_update, last_state_update_offset,
                              run_state, error_code, result_message, error_description)
    SELECT $1, $2, 'device-' || number, 0, 0, 'success', 0, 'Result Message value',
           'Error Description value'
    FROM generate_series(1, $3::int) AS number";

/// A client of the control API.
struct Twin {
    http: Client,
    base: String,
}

pub(crate) async fn measure(setup: &Setup<'_>) -> Result<Table> {
    let mut table = Table::new("test twin, one client unless said otherwise: medians");
    let database = setup.cluster.database("twin").await?;
    let variables = [("RUNSTATE_TWIN", "true"), ("RUNSTATE_TWIN_SECRET", SECRET)];
    let server = Server::start_with(&database, setup.directory, &variables).await?;
    let http = Client::builder().no_proxy().build()?;
    let twin = Twin { http, base: format!("http://{}", server.address) };
    let mut connection = PgConnection::connect_with(database.options()).await?;
    for states in [1_000, 10_000] {
        twin.fill(&mut connection, states).await?;
    }

    let sizes = [
        ("empty", None, 5.0),
        ("1,000 states", Some(1_000), 30.0),
        ("10,000 states", Some(10_000), 250.0),
    ];
    for (name, states, most) in sizes {
        let mut body = json!({ "name": "storm" });
        if let Some(states) = states {
            body["from"] = snapshot(states).into();
        }
        let mut times = Vec::new();
        for _ in 0..TIMES {
            times.push(twin.timed(Method::POST, "/tenants", &body).await?.0);
        }
        let measured = Value::Milliseconds(percentile(&mut times, 50));
        table.compare(
            &format!("make a tenant, {name}"),
            measured,
            limit(most),
            Target::AtMost(1.0),
        );
        let many = (0..AT_ONCE).map(|_| async {
            let mut times = Vec::new();
            for _ in 0..TIMES / 2 {
                times.push(twin.timed(Method::POST, "/tenants", &body).await?.0);
            }
            Ok::<_, crate::Failure>(times)
        });
        let many: Result<Vec<Vec<Duration>>> = join_all(many).await.into_iter().collect();
        let measured = Value::Milliseconds(percentile(&mut many?.concat(), 99));
        let row = format!("{AT_ONCE} clients at once, {name}: 99 of 100 within");
        table.compare(&row, measured, limit(2.0 * most), Target::AtMost(1.0));
        twin.send(Method::DELETE, "/tenants?prefix=storm", &Json::Null).await?;
    }
    resets(&twin, &mut table).await?;
    parallel::tests(&twin, &mut connection, &mut table).await?;
    connection.close().await?;
    cycles(&twin, &mut table).await?;
    Ok(table)
}

async fn resets(twin: &Twin, table: &mut Table) -> Result<()> {
    let tenant = twin.send(Method::POST, "/tenants", &json!({ "from": snapshot(1_000) })).await?;
    let path = format!("/tenants/{}/reset", text(&tenant["id"]));
    let (mut untouched, mut changed) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        untouched.push(twin.timed(Method::POST, &path, &Json::Null).await?.0);
        for number in 0..10 {
            let body = json!({ "displayName": format!("Script {number}") });
            twin.graph(text(&tenant["tokens"]["user"]), SCRIPTS, &body).await?;
        }
        changed.push(twin.timed(Method::POST, &path, &Json::Null).await?.0);
    }
    let measured = Value::Milliseconds(percentile(&mut untouched, 50));
    table.compare("reset, nothing changed", measured, limit(2.0), Target::AtMost(1.0));
    let measured = Value::Milliseconds(percentile(&mut changed, 50));
    table.compare("reset, 1,000 states, 10 writes", measured, limit(50.0), Target::AtMost(1.0));
    Ok(())
}

async fn cycles(twin: &Twin, table: &mut Table) -> Result<()> {
    let mut times = Vec::new();
    for _ in 0..CYCLES {
        let start = Instant::now();
        let tenant = twin.send(Method::POST, "/tenants", &json!({})).await?;
        let path = format!("/tenants/{}", text(&tenant["id"]));
        twin.send(Method::DELETE, &path, &Json::Null).await?;
        times.push(start.elapsed());
    }
    let first = percentile(&mut times[..COMPARED].to_vec(), 95);
    let last = percentile(&mut times[CYCLES - COMPARED..].to_vec(), 95);
    let row = format!("cycle {CYCLES} of making and removing: 95 of 100 within");
    let first = ("the first 100", Value::Milliseconds(first));
    table.compare(&row, Value::Milliseconds(last), first, Target::AtMost(2.0));
    Ok(())
}

impl Twin {
    /// Makes a snapshot with run states.
    async fn fill(&self, connection: &mut PgConnection, states: i32) -> Result<()> {
        let tenant = self.send(Method::POST, "/tenants", &json!({})).await?;
        let token = text(&tenant["tokens"]["user"]);
        let script = self.graph(token, SCRIPTS, &json!({ "displayName": "Script" })).await?;
        let [tenant_id, script_id] = [&tenant["tenant"], &script["id"]].map(text);
        let fill = query(FILL).bind(Uuid::parse_str(tenant_id)?).bind(Uuid::parse_str(script_id)?);
        fill.bind(states).execute(&mut *connection).await?;
        query("ANALYZE").execute(connection).await?;
        let path = format!("/tenants/{}/snapshots", text(&tenant["id"]));
        self.send(Method::POST, &path, &json!({ "name": snapshot(states) })).await.map(drop)
    }

    async fn timed(&self, method: Method, path: &str, body: &Json) -> Result<(Duration, Json)> {
        let start = Instant::now();
        let reply = self.send(method, path, body).await?;
        Ok((start.elapsed(), reply))
    }

    async fn send(&self, method: Method, path: &str, body: &Json) -> Result<Json> {
        let url = format!("{}/twin/v1{path}", self.base);
        self.request(method, url, SECRET, body).await
    }

    async fn graph(&self, token: &str, path: &str, body: &Json) -> Result<Json> {
        self.request(Method::POST, format!("{}{path}", self.base), token, body).await
    }

    async fn request(&self, method: Method, url: String, token: &str, body: &Json) -> Result<Json> {
        let request = self.http.request(method, url).bearer_auth(token);
        let request = if body.is_null() { request } else { request.json(body) };
        let text = request.send().await?.error_for_status()?.text().await?;
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }
}

fn snapshot(states: i32) -> String {
    format!("states-{states}")
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_default()
}

fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort();
    let index = (times.len() * percent).div_ceil(100).saturating_sub(1);
    times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}

fn limit(milliseconds: f64) -> (&'static str, Value) {
    ("limit", Value::Milliseconds(milliseconds))
}
