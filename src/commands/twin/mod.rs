//! `runstate twin`: controls the test twin of a running server, as a client of its control API.
//! `server` starts the twin of a server.

mod client;
mod execute;
pub(super) mod server;
mod traffic;

use std::process::ExitCode;

use serde_json::{Map, Value as Json, json};
use url::form_urlencoded::byte_serialize;

use super::{Failure, output};
use crate::config::{
    Settings, TwinClockOptions, TwinCommand, TwinDeleteOptions, TwinNewOptions, TwinOptions,
    TwinTenant, TwinTokenOptions,
};
use client::{Client, Method};

/// Runs a command. Its exit code is that of the command after `--`, if there is one.
pub(super) async fn run(settings: &Settings, options: TwinOptions) -> Result<ExitCode, Failure> {
    let client = Client::new(settings, options.url.as_deref())?;
    let print = |reply: &Json| print(reply, options.json);
    match options.command {
        TwinCommand::Create(create) => {
            let mut body = new_tenant(create.new);
            add(&mut body, "from", create.from);
            let tenant = client.send(Method::Post, "/tenants", Some(&body.into()))?;
            match create.command.split_first() {
                None => print(&tenant)?,
                Some((program, arguments)) => {
                    let run = execute::with_tenant(settings, &client, &tenant, program, arguments);
                    return run.await;
                }
            }
        }
        TwinCommand::Fork(fork) => {
            let path = path(&fork.of.tenant, "/fork");
            print(&client.send(Method::Post, &path, Some(&new_tenant(fork.new).into()))?)?;
        }
        TwinCommand::Reset(reset) => {
            let mut body = Map::new();
            add(&mut body, "to", reset.to);
            add_list(&mut body, "keep", reset.keep);
            let path = path(&reset.of.tenant, "/reset");
            print(&client.send(Method::Post, &path, Some(&body.into()))?)?;
        }
        TwinCommand::Snapshot(snapshot) => {
            let path = path(&snapshot.of.tenant, "/snapshots");
            let body = json!({ "name": snapshot.name });
            print(&client.send(Method::Post, &path, Some(&body))?)?;
        }
        TwinCommand::Delete(delete) => delete_what(&client, delete)?,
        TwinCommand::List => {
            let tenants = client.send(Method::Get, "/tenants", None)?;
            let snapshots = client.send(Method::Get, "/snapshots", None)?;
            print(&json!({ "tenants": tenants["value"], "snapshots": snapshots["value"] }))?;
        }
        TwinCommand::Token(token) => make_token(&client, token, options.json)?,
        TwinCommand::Clock(clock) => print(&change_clock(&client, clock)?)?,
        TwinCommand::Rule(rule) => print_some(&traffic::rule(&client, rule)?, options.json)?,
        TwinCommand::Throttle(throttle) => print(&traffic::throttle(&client, throttle)?)?,
        TwinCommand::Requests(requests) => {
            print_some(&traffic::requests(&client, requests)?, options.json)?;
        }
        TwinCommand::Verify(verify) => {
            let (verdict, code) = traffic::verify(&client, &verify)?;
            print(&verdict)?;
            return Ok(code);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn new_tenant(new: TwinNewOptions) -> Map<String, Json> {
    let mut body = Map::new();
    let TwinNewOptions { id, name, ttl, profile, ids, now, rate } = new;
    let texts = [("id", id), ("name", name), ("ttl", ttl), ("permissions", profile), ("ids", ids)];
    for (member, text) in texts {
        add(&mut body, member, text);
    }
    if now.is_some() || rate.is_some() {
        let mut clock = Map::new();
        add(&mut clock, "now", now);
        add(&mut clock, "rate", rate);
        body.insert("clock".into(), clock.into());
    }
    body
}

fn delete_what(client: &Client, delete: TwinDeleteOptions) -> Result<(), Failure> {
    let TwinDeleteOptions { tenant, prefix, snapshot, all: _ } = delete;
    let (method, path) = match (tenant, prefix, snapshot) {
        (Some(id), ..) => (Method::Delete, path(&id, "")),
        (_, Some(prefix), _) => (Method::Delete, format!("/tenants?prefix={}", encoded(&prefix))),
        (_, _, Some(name)) => (Method::Delete, format!("/snapshots/{}", encoded(&name))),
        (None, None, None) => (Method::Post, "/reset".into()),
    };
    client.send(method, &path, None).map(drop)
}

fn make_token(client: &Client, token: TwinTokenOptions, as_json: bool) -> Result<(), Failure> {
    let mut body = Map::new();
    let TwinTokenOptions { of, user, application, scope, role, expires, spoil } = token;
    let texts =
        [("user", user), ("application", application), ("expires", expires), ("spoil", spoil)];
    for (member, text) in texts {
        add(&mut body, member, text);
    }
    add_list(&mut body, "scopes", scope);
    add_list(&mut body, "roles", role);
    let reply = client.send(Method::Post, &path(&of.tenant, "/tokens"), Some(&body.into()))?;
    match reply["token"].as_str() {
        Some(token) if !as_json => output::line(token),
        _ => print(&reply, as_json),
    }
}

fn change_clock(client: &Client, clock: TwinClockOptions) -> Result<Json, Failure> {
    let TwinClockOptions { of: TwinTenant { tenant }, now, rate, advance } = clock;
    if let Some(by) = advance {
        let body = json!({ "by": by });
        return client.send(Method::Post, &path(&tenant, "/clock/advance"), Some(&body));
    }
    let mut body = Map::new();
    add(&mut body, "now", now);
    add(&mut body, "rate", rate);
    match body.is_empty() {
        true => client.send(Method::Get, &path(&tenant, "/clock"), None),
        false => client.send(Method::Put, &path(&tenant, "/clock"), Some(&body.into())),
    }
}

/// The path of a tenant, and what follows.
fn path(tenant: &str, rest: &str) -> String {
    format!("/tenants/{}{rest}", encoded(tenant))
}

fn encoded(text: &str) -> String {
    // A plus sign stands for a blank in a query only.
    byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

fn add(body: &mut Map<String, Json>, member: &str, value: Option<impl Into<Json>>) {
    if let Some(value) = value {
        body.insert(member.into(), value.into());
    }
}

fn add_list(body: &mut Map<String, Json>, member: &str, values: Vec<String>) {
    if !values.is_empty() {
        body.insert(member.into(), values.into());
    }
}

/// Prints a reply, unless it has no body.
fn print_some(reply: &Json, as_json: bool) -> Result<(), Failure> {
    if reply.is_null() { Ok(()) } else { print(reply, as_json) }
}

/// Prints a reply: as JSON in one line, or indented for people.
fn print(reply: &Json, as_json: bool) -> Result<(), Failure> {
    match as_json {
        true => output::line(reply),
        false => output::line(format_args!("{reply:#}")),
    }
}
