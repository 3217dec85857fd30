//! A command line of `runstate twin` → the request of the control API that it stands for.

use serde_json::{Map, Value as Json};
use url::form_urlencoded::byte_serialize;

use super::super::Failure;
use crate::config::{TwinCall, TwinCommand};

/// A request.
#[derive(Debug, PartialEq)]
pub(super) struct Request {
    pub(super) method: &'static str,
    /// Below `/twin/v1`.
    pub(super) path: String,
    pub(super) body: Option<Json>,
}

impl Request {
    /// The request of a command; `list` needs that for the snapshots as well.
    pub(super) fn of(call: &TwinCall) -> Result<Self, Failure> {
        let mut values = call.values.clone();
        let id = take(&mut values, "tenant");
        let at = |rest: &str| Self::path(id.as_deref().unwrap_or_default(), rest);
        Ok(match call.command {
            TwinCommand::List => Self::get("/tenants".into()),
            TwinCommand::Create => Self::post("/tenants".into(), values),
            TwinCommand::Fork => Self::post(at("/fork"), values),
            TwinCommand::Reset => Self::post(at("/reset"), values),
            TwinCommand::Snapshot => Self::post(at("/snapshots"), values),
            TwinCommand::Token => Self::post(at("/tokens"), values),
            TwinCommand::Clock if values.is_empty() => Self::get(at("/clock")),
            TwinCommand::Clock if values.contains_key("by") => {
                Self::post(at("/clock/advance"), values)
            }
            TwinCommand::Clock => Self::put(at("/clock"), values.into()),
            TwinCommand::Rule => match (json(&mut values, "rule")?, take(&mut values, "delete")) {
                (Some(rule), _) => Self::post(at("/rules"), rule),
                (None, Some(id)) => Self::delete(at(&format!("/rules/{}", encoded(&id)))),
                (None, None) if values.contains_key("clear") => Self::delete(at("/rules")),
                (None, None) => Self::get(at("/rules")),
            },
            TwinCommand::Throttle => match json(&mut values, "throttle")? {
                Some(settings) => Self::put(at("/throttle"), settings),
                None => Self::get(at("/throttle")),
            },
            TwinCommand::Requests if values.contains_key("clear") => Self::delete(at("/requests")),
            TwinCommand::Requests => Self::get(at("/requests") + &query(&values)),
            TwinCommand::Verify => {
                let assertion = json(&mut values, "assertion")?.unwrap_or_default();
                Self::post(at("/requests/verify"), assertion)
            }
            TwinCommand::Delete if id.is_some() => Self::delete(at("")),
            TwinCommand::Delete if values.contains_key("prefix") => {
                Self::delete("/tenants".to_owned() + &query(&values))
            }
            TwinCommand::Delete => match take(&mut values, "snapshot") {
                Some(name) => Self::delete(format!("/snapshots/{}", encoded(&name))),
                None => Self::post("/reset".into(), Map::new()),
            },
        })
    }

    pub(super) fn get(path: String) -> Self {
        Self { method: "GET", path, body: None }
    }

    pub(super) fn delete(path: String) -> Self {
        Self { method: "DELETE", path, body: None }
    }

    fn post(path: String, body: impl Into<Json>) -> Self {
        Self { method: "POST", path, body: Some(body.into()) }
    }

    fn put(path: String, body: Json) -> Self {
        Self { method: "PUT", path, body: Some(body) }
    }

    /// The path of a tenant, and what follows.
    pub(super) fn path(tenant: &str, rest: &str) -> String {
        format!("/tenants/{}{rest}", encoded(tenant))
    }
}

/// Takes a text.
fn take(values: &mut Map<String, Json>, name: &str) -> Option<String> {
    match values.remove(name)? {
        Json::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

/// Takes a text that is JSON.
fn json(values: &mut Map<String, Json>, name: &str) -> Result<Option<Json>, Failure> {
    let json = take(values, name).map(|text| serde_json::from_str(&text)).transpose();
    json.map_err(|error| format!("the {name} is not JSON: {error}").into())
}

/// The query with these options.
fn query(values: &Map<String, Json>) -> String {
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let options = values.iter().map(|(name, value)| format!("{name}={}", encoded(&text(value))));
    match options.collect::<Vec<_>>().join("&") {
        options if options.is_empty() => options,
        options => format!("?{options}"),
    }
}

fn encoded(text: &str) -> String {
    // A plus sign stands for a blank in a query only.
    byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(command: TwinCommand, values: Json) -> (&'static str, String, Option<Json>) {
        let Json::Object(values) = values else { panic!("{values}") };
        let Request { method, path, body } =
            Request::of(&TwinCall { command, values, program: Vec::new() }).unwrap();
        (method, path, body)
    }

    #[test]
    fn each_command_is_a_request_of_the_control_api() {
        use TwinCommand::{Clock, Create, Delete, Requests, Rule, Throttle, Verify};
        for (command, values, method, path, body) in [
            (Create, json!({"id": "a"}), "POST", "/tenants", Some(json!({"id": "a"}))),
            (Clock, json!({"tenant": "a b"}), "GET", "/tenants/a%20b/clock", None),
            (
                Clock,
                json!({"tenant": "a", "rate": 0.0}),
                "PUT",
                "/tenants/a/clock",
                Some(json!({"rate": 0.0})),
            ),
            (
                Clock,
                json!({"tenant": "a", "by": "1h"}),
                "POST",
                "/tenants/a/clock/advance",
                Some(json!({"by": "1h"})),
            ),
            (
                Rule,
                json!({"tenant": "a", "rule": "[1]"}),
                "POST",
                "/tenants/a/rules",
                Some(json!([1])),
            ),
            (
                Rule,
                json!({"tenant": "a", "delete": "x/y"}),
                "DELETE",
                "/tenants/a/rules/x%2Fy",
                None,
            ),
            (Rule, json!({"tenant": "a", "clear": true}), "DELETE", "/tenants/a/rules", None),
            (Throttle, json!({"tenant": "a"}), "GET", "/tenants/a/throttle", None),
            (
                Requests,
                json!({"tenant": "a", "path": "/x y", "status": 503}),
                "GET",
                "/tenants/a/requests?path=%2Fx%20y&status=503",
                None,
            ),
            (
                Verify,
                json!({"tenant": "a", "assertion": "{}"}),
                "POST",
                "/tenants/a/requests/verify",
                Some(json!({})),
            ),
            (Delete, json!({"tenant": "a"}), "DELETE", "/tenants/a", None),
            (Delete, json!({"prefix": "ci-"}), "DELETE", "/tenants?prefix=ci-", None),
            (Delete, json!({"snapshot": "s"}), "DELETE", "/snapshots/s", None),
            (Delete, json!({"all": true}), "POST", "/reset", Some(json!({}))),
        ] {
            let expected = (method, path.to_owned(), body);
            assert_eq!(request(command, values.clone()), expected, "{command:?} {values}");
        }
    }
}
