//! The metrics of the program: where they are served, and that they count what happened.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::process::system::free_address;
use crate::process::{Directory, Server, run, runstate, text};

const CERTIFICATE_END: &str = "runstate_tls_certificate_expiration_timestamp_seconds";
const DAY: f64 = 86_400.0;

/// The samples of a page without the buckets, by their name and labels.
async fn samples(address: &str) -> BTreeMap<String, f64> {
    let reply = get(&format!("http://{address}/metrics")).await;
    assert_eq!(reply.status(), 200);
    let media_type = reply.headers()["content-type"].to_str().unwrap().to_owned();
    assert_eq!(media_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let page = reply.text().await.unwrap();
    assert!(page.ends_with("\n# EOF\n"), "{page}");
    let lines = page.lines().filter(|line| !line.starts_with('#') && !line.contains("_bucket"));
    let sample = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.parse().unwrap())
    };
    lines.map(sample).collect()
}

async fn get(url: &str) -> reqwest::Response {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client.get(url).send().await.unwrap()
}

#[tokio::test]
async fn the_metrics_count_requests_stages_batches_and_tokens() {
    let data = Directory::new();
    let address = free_address();
    let mut command = runstate(&data.0);
    command.env("RUNSTATE_METRICS_LISTEN", &address);
    let server = Server::of(command);
    let before = samples(&address).await;
    for _ in 0..3 {
        assert!(server.paste().contains("201 Created"));
    }
    assert_eq!(get(&format!("{}/beta/nonsense", server.http)).await.status(), 401);
    let after = samples(&address).await;
    let grown = |name: &str| after[name] - before.get(name).copied().unwrap_or_default();
    for (name, times) in [
        (r#"runstate_requests_total{target="collection",method="POST",status="201"}"#, 3.0),
        (r#"runstate_requests_total{target="unknown",method="GET",status="401"}"#, 1.0),
        (r#"runstate_request_duration_seconds_count{target="collection"}"#, 3.0),
        (r#"runstate_request_stage_duration_seconds_count{stage="token"}"#, 3.0),
        (r#"runstate_request_stage_duration_seconds_count{stage="plan"}"#, 3.0),
        (r#"runstate_request_stage_duration_seconds_count{stage="wait"}"#, 3.0),
        (r#"runstate_request_stage_duration_seconds_count{stage="database"}"#, 3.0),
        (r#"runstate_request_stage_duration_seconds_count{stage="reply"}"#, 3.0),
        ("runstate_write_batch_rows_count", 3.0),
        ("runstate_write_batch_rows_sum", 3.0),
        ("runstate_write_batch_wait_seconds_count", 3.0),
        ("runstate_write_batch_duration_seconds_count", 3.0),
        (r#"runstate_tokens_accepted_total{signature="remembered"}"#, 3.0),
        (r#"runstate_tokens_refused_total{reason="missing"}"#, 1.0),
    ] {
        assert_eq!(grown(name), times, "{name}");
    }
    for (name, value) in [
        ("runstate_write_queue_length", 0.0),
        ("runstate_write_queue_capacity", 4096.0),
        ("runstate_database_available", 1.0),
        ("runstate_database_writable", 1.0),
        ("runstate_database_schema_current", 1.0),
        ("runstate_database_connections_capacity", 16.0),
        ("runstate_database_connections_waiting", 0.0),
    ] {
        assert_eq!(after[name], value, "{name}");
    }
    let mut page = after;
    while !page.contains_key("runstate_history_partitions_ahead") {
        // The first maintenance runs beside the first requests.
        tokio::task::yield_now().await;
        page = samples(&address).await;
    }
    assert!(page["runstate_history_partitions_ahead"] >= 2.0);
    // A development certificate is good for 90 days.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    let left = page[CERTIFICATE_END] - now;
    assert!((89.0 * DAY..=90.0 * DAY).contains(&left), "{left}");
    assert_eq!(page["runstate_history_partition_missing"], 0.0);
}

#[tokio::test]
async fn the_listener_of_the_metrics_has_nothing_else() {
    let data = Directory::new();
    let address = free_address();
    let mut command = runstate(&data.0);
    command.env("RUNSTATE_METRICS_LISTEN", &address).env("RUNSTATE_TLS_LISTEN", "off");
    let server = Server::of(command);
    assert!(!samples(&address).await.contains_key(CERTIFICATE_END), "HTTPS is off");
    for path in ["", "health", "beta", "metrics/x"] {
        assert_eq!(get(&format!("http://{address}/{path}")).await.status(), 404, "{path}");
    }
    assert_eq!(get(&format!("{}/metrics", server.http)).await.status(), 401);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let reply = client.post(format!("http://{address}/metrics")).send().await.unwrap();
    assert_eq!(
        (reply.status().as_u16(), &reply.headers()["allow"]),
        (405, &"GET, HEAD".parse().unwrap())
    );
}

#[test]
fn an_address_in_use_is_an_error_if_it_was_asked_for_and_else_a_warning() {
    let data = Directory::new();
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = holder.local_addr().unwrap().to_string();
    let refused = run(runstate(&data.0).env("RUNSTATE_METRICS_LISTEN", &taken));
    assert!(!refused.status.success());
    let output = text(&refused.stderr);
    assert!(
        output.contains(&format!("cannot listen on {taken} for metrics: Address already in use"))
            && output.contains("RUNSTATE_METRICS_LISTEN"),
        "{output}"
    );
    drop(holder);
    // Another program may have the default address already; the server then finds it in use as well.
    let _holder = TcpListener::bind("127.0.0.1:9464").ok();
    let mut command = runstate(&data.0);
    command.env("RUNSTATE_LISTEN", free_address()).env("RUNSTATE_TLS_LISTEN", "off");
    command.stderr(Stdio::piped());
    let mut server = Server::with_log(command);
    server.signal("-INT");
    let mut log = String::new();
    std::io::Read::read_to_string(&mut server.child.stderr.take().unwrap(), &mut log).unwrap();
    assert!(log.contains("metrics are off, because their address cannot be used"), "{log}");
}

#[test]
fn a_wrong_address_is_refused() {
    let data = Directory::new();
    for wrong in ["on", "9464", "localhost:9464"] {
        let refused = run(runstate(&data.0).env("RUNSTATE_METRICS_LISTEN", wrong));
        assert_eq!(refused.status.code(), Some(2), "{wrong}");
        assert!(text(&refused.stderr).contains("must be an IP address and a port"), "{wrong}");
    }
}
