//! The time that the stages of one request take: measured for every request, and shown to a client that
//! asks for it. Knows no stage by what it does.

use std::fmt::Write;
use std::time::Instant;

use crate::headers::Preferences;
use crate::message::{Request, Response};
use crate::metrics::{Stage, Stages};

/// The time of a request's stages, each of which begins when the last one ends.
pub(super) struct Timing<'a> {
    stages: &'a Stages,
    last: Instant,
    /// The value of `Server-Timing`, if the client asks for it.
    shown: Option<String>,
}

impl<'a> Timing<'a> {
    /// The first stage begins.
    pub(super) fn start(stages: &'a Stages, request: &Request) -> Self {
        let headers = &request.headers;
        let asks = headers.get("prefer").is_some() && Preferences::parse(headers).server_timing;
        Self { stages, last: Instant::now(), shown: asks.then(String::new) }
    }

    /// A stage ends. One that others measure in parts is only shown.
    pub(super) fn end(&mut self, name: &str, stage: Option<Stage>) {
        let now = Instant::now();
        let time = now - self.last;
        self.last = now;
        if let Some(stage) = stage {
            self.stages.took(stage, time);
        }
        if let Some(shown) = &mut self.shown {
            let separator = if shown.is_empty() { "" } else { ", " };
            // Writing into a text cannot fail.
            write!(shown, "{separator}{name};dur={:.3}", time.as_secs_f64() * 1000.0).ok();
        }
    }

    /// Adds the times to the reply, if the client asks for them.
    pub(super) fn show(self, response: &mut Response) {
        if let Some(shown) = self.shown {
            response.headers.push(("Server-Timing".into(), shown));
        }
    }
}
