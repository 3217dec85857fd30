//! The commands about the requests of a tenant: rules, throttle, record, assertions.

use std::process::ExitCode;

use serde_json::Value as Json;

use super::super::Failure;
use super::client::{Client, Method};
use super::{encoded, path};
use crate::config::{TwinRequestsOptions, TwinRuleOptions, TwinThrottleOptions, TwinVerifyOptions};

/// Adds, lists or removes rules.
pub(super) fn rule(client: &Client, options: TwinRuleOptions) -> Result<Json, Failure> {
    let rules = path(&options.of.tenant, "/rules");
    match (options.rule, options.delete, options.clear) {
        (Some(rule), ..) => client.send(Method::Post, &rules, Some(&json("rule", &rule)?)),
        (_, Some(id), _) => client.send(Method::Delete, &format!("{rules}/{}", encoded(&id)), None),
        (_, _, true) => client.send(Method::Delete, &rules, None),
        (None, None, false) => client.send(Method::Get, &rules, None),
    }
}

/// Sets or shows the throttle.
pub(super) fn throttle(client: &Client, options: TwinThrottleOptions) -> Result<Json, Failure> {
    let throttle = path(&options.of.tenant, "/throttle");
    match options.throttle {
        Some(settings) => client.send(Method::Put, &throttle, Some(&json("throttle", &settings)?)),
        None => client.send(Method::Get, &throttle, None),
    }
}

/// Lists or forgets the recorded requests.
pub(super) fn requests(client: &Client, options: TwinRequestsOptions) -> Result<Json, Failure> {
    let TwinRequestsOptions { of, after, method, path: pattern, status, limit, clear } = options;
    let requests = path(&of.tenant, "/requests");
    if clear {
        return client.send(Method::Delete, &requests, None);
    }
    let wishes = [
        ("after", after.map(|it| it.to_string())),
        ("method", method),
        ("path", pattern),
        ("status", status.map(|it| it.to_string())),
        ("limit", limit.map(|it| it.to_string())),
    ];
    let query = wishes.into_iter().filter_map(|(name, value)| {
        let value = value?;
        Some(format!("{name}={}", encoded(&value)))
    });
    let query = query.collect::<Vec<_>>().join("&");
    let mark = if query.is_empty() { "" } else { "?" };
    client.send(Method::Get, &format!("{requests}{mark}{query}"), None)
}

/// Compares the record with an assertion. The exit code is 1 if it does not hold.
pub(super) fn verify(
    client: &Client,
    options: &TwinVerifyOptions,
) -> Result<(Json, ExitCode), Failure> {
    let assertion = json("assertion", &options.assertion)?;
    let verify = path(&options.of.tenant, "/requests/verify");
    let verdict = client.send(Method::Post, &verify, Some(&assertion))?;
    let code = if verdict["ok"] == true { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    Ok((verdict, code))
}

fn json(name: &str, text: &str) -> Result<Json, Failure> {
    serde_json::from_str(text).map_err(|error| format!("the {name} is not JSON: {error}").into())
}
