//! Conditions on a request: what `when` of a rule and `match` of an assertion have in common, and
//! where a request differs from them.

mod body;
mod read;

use std::fmt::Display;

use serde::Serialize;

use super::call::{Call, Verb, method_name};
use super::glob::{matches_path, matches_text};
use crate::message::Method;
use crate::odata::Json;

/// Conditions, of which all must hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Condition {
    method: Option<Method>,
    path: Option<String>,
    entity: Option<&'static str>,
    verb: Option<Verb>,
    user: Option<String>,
    application: Option<String>,
    headers: Vec<(String, String)>,
    in_batch: Option<bool>,
    /// Only in assertions.
    query: Vec<(String, String)>,
    /// Only in assertions.
    body: Option<Json>,
}

/// Where a request differs from a condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The member of the condition, such as `query.$top`.
    pub at: String,
    /// What the request has; absent where it has nothing there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
    /// What the condition wants.
    pub wanted: String,
}

impl Condition {
    /// Whether the condition holds for items of batches alone.
    pub(super) fn wants_item(&self) -> bool {
        self.in_batch == Some(true)
    }

    /// Whether all conditions hold.
    pub(super) fn holds(&self, call: &Call) -> bool {
        let mut comparison = Comparison { is_equal: true, differences: None };
        self.compare(call, &mut comparison);
        comparison.is_equal
    }

    /// Each condition that does not hold.
    pub(super) fn differences(&self, call: &Call) -> Vec<Difference> {
        let mut comparison = Comparison { is_equal: true, differences: Some(Vec::new()) };
        self.compare(call, &mut comparison);
        comparison.differences.unwrap_or_default()
    }

    fn compare(&self, call: &Call, found: &mut Comparison) {
        if let Some(method) = self.method {
            let is = Some(call.method_name());
            found.check(&"method", is, method_name(method), call.method == method);
        }
        if let Some(path) = &self.path {
            found.check(&"path", Some(&call.path), path, matches_path(path, &call.path));
        }
        if let Some(entity) = self.entity {
            found.check(&"entity", call.entity, entity, call.entity == Some(entity));
        }
        if let Some(verb) = self.verb {
            let is = call.verb.map(Verb::name);
            found.check(&"operation", is, verb.name(), call.verb == Some(verb));
        }
        let senders = [
            ("caller.user", &self.user, &call.sender.user),
            ("caller.application", &self.application, &call.sender.application),
        ];
        for (at, wanted, is) in senders {
            let Some(wanted) = wanted else { continue };
            let is = is.as_deref();
            found.check(&at, is, wanted, is.is_some_and(|is| is.eq_ignore_ascii_case(wanted)));
        }
        for (name, wanted) in &self.headers {
            let is = call.header(name);
            let holds = call.headers.all(name).any(|value| matches_text(wanted, value));
            found.check(&format_args!("header.{name}"), is, wanted, holds);
        }
        if let Some(in_batch) = self.in_batch {
            let word = |value| if value { "true" } else { "false" };
            let is = call.place.is_some();
            found.check(&"inBatch", Some(word(is)), word(in_batch), is == in_batch);
        }
        for (name, wanted) in &self.query {
            let is = call.option(name.strip_prefix('$').unwrap_or(name));
            let holds = is.is_some_and(|is| matches_text(wanted, is));
            found.check(&format_args!("query.{name}"), is, wanted, holds);
        }
        if let Some(wanted) = &self.body {
            body::compare(wanted, call, found);
        }
    }
}

/// What a comparison has found so far.
struct Comparison {
    is_equal: bool,
    /// `None` if nobody asks where the request differs.
    differences: Option<Vec<Difference>>,
}

