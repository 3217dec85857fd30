//! How the log is written: to stderr, as text or as JSON, one line for each event. What is logged,
//! the rooms decide; tokens, bodies and the texts of statements never are.

use std::io::{IsTerminal, stderr};
use std::panic::{self, PanicHookInfo};
use std::thread;

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// What is logged where `RUST_LOG` says nothing.
const USUAL: &str = "info,sqlx=warn";

/// Starts the log, of panics too.
pub fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(USUAL));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    match format {
        LogFormat::Text => log.with_ansi(stderr().is_terminal()).init(),
        LogFormat::Json => log.json().init(),
    }
    panic::set_hook(Box::new(tell));
}

/// A panic's place and thread, and its message where that stands in the program: another may repeat
/// what a client sent.
fn tell(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let thread = thread::current();
    let text = panic.payload().downcast_ref::<&'static str>();
    tracing::error!(place, thread = thread.name(), text, "a thread panicked");
}
