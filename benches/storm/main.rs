//! Measures what the project says of how fast it is, and prints tables: `cargo bench --bench storm`.
//! The server is the release binary in a process of its own, on a PostgreSQL that writes durably;
//! what it is compared with runs by turns with it, on the same machine. Needs `pgbench`.

#![expect(
    clippy::disallowed_methods,
    reason = "the benchmark prepares and measures the database itself"
)]

mod cluster;
mod connection;
mod creates;
mod database;
mod growth;
mod load;
mod memory;
mod mixed;
mod pgbench;
mod reads;
mod report;
mod request;
mod rival;
mod server;
mod users;
mod yard;

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use runstate::commands::Failure;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

use cluster::{Cluster, Place};
use yard::{Pace, Yard};

/// What everything here fails with: a sentence for whoever measures.
type Result<T> = std::result::Result<T, Failure>;

/// The name under which the plain rival is started; `rival` says what that is.
const RIVAL: &str = "rival";

/// Measures Runstate beside pgbench and beside a plain handler, and prints tables.
#[derive(Debug, Parser)]
#[command(name = "cargo bench --bench storm --")]
struct Arguments {
    /// What to measure [default: everything]
    groups: Vec<Group>,
    /// Measure for about two minutes: good to try something, not to quote
    #[arg(long)]
    quick: bool,
    /// How many states the large database of `growth` has [default: 10000000, with --quick 1000000]
    #[arg(long, value_name = "NUMBER")]
    states: Option<u64>,
    /// PostgreSQL to use, as a superuser [default: one of our own, in the target directory]
    #[arg(long, env, hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// What cargo says.
    #[arg(long, hide = true)]
    bench: bool,
}

/// What is measured together.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Group {
    /// One token, run states of scripts
    Creates,
    /// Many tenants, many tokens, run states of users
    Users,
    /// Pages, counts, summaries
    Reads,
    /// The same requests on few and on many states
    Growth,
    /// Memory, size, time to start
    Memory,
    /// Creates and lists at once
    Mixed,
}

fn main() -> ExitCode {
    let is_rival = std::env::args().nth(1).is_some_and(|argument| argument == RIVAL);
    // One thread makes all load, so that it takes as little from the server as may be.
    let mut builder =
        if is_rival { Builder::new_multi_thread() } else { Builder::new_current_thread() };
    let done =
        builder.enable_all().build().map_err(Failure::from).and_then(|runtime| match is_rival {
            true => runtime.block_on(rival::serve()),
            false => runtime.block_on(measure(&Arguments::parse())),
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::progress(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Measures the groups, and takes away what was made for it, however that ends.
async fn measure(arguments: &Arguments) -> Result<()> {
    if cfg!(debug_assertions) {
        return Err("this is not the release build: run cargo bench --bench storm".into());
    }
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let place = Place::new()?;
    let mut started = None;
    let done = tokio::select! {
        biased;
        _ = interrupt.recv() => Err("interrupted".into()),
        _ = terminate.recv() => Err("told to end".into()),
        done = async {
            let url = arguments.database_url.as_deref();
            let cluster = started.insert(Cluster::start(&place, url).await?);
            groups(arguments, cluster, &place).await
        } => done,
    };
    match started {
        Some(cluster) => done.and(cluster.end().await),
        None => done,
    }
}

async fn groups(arguments: &Arguments, cluster: &Cluster, place: &Place) -> Result<()> {
    let pace = if arguments.quick { Pace::quick() } else { Pace::full() };
    let states = arguments.states.unwrap_or(pace.states);
    let yard = Yard::open(cluster, place, pace)?;
    println!("{}", cluster.facts().await?);
    let all = Group::value_variants();
    let chosen = if arguments.groups.is_empty() { all } else { &arguments.groups };
    let mut failed = Vec::new();
    for group in chosen {
        let measured = match group {
            Group::Creates => creates::measure(&yard).await,
            Group::Users => users::measure(&yard).await,
            Group::Reads => reads::measure(&yard).await,
            Group::Growth => growth::measure(&yard, states).await,
            Group::Memory => memory::measure(&yard).await,
            Group::Mixed => mixed::measure(&yard).await,
        };
        match measured {
            Ok(table) => println!("{table}"),
            Err(error) => failed.push(format!("{group:?} could not be measured: {error}")),
        }
        cluster.clear().await?;
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n").into()) }
}