impl Comparison {
    fn check(&mut self, at: &dyn Display, is: Option<&str>, wanted: &str, holds: bool) {
        if holds {
            return;
        }
        self.is_equal = false;
        if let Some(differences) = &mut self.differences {
            let (is, wanted) = (is.map(str::to_owned), wanted.to_owned());
            differences.push(Difference { at: at.to_string(), is, wanted });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::call::{ItemPlace, Sender};

    fn condition(text: &str) -> Condition {
        Condition::of_match("match", Json::parse(text).unwrap()).unwrap()
    }

    fn differences(text: &str, call: &Call) -> Vec<(String, Option<String>, String)> {
        let found = condition(text).differences(call).into_iter();
        found.map(|it| (it.at, it.is, it.wanted)).collect()
    }

    fn call() -> Call {
        let sender = Sender {
            user: Some("u-1".into()),
            application: Some("a-1".into()),
            permissions: Vec::new(),
        };
        Call {
            entity: Some("deviceManagementScriptDeviceState"),
            verb: Some(Verb::Create),
            sender,
            ..Call::example(Method::Post, "/beta/a/1/deviceRunStates")
        }
        .with_body(r#"{"runState": "fail", "errorCode": 3, "inner": {"a": 1, "b": 2}}"#)
        .with_query(&[("$top", "100")])
        .with_headers(&[("client-request-id", "abc-7")])
    }

    #[test]
    fn a_request_that_has_all_that_is_wanted_does_not_differ() {
        for text in [
            "{}",
            r#"{"method": "POST", "path": "/**/deviceRunStates", "operation": "create"}"#,
            r#"{"entity": "deviceManagementScriptDeviceState"}"#,
            r#"{"caller": {"user": "U-1", "application": "a-1"}, "inBatch": false}"#,
            r#"{"header": {"Client-Request-Id": "abc*"}}"#,
            r#"{"query": {"$top": "100"}}"#,
            r#"{"query": {"top": "1*"}}"#,
            r#"{"body": {"runState": "fail", "errorCode": 3.0, "inner": {"b": 2}}}"#,
        ] {
            assert_eq!(differences(text, &call()), [], "{text}");
        }
    }

    #[test]
    fn a_difference_names_the_member_and_both_values() {
        let own = |at: &str, is: &str, wanted: &str| {
            (at.to_owned(), Some(is.to_owned()), wanted.to_owned())
        };
        for (text, expected) in [
            (r#"{"method": "GET"}"#, own("method", "POST", "GET")),
            (r#"{"path": "/beta/b"}"#, own("path", "/beta/a/1/deviceRunStates", "/beta/b")),
            (r#"{"operation": "list"}"#, own("operation", "create", "list")),
            (r#"{"caller": {"user": "u-2"}}"#, own("caller.user", "u-1", "u-2")),
            (r#"{"inBatch": true}"#, own("inBatch", "false", "true")),
            (r#"{"query": {"$top": "1000"}}"#, own("query.$top", "100", "1000")),
            (r#"{"body": {"inner": {"b": 3}}}"#, own("body.inner.b", "2", "3")),
            (r#"{"body": {"runState": 3}}"#, own("body.runState", "fail", "3")),
            (
                r#"{"header": {"client-request-id": "x"}}"#,
                own("header.client-request-id", "abc-7", "x"),
            ),
        ] {
            assert_eq!(differences(text, &call()), [expected], "{text}");
        }
        let absent = ("body.other".into(), None, "null".into());
        assert_eq!(differences(r#"{"body": {"other": null}}"#, &call()), [absent]);
        let absent = ("query.$skip".into(), None, "*".into());
        assert_eq!(differences(r#"{"query": {"$skip": "*"}}"#, &call()), [absent]);
    }

    #[test]
    fn an_item_of_a_batch_differs_from_a_single_request() {
        let item = Call { place: Some(ItemPlace { batch: 1, item: "x".into() }), ..call() };
        assert!(condition(r#"{"inBatch": true}"#).holds(&item));
        assert!(!condition(r#"{"inBatch": false}"#).holds(&item));
    }
}
