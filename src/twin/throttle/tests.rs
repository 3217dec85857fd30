use super::*;
use crate::message::Method;
use crate::odata::Json;
use crate::twin::call::Sender;
use crate::twin::members::Members;

fn members(text: &str) -> Members {
    Members::of_body(Json::parse(text).unwrap()).unwrap()
}

fn throttle(text: &str) -> Throttle {
    let mut throttle = Throttle::default();
    throttle.set(ThrottleSettings::read(members(text)).unwrap());
    throttle
}

fn at(seconds: f64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_795_741_200_000 + (seconds * 1000.0) as i64).unwrap()
}

fn call(method: Method, application: &str) -> Call {
    let sender = Sender { application: Some(application.into()), ..Sender::default() };
    Call { sender, ..Call::example(method, "/beta/a") }
}

/// How many requests pass at one moment.
fn passing(throttle: &mut Throttle, call: &Call, seconds: f64) -> usize {
    (0..10_000).take_while(|_| throttle.count(call, at(seconds)).is_ok()).count()
}

fn retry_after(throttle: &mut Throttle, call: &Call, seconds: f64) -> Option<String> {
    throttle.count(call, at(seconds)).unwrap_err().retry_after
}

#[test]
fn a_tenant_is_not_throttled_by_default() {
    assert_eq!(passing(&mut throttle("{}"), &call(Method::Post, "a"), 0.0), 10_000);
}

#[test]
fn the_documented_limits_are_by_application_and_by_tenant() {
    let mut throttle = throttle(r#"{"profile": "intune-devices"}"#);
    assert_eq!(passing(&mut throttle, &call(Method::Post, "a"), 0.0), 200);
    assert_eq!(passing(&mut throttle, &call(Method::Post, "b"), 0.0), 200);
    assert_eq!(passing(&mut throttle, &call(Method::Post, "c"), 0.0), 0);
    assert_eq!(passing(&mut throttle, &call(Method::Get, "a"), 0.0), 1800);
    assert_eq!(passing(&mut throttle, &call(Method::Get, "c"), 0.0), 1800);
}

#[test]
fn a_window_ends_by_the_given_clock() {
    let mut throttle = throttle(r#"{"profile": "intune-devices", "scale": 0.01}"#);
    let call = call(Method::Post, "a");
    assert_eq!(passing(&mut throttle, &call, 0.0), 2);
    assert_eq!(retry_after(&mut throttle, &call, 5.5).as_deref(), Some("15"));
    assert_eq!(passing(&mut throttle, &call, 19.999), 0);
    assert_eq!(passing(&mut throttle, &call, 20.0), 2);
}

#[test]
fn each_form_of_retry_after_is_written() {
    for (form, expected) in [
        ("seconds", Some("18")),
        ("fraction", Some("17.872")),
        ("date", Some("Fri, 27 Nov 2026 01:00:21 GMT")),
        ("absent", None),
        ("zero", Some("0")),
        ("lie", Some("9")),
    ] {
        let text =
            format!(r#"{{"profile": "intune-devices", "scale": 0.01, "retryAfter": "{form}"}}"#);
        let mut throttle = throttle(&text);
        let call = call(Method::Post, "a");
        passing(&mut throttle, &call, 0.0);
        // `passing` was refused once, at 0.
        assert_eq!(retry_after(&mut throttle, &call, 2.128).as_deref(), expected, "{form}");
    }
}

#[test]
fn who_comes_too_early_may_have_to_wait_anew() {
    for (early, wait) in [("ignore", "10"), ("extend", "20")] {
        let text = format!(r#"{{"profile": "intune-devices", "scale": 0.01, "early": "{early}"}}"#);
        let mut throttle = throttle(&text);
        let call = call(Method::Post, "a");
        passing(&mut throttle, &call, 0.0);
        let refusal = throttle.count(&call, at(10.0)).unwrap_err();
        assert_eq!((refusal.retry_after.as_deref(), refusal.is_early), (Some(wait), true));
    }
}

#[test]
fn a_client_that_trusts_a_lie_is_throttled_again_and_is_not_early() {
    let mut throttle =
        throttle(r#"{"profile": "intune-devices", "scale": 0.01, "retryAfter": "lie"}"#);
    let call = call(Method::Post, "a");
    passing(&mut throttle, &call, 0.0);
    let refusal = throttle.count(&call, at(10.0)).unwrap_err();
    assert_eq!((refusal.retry_after.as_deref(), refusal.is_early), (Some("5"), false));
}

#[test]
fn a_limit_of_its_own_counts_what_it_matches() {
    let mut throttle =
        throttle(r#"{"custom": [{"match": {"method": "GET"}, "limit": 3, "per": "2s"}]}"#);
    assert_eq!(passing(&mut throttle, &call(Method::Get, "a"), 0.0), 3);
    assert_eq!(retry_after(&mut throttle, &call(Method::Get, "b"), 0.0).as_deref(), Some("2"));
    assert!(throttle.count(&call(Method::Post, "a"), at(0.0)).is_ok());
}

#[test]
fn settings_are_shown_as_they_were_read_and_mistakes_are_named() {
    let text = r#"{"profile":"intune-devices","scale":0.1,"retryAfter":"lie","onBatch":"items","early":"extend","custom":[{"match":{"method":"GET"},"limit":3,"per":"PT2S"}]}"#;
    assert_eq!(throttle(text).settings().show(), text);
    for (text, name) in [
        (r#"{"profile": "teams"}"#, "'profile'"),
        (r#"{"scale": 0}"#, "'scale'"),
        (r#"{"retryAfter": 3}"#, "'retryAfter'"),
        (r#"{"onBatch": "batch"}"#, "'onBatch'"),
        (r#"{"early": true}"#, "'early'"),
        (r#"{"custom": {}}"#, "'custom'"),
        (r#"{"custom": [{}]}"#, "'custom[0].limit'"),
        (r#"{"custom": [{"limit": 0}]}"#, "'custom[0].limit'"),
        (r#"{"custom": [{"limit": 1, "per": "2h"}]}"#, "'custom[0].per'"),
        (r#"{"custom": [{"limit": 1, "match": {"colour": 1}}]}"#, "'custom[0].match.colour'"),
        (r#"{"colour": 1}"#, "'colour'"),
    ] {
        let error = ThrottleSettings::read(members(text)).unwrap_err().to_string();
        assert!(error.contains(name), "{text}: {error}");
    }
}
