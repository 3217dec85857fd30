//! What the log contains about a panic. The test runs in a process of its own, since a process has
//! one log and one panic hook.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::process::Command;
use std::{env, thread};

use runstate::config::LogFormat;
use runstate::log;
use serde_json::{Value as Json, json};

/// The variable with the data of the request. It tells the test that this is the process that
/// panics.
const DATA: &str = "RUNSTATE_TEST_DATA";
const NAME: &str = "a_panic_is_logged_once_without_data_of_the_request";

fn panic_in_threads(data: &str) {
    log::start(LogFormat::Json);
    thread::scope(|scope| {
        let named = |name: &str| thread::Builder::new().name(name.into());
        let literal = named("first").spawn_scoped(scope, || panic!("a literal")).unwrap();
        literal.join().unwrap_err();
        let sliced = named("second").spawn_scoped(scope, || data[1..].len()).unwrap();
        sliced.join().unwrap_err();
    });
}

#[test]
fn a_panic_is_logged_once_without_data_of_the_request() {
    if let Ok(data) = env::var(DATA) {
        return panic_in_threads(&data);
    }
    let mut process = Command::new(env::current_exe().unwrap());
    process.args(["--exact", NAME, "--nocapture"]).env(DATA, "\u{e9}-secret");
    let output = process.env("RUST_LOG", "info").output().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    let events: Vec<Json> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [literal, sliced] = &events[..] else { panic!("{log}") };
    let place = |event: &Json| event["fields"]["place"].as_str().unwrap().to_owned();
    for event in [literal, sliced] {
        assert_eq!((&event["level"], &event["target"]), (&json!("ERROR"), &json!("runstate::log")));
        assert!(place(event).starts_with("tests/panics.rs:"), "{event}");
    }
    let fields = |place, thread, text: Option<&str>| {
        let message = "a thread panicked";
        let mut fields = json!({ "message": message, "place": place, "thread": thread });
        if let Some(text) = text {
            fields["text"] = text.into();
        }
        fields
    };
    assert_eq!(literal["fields"], fields(place(literal), "first", Some("a literal")));
    assert_eq!(sliced["fields"], fields(place(sliced), "second", None));
}
