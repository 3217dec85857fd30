use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::*;
use crate::message::Method;
use crate::odata::Json;
use crate::twin::call::{Call, Verb};
use crate::twin::members::Members;
use crate::twin::record::Ending;

fn members(text: &str) -> Members {
    Members::of_body(Json::parse(text).unwrap()).unwrap()
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_741_200, 0).unwrap()
}

fn record(calls: Vec<Call>) -> Record {
    let mut record = Record::default();
    for call in calls {
        let number = record.begin(Uuid::nil(), Arc::new(call), now());
        record.end(number, Ending { status: Some(200), ..Ending::default() }, now());
    }
    record
}

fn verdict(text: &str, record: &Record) -> String {
    let assertion = Assertion::read(members(text)).unwrap();
    serde_json::to_string(&assertion.verdict(record)).unwrap()
}

fn list(top: &str) -> Call {
    let call = Call::example(Method::Get, "/beta/a").with_query(&[("$top", top)]);
    Call { verb: Some(Verb::List), ..call }
}

fn create(body: &'static str) -> Call {
    let call = Call::example(Method::Post, "/beta/a").with_body(body);
    Call { verb: Some(Verb::Create), ..call }
}

#[test]
fn requests_are_counted() {
    let record = record(vec![list("1"), create("{}"), create("{}")]);
    let matched = r#""matched":2,"requests":[2,3]}"#;
    for (count, ok) in [
        ("", true),
        (r#", "count": {"exactly": 2}"#, true),
        (r#", "count": {"exactly": 1}"#, false),
        (r#", "count": {"atLeast": 2}"#, true),
        (r#", "count": {"atMost": 1}"#, false),
        (r#", "count": {"atLeast": 1, "atMost": 2}"#, true),
    ] {
        let text = format!(r#"{{"match": {{"method": "POST"}}{count}}}"#);
        assert_eq!(verdict(&text, &record), format!(r#"{{"ok":{ok},{matched}"#), "{text}");
    }
    let none = r#"{"match": {"method": "PATCH"}, "count": {"exactly": 0}}"#;
    assert_eq!(verdict(none, &record), r#"{"ok":true,"matched":0,"requests":[]}"#);
}

#[test]
fn where_too_few_match_the_nearest_ones_say_how_they_differ() {
    let record = record(vec![list("100"), create("{}"), list("10")]);
    assert_eq!(
        verdict(r#"{"match": {"method": "GET", "query": {"$top": "1000"}}}"#, &record),
        r#"{"ok":false,"matched":0,"requests":[],"nearest":[{"n":3,"differs":[{"at":"query.$top","is":"10","wanted":"1000"}]},{"n":1,"differs":[{"at":"query.$top","is":"100","wanted":"1000"}]},{"n":2,"differs":[{"at":"method","is":"POST","wanted":"GET"},{"at":"query.$top","wanted":"1000"}]}]}"#
    );
}

#[test]
fn requests_come_in_an_order() {
    let record = record(vec![list("1"), create("{}"), list("2")]);
    let get = r#"{"method": "GET"}"#;
    let post = r#"{"method": "POST"}"#;
    for (order, expected) in [
        (format!("[{get}, {post}, {get}]"), r#"{"ok":true,"matched":3,"requests":[1,2,3]}"#),
        (format!("[{get}, {get}]"), r#"{"ok":true,"matched":3,"requests":[1,2,3]}"#),
        (
            format!("[{post}, {get}, {post}]"),
            r#"{"ok":false,"matched":3,"requests":[1,2,3],"orderMissing":2}"#,
        ),
    ] {
        assert_eq!(verdict(&format!(r#"{{"order": {order}}}"#), &record), expected, "{order}");
    }
}

/// The requests that lack a manner.
fn lacking(manner: &str, record: &Record) -> Vec<u64> {
    let text = format!(r#"{{"manners": ["{manner}"]}}"#);
    let verdict = Assertion::read(members(&text)).unwrap().verdict(record);
    let [result] = &verdict.manners[..] else { panic!("{verdict:?}") };
    assert_eq!((result.name, result.ok), (manner, verdict.ok));
    assert_eq!(result.ok, result.requests.is_empty());
    result.requests.clone()
}

#[test]
fn a_client_follows_next_links() {
    let mut record = record(vec![list("1")]);
    let number = record.begin(Uuid::nil(), Arc::new(list("1")), now());
    let next_link = Some("http://h/beta/a?$top=1&$skiptoken=x%2By".into());
    record.end(number, Ending { status: Some(200), next_link, ..Ending::default() }, now());
    assert_eq!(lacking("followsNextLinks", &record), [2]);
    let next = Call::example(Method::Get, "/beta/a").with_query(&[("$skiptoken", "x+y")]);
    record.begin(Uuid::nil(), Arc::new(next), now());
    assert_eq!(lacking("followsNextLinks", &record), [0; 0]);
}

#[test]
fn a_client_respects_retry_after() {
    let mut record = record(vec![list("1")]);
    let retry_after = Some("10".into());
    record.end(1, Ending { status: Some(429), retry_after, ..Ending::default() }, now());
    record.begin(Uuid::nil(), Arc::new(list("1")), now() + chrono::TimeDelta::seconds(9));
    record.begin(Uuid::nil(), Arc::new(list("2")), now());
    assert_eq!(lacking("respectsRetryAfter", &record), [2]);
}

#[test]
fn a_client_selects_and_names_its_requests() {
    let selecting = list("1").with_query(&[("$select", "id")]);
    let named = list("2").with_headers(&[("client-request-id", "x")]);
    let record = record(vec![selecting, named, create("{}")]);
    assert_eq!(lacking("selects", &record), [2]);
    assert_eq!(lacking("sendsClientRequestId", &record), [1, 3]);
}

#[test]
fn a_client_does_not_repeat_a_create_that_has_no_id() {
    let with_key = create("1").with_headers(&[("idempotency-key", "k")]);
    let with_id = Call { is_key_new: false, ..create("2") };
    let record = record(vec![
        with_key.clone(),
        with_key,
        with_id.clone(),
        with_id,
        create("3"),
        create("3"),
    ]);
    assert_eq!(lacking("noWriteRepeatedWithoutId", &record), [6]);
}

#[test]
fn a_create_may_be_repeated_after_a_whole_reply_that_says_that_it_failed() {
    let ended = |status, delivery| {
        let mut record = record(vec![create("1")]);
        record.end(1, Ending { status, delivery, ..Ending::default() }, now());
        record.begin(Uuid::nil(), Arc::new(create("1")), now());
        lacking("noWriteRepeatedWithoutId", &record)
    };
    for status in [401, 429] {
        assert_eq!(ended(Some(status), None), [0; 0], "{status}");
    }
    assert_eq!(ended(Some(429), Some("reset")), [2]);
    for status in [Some(201), Some(503), None] {
        assert_eq!(ended(status, None), [2], "{status:?}");
    }
}

#[test]
fn a_batch_has_at_most_twenty_requests() {
    let batch = |count: usize| {
        let body: &'static str =
            format!("{{\"Requests\":[{}]}}", vec!["{}"; count].join(",")).leak();
        Call::example(Method::Post, "/beta/$batch").with_body(body)
    };
    assert_eq!(lacking("batchesAtMost20", &record(vec![batch(20), batch(21)])), [2]);
}

#[test]
fn a_mistake_is_refused_by_the_name_of_its_member() {
    for (text, name) in [
        (r#"{"match": {"colour": 1}}"#, "'match.colour'"),
        (r#"{"match": []}"#, "match"),
        (r#"{"count": {"exactly": -1}}"#, "'count.exactly'"),
        (r#"{"count": {"exactly": 1, "atMost": 2}}"#, "'count'"),
        (r#"{"count": {"some": 1}}"#, "'count.some'"),
        (r#"{"within": "61s"}"#, "'within'"),
        (r#"{"order": {}}"#, "'order'"),
        (r#"{"order": [{"first": 1}]}"#, "'order[0].first'"),
        (r#"{"manners": ["polite"]}"#, "'manners'"),
        (r#"{"colour": 1}"#, "'colour'"),
    ] {
        let error = Assertion::read(members(text)).unwrap_err().to_string();
        assert!(error.contains(name), "{text}: {error}");
    }
}
