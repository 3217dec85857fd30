//! The requests of a load, as HTTP/1.1 text, and endless sequences of them.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::database::script;

/// The path of the scripts.
pub(crate) const SCRIPTS: &str = "/beta/deviceManagement/deviceManagementScripts";

/// The body of a report: the example in Graph's documentation.
const STATE: &str = "{\"@odata.type\":\"#microsoft.graph.deviceManagementScriptDeviceState\",\
    \"runState\":\"success\",\"resultMessage\":\"Result Message value\",\
    \"lastStateUpdateDateTime\":\"2017-01-01T00:02:58.4418045-08:00\",\"errorCode\":9,\
    \"errorDescription\":\"Error Description value\"}";

/// A request, and its kind.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

/// Latencies are reported for each kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Create,
    Read,
    /// A create or an update.
    Report,
}

impl Request {
    /// Creates an entity.
    pub(crate) fn post(path: &str, token: &str, body: &str) -> Self {
        let text = format!(
            "POST {path} HTTP/1.1\r\nHost: storm\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        Self { kind: Kind::Create, text }
    }

    /// Creates a run state.
    pub(crate) fn state(path: &str, token: &str) -> Self {
        Self::post(path, token, STATE)
    }

    /// Reports a run state: creates it, or changes it. The second of the report is part of the body.
    pub(crate) fn report(path: &str, token: &str, run_state: &str, second: u64) -> Self {
        let body = STATE
            .replace("\"success\"", &format!("\"{run_state}\""))
            .replace("00:02:58", &format!("00:{:02}:{:02}", second / 60 % 60, second % 60));
        let text = format!(
            "PATCH {path} HTTP/1.1\r\nHost: storm\r\nAuthorization: Bearer {token}\r\n\
             Prefer: create-if-missing\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        Self { kind: Kind::Report, text }
    }

    pub(crate) fn get(path: &str, token: &str) -> Self {
        let text =
            format!("GET {path} HTTP/1.1\r\nHost: storm\r\nAuthorization: Bearer {token}\r\n\r\n");
        Self { kind: Kind::Read, text }
    }
}

/// The path of the script with a number.
pub(crate) fn script_path(number: u32) -> String {
    format!("{SCRIPTS}/{}", script(number))
}

/// Endless creates of run states, each for a random script.
pub(crate) fn states(scripts: u32, token: &str) -> impl FnMut() -> Option<Request> {
    let mut random = StdRng::seed_from_u64(1);
    move || {
        let path = script_path(random.random_range(0..scripts));
        Some(Request::state(&format!("{path}/deviceRunStates"), token))
    }
}

/// Endless repetitions of a request.
pub(crate) fn same(request: Request) -> impl FnMut() -> Option<Request> {
    move || Some(request.clone())
}

/// Takes one of ten requests, at random, from the second sequence and the others from the first.
pub(crate) fn one_of_ten(
    mut frequent: impl FnMut() -> Option<Request>,
    mut rare: impl FnMut() -> Option<Request>,
) -> impl FnMut() -> Option<Request> {
    let mut random = StdRng::seed_from_u64(2);
    move || if random.random_range(0..10) == 0 { rare() } else { frequent() }
}
