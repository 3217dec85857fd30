//! Does a simulated fleet report to a server, and does its proof hold?

mod busy_server;
mod endings;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;

use crate::process::system::{PATIENCE, eventually, free_address};
use crate::process::{Directory, Server, run, runstate, text};

/// A small fleet, as fast as the server answers.
const SMALL: [&str; 5] =
    ["--devices=40", "--scripts=4", "--hours-per-second=0", "--days=2", "--quiet"];

/// A simulation of a small fleet that reports to a server.
fn small(data: &Path, server: &Server, more: &[&str]) -> Command {
    let mut command = runstate(data);
    command.args(["simulate", "--seed=3", "--server", &server.http]).args(SMALL).args(more);
    command
}

fn json(output: &Output) -> Json {
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The lines of a dry run.
fn dry_run(data: &Path, more: &[&str]) -> Vec<Json> {
    let arguments = ["simulate", "--seed=3", "--dry-run"];
    let output = run(runstate(data).args(arguments).args(SMALL).args(more));
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A client with a token of the data directory.
struct Client {
    client: reqwest::Client,
    base: String,
    token: String,
}

impl Client {
    fn new(data: &Path, server: &Server) -> Self {
        let token = text(&run(runstate(data).arg("token")).stdout).trim().to_owned();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { client, base: format!("{}/beta/deviceManagement", server.http), token }
    }

    async fn all(&self, path: &str) -> Vec<Json> {
        let (mut all, mut next) = (Vec::new(), Some(format!("{}/{path}", self.base)));
        while let Some(url) = next {
            let request = self.client.get(url).bearer_auth(&self.token);
            let mut page: Json = request.send().await.unwrap().json().await.unwrap();
            next = page["@odata.nextLink"].as_str().map(str::to_owned);
            all.append(page["value"].as_array_mut().unwrap());
        }
        all
    }

    async fn create(&self, path: &str, body: &Json) {
        let request = self.client.post(format!("{}/{path}", self.base)).bearer_auth(&self.token);
        assert_eq!(request.json(body).send().await.unwrap().status(), 201);
    }

    /// The states of all simulated scripts, by the name of the script and the rest of the id.
    async fn states(&self) -> Vec<(String, String, Json)> {
        let mut states = Vec::new();
        for set in
            ["deviceManagementScripts", "deviceShellScripts", "deviceCustomAttributeShellScripts"]
        {
            for script in self.all(set).await {
                let (name, id) = (&script["displayName"], script["id"].as_str().unwrap());
                if !script["description"].as_str().unwrap().ends_with("[sim 3]") {
                    continue;
                }
                for mut state in self.all(&format!("{set}/{id}/deviceRunStates")).await {
                    let of_device =
                        state["id"].as_str().unwrap().strip_prefix(id).unwrap().to_owned();
                    state
                        .as_object_mut()
                        .unwrap()
                        .retain(|name, _| name != "id" && !name.contains('@'));
                    states.push((name.as_str().unwrap().to_owned(), of_device, state));
                }
            }
        }
        states.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
        states
    }
}

/// The states that the reports of a dry run leave behind, as [`Client::states`] has them.
fn expected(lines: &[Json]) -> Vec<(String, String, Json)> {
    let mut scripts = std::collections::HashMap::new();
    let mut states = std::collections::BTreeMap::new();
    let mut last = None;
    for line in lines {
        let path: Vec<&str> = line["path"].as_str().unwrap().split('/').collect();
        match path[3..] {
            [_] => last = line["body"]["displayName"].as_str(),
            [_, script, "assign"] => drop(scripts.insert(script, last.unwrap())),
            [_, script, .., "deviceRunStates", id] => {
                let mut state = line["body"].clone();
                state.as_object_mut().unwrap().remove("managedDevice@odata.bind");
                let of_device = id.strip_prefix(script).unwrap().to_owned();
                states.insert((scripts[script].to_owned(), of_device), state);
            }
            _ => {}
        }
    }
    states.into_iter().map(|((name, id), state)| (name, id, state)).collect()
}

#[tokio::test]
async fn a_run_leaves_exactly_the_states_that_its_flags_decide_and_a_second_one_doubles_nothing() {
    let data = Directory::new();
    let server = Server::start(&data.0);
    let client = Client::new(&data.0, &server);
    let start = "--start=2026-11-23T06:00:00Z";
    let expected = expected(&dry_run(&data.0, &[start]));
    assert!(expected.len() > 120, "{}", expected.len());
    for connections in ["--connections=8", "--connections=3"] {
        let report =
            json(&run(&mut small(&data.0, &server, &[start, connections, "--report=json"])));
        assert_eq!(report["verification"]["acknowledged"], expected.len());
        assert_eq!(report["verification"]["found"], expected.len());
        assert_eq!(report["verification"]["others"], 0);
        assert_eq!(client.states().await, expected);
    }
    assert_eq!(client.all("managedDevices").await.len(), 40);
}

#[tokio::test]
async fn a_run_survives_a_server_that_is_killed_and_started_again() {
    let data = Directory::new();
    let address = free_address();
    let start = || {
        let mut program = runstate(&data.0);
        program.env("RUNSTATE_LISTEN", &address).env("RUNSTATE_TLS_LISTEN", "off");
        Server::of(program)
    };
    let server = start();
    let mut command = runstate(&data.0);
    // Slow enough that most of it is still to come when the first states are seen.
    let load = ["simulate", "--seed=3", "--rate=40/s", "--report=json"];
    let small = SMALL.iter().filter(|argument| !argument.starts_with("--hours"));
    command
        .args(load)
        .args(small)
        .arg("--start=2026-11-23T06:00:00Z")
        .env("RUNSTATE_LISTEN", &address);
    let simulation = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let client = Client::new(&data.0, &server);
    eventually("states are reported", PATIENCE, async || client.states().await.len() >= 20).await;
    server.signal("-KILL");
    drop(server);
    let server = start();
    let report = json(&simulation.wait_with_output().unwrap());
    let expected = expected(&dry_run(&data.0, &["--start=2026-11-23T06:00:00Z"]));
    assert_eq!(report["verification"]["found"], expected.len());
    assert!(report["measured"]["withoutReply"].as_u64().unwrap() > 0, "{report:#}");
    assert_eq!(Client::new(&data.0, &server).states().await, expected);
}

#[tokio::test]
async fn clean_deletes_what_the_seed_made_and_nothing_else() {
    let data = Directory::new();
    let server = Server::start(&data.0);
    let client = Client::new(&data.0, &server);
    let own = serde_json::json!({
        "displayName": "Install root certificates",
        "description": "mine, not of [sim 3] at all",
        "scriptContent": "ZWNobw==",
    });
    client.create("deviceManagementScripts", &own).await;
    let named = serde_json::json!({"displayName": "Mine", "description": "[sim 3]"});
    client.create("deviceShellScripts", &named).await;
    let device = serde_json::json!({"id": "mine", "deviceName": "MINE", "notes": "[sim 3]"});
    client.create("managedDevices", &device).await;
    let before = [
        client.all("deviceManagementScripts").await,
        client.all("deviceShellScripts").await,
        client.all("managedDevices").await,
    ];
    json(&run(&mut small(&data.0, &server, &["--report=json"])));
    let other_seed = run(runstate(&data.0).args([
        "simulate",
        "--clean",
        "--seed=4",
        "--quiet",
        "--server",
        &server.http,
    ]));
    assert_eq!(text(&other_seed.stdout), "Deleted 0 scripts and 0 devices of seed 4.\n");
    let cleaned = run(runstate(&data.0).args([
        "simulate",
        "--clean",
        "--seed=3",
        "--quiet",
        "--server",
        &server.http,
    ]));
    assert_eq!(text(&cleaned.stdout), "Deleted 8 scripts and 40 devices of seed 3.\n");
    assert!(cleaned.status.success());
    let after = [
        client.all("deviceManagementScripts").await,
        client.all("deviceShellScripts").await,
        client.all("managedDevices").await,
    ];
    assert_eq!(before, after);
}
