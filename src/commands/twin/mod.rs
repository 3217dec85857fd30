//! `runstate twin`: controls the test twin of a running server, as a client of its control API.
//! `server` starts the twin of a server.

mod client;
mod execute;
mod request;
pub(super) mod server;

use std::process::ExitCode;

use serde_json::{Value as Json, json};

use super::{Failure, output};
use crate::config::{Settings, TwinCommand, TwinOptions};
use client::Client;
use request::Request;

/// Runs a command. Its exit code is that of the program after `--`, if there is one.
pub(super) async fn run(settings: &Settings, options: TwinOptions) -> Result<ExitCode, Failure> {
    let TwinOptions { url, json: as_json, call } = options;
    let client = Client::new(settings, url.as_deref())?;
    let mut reply = client.send(&Request::of(&call)?)?;
    if let Some((program, arguments)) = call.program.split_first() {
        return execute::with_tenant(settings, &client, &reply, program, arguments).await;
    }
    match (call.command, reply["token"].as_str()) {
        (TwinCommand::List, _) => {
            let snapshots = client.send(&Request::get("/snapshots".into()))?;
            reply = json!({ "tenants": reply["value"], "snapshots": snapshots["value"] });
        }
        (TwinCommand::Token, Some(token)) if !as_json => {
            output::line(token)?;
            return Ok(ExitCode::SUCCESS);
        }
        _ => {}
    }
    print(&reply, as_json)?;
    match call.command {
        TwinCommand::Verify if reply["ok"] != true => Ok(ExitCode::FAILURE),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Prints a reply: as JSON in one line, or indented for people. A reply without a body prints nothing.
fn print(reply: &Json, as_json: bool) -> Result<(), Failure> {
    match as_json {
        _ if reply.is_null() => Ok(()),
        true => output::line(reply),
        false => output::line(format_args!("{reply:#}")),
    }
}
