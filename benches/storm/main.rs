//! The benchmark: measures every performance figure that the documents give, and prints tables.
//!
//! The server is the release binary in its own process, on a PostgreSQL with durable writes. Programs
//! that it is compared with run alternately with it on the same machine. Needs `pgbench`.

#![expect(
    clippy::disallowed_methods,
    reason = "the benchmark prepares and measures the database itself"
)]

#[path = "../../tests/console/browser.rs"]
#[expect(clippy::unwrap_used, clippy::panic, dead_code, reason = "a part of what tests need")]
mod browser;
mod cluster;
mod connection;
mod console;
mod creates;
mod database;
mod devices;
#[path = "../../tests/console/driver.rs"]
#[expect(clippy::unwrap_used, clippy::expect_used, reason = "a part of what tests need")]
mod driver;
mod growth;
mod history;
mod load;
mod memory;
mod mixed;
mod pgbench;
mod plain_handler;
mod questions;
mod reads;
mod report;
mod reports;
mod request;
mod retention;
mod server;
mod setup;
mod tenants;
mod tls;
mod twin;
mod users;

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use runstate::commands::Failure;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

use cluster::{Cluster, WorkDir};
use setup::{Preset, Setup};

/// Every error of the benchmark is a sentence for its user.
type Result<T> = std::result::Result<T, Failure>;

/// The first argument that makes this program serve as the plain handler.
const PLAIN_HANDLER: &str = "plain-handler";

/// Compares Runstate with pgbench and with a plain handler, and prints tables.
#[derive(Debug, Parser)]
#[command(name = "cargo bench --bench storm --")]
struct Arguments {
    /// Groups to measure [default: all]
    groups: Vec<Group>,
    /// Measure for about two minutes: enough to try a change, too little to publish
    #[arg(long)]
    quick: bool,
    /// Number of states in the large database of `growth` [default: 10000000, with --quick 1000000], and of
    /// the script that `console` opens [default: 1000000]
    #[arg(long, value_name = "NUMBER")]
    states: Option<u64>,
    /// PostgreSQL to use, as a superuser [default: an embedded one in the target directory]
    #[arg(long, env, hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// Passed by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

/// A group of measurements, printed as one table.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Group {
    /// One token, run states of scripts
    Creates,
    /// Many tenants, many tokens, run states of users
    Users,
    /// First and repeated reports of the same devices
    Reports,
    /// Pages, counts, summaries
    Reads,
    /// The same requests with few and with many states
    Growth,
    /// Versions of run states: cost, pages, space
    History,
    /// Memory, size of the program, time to start
    Memory,
    /// Creates and lists at the same time
    Mixed,
    /// Expiry of versions and of run states during creates
    Retention,
    /// Creates, handshakes and memory with TLS
    Tls,
    /// Tenants of the test twin: made, reset, removed
    Twin,
    /// The console in a browser: first view, failures of a million states, a page that stays open; needs chromedriver
    Console,
}

fn main() -> ExitCode {
    let serves = std::env::args().nth(1).is_some_and(|argument| argument == PLAIN_HANDLER);
    // The load runs on one thread, so that it takes little CPU time from the server.
    let mut builder =
        if serves { Builder::new_multi_thread() } else { Builder::new_current_thread() };
    let result =
        builder.enable_all().build().map_err(Failure::from).and_then(|runtime| match serves {
            true => runtime.block_on(plain_handler::serve()),
            false => runtime.block_on(measure(&Arguments::parse())),
        });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::progress(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Measures the groups. Removes databases and files at the end, after a failure too.
async fn measure(arguments: &Arguments) -> Result<()> {
    if cfg!(debug_assertions) {
        return Err("this is not the release build: run cargo bench --bench storm".into());
    }
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let directory = WorkDir::new()?;
    let mut started = None;
    let result = tokio::select! {
        biased;
        _ = interrupt.recv() => Err("interrupted".into()),
        _ = terminate.recv() => Err("terminated".into()),
        result = async {
            let url = arguments.database_url.as_deref();
            let cluster = started.insert(Cluster::start(&directory, url).await?);
            measure_groups(arguments, cluster, &directory).await
        } => result,
    };
    match started {
        Some(cluster) => result.and(cluster.stop().await),
        None => result,
    }
}

async fn measure_groups(
    arguments: &Arguments,
    cluster: &Cluster,
    directory: &WorkDir,
) -> Result<()> {
    let preset = if arguments.quick { Preset::quick() } else { Preset::full() };
    let states = arguments.states.unwrap_or(preset.states);
    let setup = Setup::new(cluster, directory, preset)?;
    println!("{}", cluster.facts().await?);
    let all = Group::value_variants();
    let chosen = if arguments.groups.is_empty() { all } else { &arguments.groups };
    let mut failed = Vec::new();
    for group in chosen {
        let result = match group {
            Group::Creates => creates::measure(&setup).await,
            Group::Users => users::measure(&setup).await,
            Group::Reports => reports::measure(&setup).await,
            Group::Reads => reads::measure(&setup).await,
            Group::Growth => growth::measure(&setup, states).await,
            Group::History => history::measure(&setup, states).await,
            Group::Memory => memory::measure(&setup).await,
            Group::Mixed => mixed::measure(&setup).await,
            Group::Retention => retention::measure(&setup).await,
            Group::Tls => tls::measure(&setup).await,
            Group::Twin => twin::measure(&setup).await,
            Group::Console => {
                console::measure(&setup, arguments.states.unwrap_or(console::STATES)).await
            }
        };
        match result {
            Ok(table) => println!("{table}"),
            Err(error) => failed.push(format!("{group:?} could not be measured: {error}")),
        }
        cluster.clear().await?;
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n").into()) }
}
