use super::*;
use crate::message::Method;
use crate::twin::call::ItemPlace;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_741_200 + seconds, 0).unwrap()
}

fn begin(record: &mut Record, call: Call, seconds: i64) -> u64 {
    record.begin(Uuid::nil(), Arc::new(call), at(seconds))
}

fn post(body: &'static str) -> Call {
    Call::example(Method::Post, "/beta/a").with_body(body)
}

fn throttled(seconds: &str) -> Ending {
    Ending { status: Some(429), retry_after: Some(seconds.into()), ..Ending::default() }
}

#[test]
fn a_request_that_has_the_same_method_path_and_body_is_a_retry() {
    let mut record = Record::default();
    for body in ["1", "2", "1"] {
        begin(&mut record, post(body), 0);
    }
    begin(&mut record, Call::example(Method::Get, "/beta/a").with_body("1"), 0);
    begin(&mut record, Call::example(Method::Post, "/beta/b").with_body("1"), 0);
    let retries: Vec<_> = record.entries().map(|entry| entry.retry_of).collect();
    assert_eq!(retries, [None, None, Some(1), None, None]);
}

#[test]
fn a_request_that_has_the_same_client_request_id_is_a_retry_on_the_same_path() {
    let mut record = Record::default();
    let with_id = |body| post(body).with_headers(&[("client-request-id", "x")]);
    begin(&mut record, with_id("1"), 0);
    begin(&mut record, with_id("2"), 0);
    let other = Call::example(Method::Post, "/beta/b");
    begin(&mut record, other.with_headers(&[("client-request-id", "x")]), 0);
    let retries: Vec<_> = record.entries().map(|entry| entry.retry_of).collect();
    assert_eq!(retries, [None, Some(1), None]);
}

#[test]
fn a_retry_before_retry_after_is_over_is_early() {
    let mut record = Record::default();
    for (number, (seconds, is_early)) in (1..).zip([(0, false), (9, true), (19, false)]) {
        assert_eq!(begin(&mut record, post("1"), seconds), number);
        record.end(number, throttled("10"), at(seconds));
        assert_eq!(record.find(number).unwrap().is_early, is_early, "{seconds}");
    }
    begin(&mut record, post("2"), 20);
    assert!(!record.find(4).unwrap().is_early, "another request does not have to wait");
}

#[test]
fn the_oldest_requests_are_dropped_by_number_and_by_size() {
    let mut record = Record::default();
    for _ in 0..MAX_RECORDED + 5 {
        begin(&mut record, post("1"), 0);
    }
    assert_eq!(record.entries().next().unwrap().number, 6);
    assert_eq!(record.entries().count(), MAX_RECORDED);
    record.end(1, throttled("1"), at(0));
    let large: &'static str = "x".repeat(64 * 1024).leak();
    for _ in 0..1100 {
        begin(&mut record, post(large), 0);
    }
    assert!(record.size <= MAX_RECORD_SIZE && record.entries().count() < 1100);
    record.clear();
    assert_eq!((record.entries().count(), record.size), (0, 0));
    let number = begin(&mut record, post("1"), 0);
    assert_eq!((number, record.find(number).unwrap().retry_of), (11_106, None));
}

#[test]
fn an_entry_is_shown_with_all_that_is_known() {
    let mut record = Record::default();
    let call = post(r#"{"b": 1, "a": 2}"#)
        .with_query(&[("$top", "5")])
        .with_headers(&[("accept", "a"), ("accept", "b")]);
    let place = Some(ItemPlace { batch: 7, item: "x".into() });
    begin(&mut record, Call { place, ..call }, 0);
    let ending = Ending { rule: Some("r".into()), ..throttled("10") };
    record.end(1, ending, at(0));
    let mut entry = record.find(1).unwrap().clone();
    entry.received = at(1);
    entry.ending.as_mut().unwrap().milliseconds = 3;
    assert_eq!(
        serde_json::to_string(&entry).unwrap(),
        r#"{"n":1,"requestId":"00000000-0000-0000-0000-000000000000","at":"2026-11-27T01:00:00.000Z","received":"2026-11-27T01:00:01.000Z","method":"POST","path":"/beta/a","entity":null,"operation":null,"query":{"$top":"5"},"headers":{"accept":"a, b"},"caller":{"user":null,"application":null,"permissions":[]},"body":{"b": 1, "a": 2},"bodyBytes":16,"batch":7,"item":"x","retryOf":null,"early":false,"status":429,"rule":"r","delivery":"whole","retryAfter":"10","milliseconds":3}"#
    );
}
