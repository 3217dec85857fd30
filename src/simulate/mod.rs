//! The simulated fleet: devices that report how scripts ran, through the public API of a server. It
//! is a client like any other, and knows nothing of the server's own rooms.

mod agent;
mod catalog;
mod clean;
mod client;
mod clock;
mod connection;
mod dry_run;
mod fleet;
mod meter;
mod outputs;
mod pages;
mod parallel;
mod phases;
mod profile;
mod progress;
mod random;
mod report;
mod requests;
mod timeline;
mod token;
mod verify;
mod workers;

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rustls::ClientConfig;
use tokio_util::sync::CancellationToken;

pub use fleet::Mix;
pub use profile::{AgentRules, Codes, GENERATOR, Incident, Profile};
pub use report::ReportFormat;
pub use token::Credentials;

use agent::Agent;
use client::Client;
use clock::{Clock, Pace};
use connection::Target;
use fleet::Fleet;
use meter::Meter;
use outputs::Writer;
use phases::Phases;
use progress::Display;
use report::Report;
use token::Tokens;

/// How a simulation that did not fail ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// As it should, and what was verified is right.
    Right,
    /// Something acknowledged is not on the server as it was reported.
    Wrong,
    /// Requests were refused, and left out.
    Incomplete,
    /// The user asked to stop.
    Interrupted,
}

/// Why a simulation failed: a sentence for the user.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The server refuses, or the parameters are wrong.
    #[error("{0}")]
    Refused(String),
    /// The work could not be finished.
    #[error("the simulation is not finished: {0}")]
    Unfinished(String),
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The program's own data is wrong.
    #[error("the data of the simulation: {0}")]
    Data(#[from] toml::de::Error),
    /// The measurements cannot be kept.
    #[error(transparent)]
    Histogram(#[from] hdrhistogram::CreationError),
    /// The output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
    /// The report has no form in JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// What a simulation needs to reach its server.
pub struct Access {
    /// The URL of the server, such as `http://127.0.0.1:8080`.
    pub server: String,
    /// Where tokens come from.
    pub credentials: Credentials,
    /// Whom the simulation trusts where the URL is https.
    pub tls: Arc<ClientConfig>,
    /// Cancelled when the user asks to stop.
    pub stop: CancellationToken,
}

/// A simulation: a profile, and what is shown of it.
pub struct Simulation {
    profile: Profile,
    fleet: Fleet,
    scripts: Vec<catalog::Script>,
    clock: Clock,
    is_quiet: bool,
}

impl Simulation {
    /// # Errors
    /// If the profile has a value that is out of range.
    pub fn new(profile: Profile, now: DateTime<Utc>, is_quiet: bool) -> Result<Self, Failure> {
        profile.check()?;
        let Profile { seed, devices, users_per_device, shared, ref mix, .. } = profile;
        let fleet = Fleet::new(seed, devices, users_per_device, shared, mix.clone())?;
        let scripts = catalog::scripts(profile.scripts, mix.macs > 0.0, profile.incident)?;
        let clock = Clock::new(&profile, now)?;
        Ok(Self { profile, fleet, scripts, clock, is_quiet })
    }

    /// Prints the requests, and sends none.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn print(&self, out: &mut impl Write) -> Result<(), Failure> {
        let agent = self.agent();
        let events = timeline::timeline(&agent);
        let writer = Writer::new(&agent, self.profile.codes);
        dry_run::print(out, &agent, &writer, &events)?;
        Ok(())
    }

    /// Deletes what simulations with this seed made. Returns a sentence about it.
    ///
    /// # Errors
    /// If the server refuses or does not answer.
    pub async fn clean(&self, access: Access) -> Result<(Ended, String), Failure> {
        let client = self.client(access).await?;
        let deleted = clean::clean(&client, Display::new(self.is_quiet), &self.fleet).await?;
        if client.stop.is_cancelled() {
            return Ok((Ended::Interrupted, String::new()));
        }
        let clean::Deleted { scripts, devices, refused } = deleted;
        let seed = self.fleet.seed;
        let text = format!("Deleted {scripts} scripts and {devices} devices of seed {seed}.\n");
        match refused {
            0 => Ok((Ended::Right, text)),
            _ => {
                Ok((Ended::Incomplete, format!("{text}The server refused to delete {refused}.\n")))
            }
        }
    }

    /// Runs the simulation. Returns its report.
    ///
    /// # Errors
    /// If the server refuses, or does not answer for a long time.
    pub async fn run(
        &self,
        access: Access,
        format: ReportFormat,
    ) -> Result<(Ended, String), Failure> {
        let client = self.client(access).await?;
        let agent = self.agent();
        let writer = Writer::new(&agent, self.profile.codes);
        let display = Display::new(self.is_quiet);
        let (connections, pace) = (self.profile.connections, Pace::new(&self.profile));
        let phases = Phases { client: &client, agent: &agent, display, connections };
        let events = timeline::timeline(&agent);
        phases.devices().await?;
        let scripts = phases.scripts().await?;
        let mut verification = None;
        // There are fewer scripts only where one was refused or the user asked to stop.
        if scripts.len() == self.scripts.len() {
            phases.user_states(&scripts, &events).await?;
            let acknowledged = phases.report(&scripts, &writer, &events, pace).await?;
            if self.profile.then_verify {
                let verify =
                    verify::verify(&client, display, &writer, &scripts, &events, &acknowledged);
                verification = Some(verify.await?);
            }
        }
        // Half a verification says nothing.
        let verification = verification.filter(|_| !client.stop.is_cancelled());
        let measured = client.meter.borrow().measured();
        let ended = match &verification {
            _ if client.stop.is_cancelled() => Ended::Interrupted,
            Some(verification) if !verification.is_right() => Ended::Wrong,
            _ if measured.refused > 0 => Ended::Incomplete,
            _ => Ended::Right,
        };
        let report = Report::new(&self.profile, &self.clock, pace, measured, verification);
        Ok((ended, report.render(format)?))
    }

    fn agent(&self) -> Agent<'_> {
        Agent {
            fleet: &self.fleet,
            scripts: &self.scripts,
            clock: &self.clock,
            rules: self.profile.agent,
            reports_pending: self.profile.report_pending,
            is_storm: self.profile.storm_seconds.is_some(),
        }
    }

    /// A client of a server that has answered.
    async fn client(&self, access: Access) -> Result<Client, Failure> {
        let Access { server, credentials, tls, stop } = access;
        let target = Target::parse(&server, &tls);
        let target = target.map_err(|error| Failure::Refused(error.to_string()))?;
        let client = Client {
            target: Arc::new(target),
            tokens: Tokens::new(credentials, &tls),
            meter: RefCell::new(Meter::new()?),
            stop,
            seed: self.profile.seed,
            keeps_going: self.profile.keep_going,
            obstacle: RefCell::default(),
        };
        client.check(&server).await?;
        Ok(client)
    }
}
