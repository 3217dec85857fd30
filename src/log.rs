//! How the log is written: to stderr, as text or as JSON, one line for each event. What is logged,
//! the rooms decide; tokens, bodies and the texts of statements never are.

use std::env;
use std::io::{IsTerminal, stderr};
use std::panic::{self, PanicHookInfo};
use std::thread;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::LogFormat;

/// Starts the log, of panics too.
pub fn start(format: LogFormat) {
    let filter = env::var("RUST_LOG").ok().and_then(|levels| levels.parse().ok());
    let lines = fmt::layer().with_writer(stderr);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    tracing_subscriber::registry().with(filter.unwrap_or_else(usual)).with(lines).init();
    panic::set_hook(Box::new(tell));
}

/// What is logged where `RUST_LOG` says nothing.
fn usual() -> Targets {
    let usual = Targets::new().with_default(LevelFilter::INFO);
    let usual = usual.with_target("sqlx", LevelFilter::WARN);
    // It tells of each thread, also after the error of a start that fails.
    let usual = usual.with_target("actix_server", LevelFilter::WARN);
    // It warns of what any client can cause.
    usual.with_target("rustls", LevelFilter::ERROR)
}

/// A panic's place and thread, and its message where that stands in the program: another may repeat
/// what a client sent.
fn tell(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let thread = thread::current();
    let text = panic.payload().downcast_ref::<&'static str>();
    tracing::error!(place, thread = thread.name(), text, "a thread panicked");
}
