//! The requests that are sent, as bytes of HTTP/1.1, and streams of them for a load to take.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::database::script;

/// Where the scripts are.
pub(crate) const SCRIPTS: &str = "/beta/deviceManagement/deviceManagementScripts";

/// What a device reports: the example of Graph's own documentation.
const STATE: &str = "{\"@odata.type\":\"#microsoft.graph.deviceManagementScriptDeviceState\",\
    \"runState\":\"success\",\"resultMessage\":\"Result Message value\",\
    \"lastStateUpdateDateTime\":\"2017-01-01T00:02:58.4418045-08:00\",\"errorCode\":9,\
    \"errorDescription\":\"Error Description value\"}";

/// A request, and the kind under which its latency is counted.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

/// What latencies are kept apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Create,
    Read,
}

impl Request {
    /// Creates what a body says.
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

    pub(crate) fn get(path: &str, token: &str) -> Self {
        let text =
            format!("GET {path} HTTP/1.1\r\nHost: storm\r\nAuthorization: Bearer {token}\r\n\r\n");
        Self { kind: Kind::Read, text }
    }
}

/// The path of a script by its number.
pub(crate) fn script_path(number: u32) -> String {
    format!("{SCRIPTS}/{}", script(number))
}

/// Run states without end, each for one of so many scripts.
pub(crate) fn states(scripts: u32, token: &str) -> impl FnMut() -> Option<Request> {
    let mut random = StdRng::seed_from_u64(1);
    move || {
        let path = script_path(random.random_range(0..scripts));
        Some(Request::state(&format!("{path}/deviceRunStates"), token))
    }
}

/// The same request without end.
pub(crate) fn same(request: Request) -> impl FnMut() -> Option<Request> {
    move || Some(request.clone())
}

/// Of ten requests one of the second stream, by chance, and the others of the first.
pub(crate) fn one_of_ten(
    mut often: impl FnMut() -> Option<Request>,
    mut seldom: impl FnMut() -> Option<Request>,
) -> impl FnMut() -> Option<Request> {
    let mut random = StdRng::seed_from_u64(2);
    move || if random.random_range(0..10) == 0 { seldom() } else { often() }
}
