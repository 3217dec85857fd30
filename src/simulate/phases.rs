//! The phases of a simulation: devices, scripts, states of users, and the reports.

use std::cell::{Cell, RefCell};
use std::time::Instant;

use serde::Deserialize;
use uuid::Uuid;

use super::agent::Agent;
use super::catalog::{Account, Script};
use super::client::{Client, Sent};
use super::clock::Pace;
use super::fleet::{Device, Person};
use super::outputs::Writer;
use super::progress::{Display, Phase};
use super::requests::{self, Placed, ROOT, marker};
use super::timeline::{Ending, Event};
use super::workers::{Job, work};
use super::{Failure, pages};

/// How the phases are run.
pub(super) struct Phases<'a> {
    pub(super) client: &'a Client,
    pub(super) agent: &'a Agent<'a>,
    pub(super) display: Display,
    pub(super) connections: usize,
}

/// A script as a list has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListedScript {
    pub(super) id: Uuid,
    display_name: Option<String>,
    description: Option<String>,
}

/// The name of a new entity.
#[derive(Deserialize)]
struct Created {
    id: Uuid,
}

impl ListedScript {
    /// Whether the simulation with this seed made it of this script.
    pub(super) fn is(&self, script: &Script, seed: u64) -> bool {
        let ends = |text: &String| text.ends_with(&marker(seed));
        self.display_name.as_ref() == Some(&script.name)
            && self.description.as_ref().is_some_and(ends)
    }
}

impl<'a> Phases<'a> {
    /// Creates the devices, or brings them up to date.
    pub(super) async fn devices(&self) -> Result<(), Failure> {
        let fleet = self.agent.fleet;
        let phase = self.display.phase("devices", fleet.devices.len() as u64);
        let jobs = fleet.devices.iter();
        let jobs = jobs.map(|device| Job { item: device, key: device.number, due: None });
        let sent = work(
            self.open_connections(),
            &self.client.stop,
            jobs,
            async |connection, job: Job<&Device>| {
                let call = requests::device(self.agent, job.item);
                self.client.send(connection, &call, Instant::now()).await?;
                phase.step(String::new);
                Ok(())
            },
        );
        phase.during(&self.client.obstacle, sent).await?;
        phase.end();
        Ok(())
    }

    /// Finds the scripts by their names and marks, and creates those that are missing.
    pub(super) async fn scripts(&self) -> Result<Vec<Placed<'a>>, Failure> {
        let phase = self.display.phase("scripts", self.agent.scripts.len() as u64);
        let placed = phase.during(&self.client.obstacle, self.place(&phase)).await?;
        phase.end();
        Ok(placed)
    }

    async fn place(&self, phase: &Phase) -> Result<Vec<Placed<'a>>, Failure> {
        let (scripts, seed) = (self.agent.scripts, self.agent.fleet.seed);
        let mut connection = self.client.connection();
        let mut placed = Vec::new();
        let mut listed: Vec<(&str, Vec<ListedScript>)> = Vec::new();
        for script in scripts {
            let set = script.entity_set();
            if !listed.iter().any(|(name, _)| *name == set) {
                let path = format!("{ROOT}/{set}?$select=id,displayName,description");
                listed.push((set, pages::all(self.client, &mut connection, path).await?));
            }
            let mut of_set = listed.iter().filter(|(name, _)| *name == set).flat_map(|it| &it.1);
            let id = match of_set.find(|listed| listed.is(script, seed)) {
                Some(listed) => listed.id,
                None => {
                    let call = requests::script(script, seed);
                    match self.client.send(&mut connection, &call, Instant::now()).await? {
                        Sent::Done(reply) => pages::read::<Created>(&call, &reply)?.id,
                        Sent::Refused | Sent::Stopped => return Ok(placed),
                    }
                }
            };
            let script = Placed { script, id };
            self.client.send(&mut connection, &script.assign(), Instant::now()).await?;
            placed.push(script);
            phase.step(String::new);
        }
        Ok(placed)
    }

    /// Creates the states of the people for whom scripts run.
    pub(super) async fn user_states(
        &self,
        scripts: &[Placed<'_>],
        events: &[Event],
    ) -> Result<(), Failure> {
        let states = people(self.agent, events);
        let phase = self.display.phase("user states", states.len() as u64);
        let jobs = states.into_iter().map(|item| Job { item, key: item.1, due: None });
        let sent = work(
            self.open_connections(),
            &self.client.stop,
            jobs,
            async |connection, job: Job<(u16, u32)>| {
                let (script, person) = job.item;
                let person: Person = self.agent.fleet.person(person);
                let call = scripts[usize::from(script)].user_state(&person);
                self.client.send(connection, &call, Instant::now()).await?;
                phase.step(String::new);
                Ok(())
            },
        );
        phase.during(&self.client.obstacle, sent).await?;
        phase.end();
        Ok(())
    }

    /// Sends the reports. Returns for each event whether it was acknowledged.
    pub(super) async fn report(
        &self,
        scripts: &[Placed<'_>],
        writer: &Writer<'_>,
        events: &[Event],
        pace: Pace,
    ) -> Result<Vec<bool>, Failure> {
        let phase = self.display.phase("running", events.len() as u64);
        let failures = Cell::new(0);
        let acknowledged = RefCell::new(vec![false; events.len()]);
        self.client.meter.borrow_mut().start_reporting();
        let start = tokio::time::Instant::now();
        let jobs = events.iter().enumerate().map(|(number, event)| {
            let due = pace.due(event.at, number).map(|due| start + due);
            Job { item: number, key: event.device, due }
        });
        let result =
            work(self.open_connections(), &self.client.stop, jobs, async |connection, job| {
                let event = events[job.item];
                let device = self.agent.fleet.device(event.device);
                let call = scripts[usize::from(event.script)].report(writer, device, event);
                let since = job.due.filter(|_| pace.is_open()).map(tokio::time::Instant::into_std);
                let since = since.unwrap_or_else(Instant::now);
                if let Sent::Done(_) = self.client.send(connection, &call, since).await? {
                    acknowledged.borrow_mut()[job.item] = true;
                    let is_failure = matches!(event.how(), Ending::Failure(_));
                    failures.set(failures.get() + u64::from(is_failure));
                }
                phase.step(|| self.message(writer, event, failures.get()));
                Ok(())
            });
        phase.during(&self.client.obstacle, result).await?;
        self.client.meter.borrow_mut().end_reporting();
        phase.end();
        Ok(acknowledged.into_inner())
    }

    fn message(&self, writer: &Writer<'_>, event: Event, failures: u64) -> String {
        let meter = self.client.meter.borrow();
        let (half, most) = meter.typical();
        let time = writer.clock.date_time(i64::from(event.at - event.at % 60_000));
        let waits = meter.waits + meter.broken;
        let waits = if waits > 0 { format!(", {waits} waits") } else { String::new() };
        format!("{time} p50 {half:.1} ms p99 {most:.1} ms, {failures} failed runs{waits}")
    }

    fn open_connections(&self) -> Vec<super::connection::Connection> {
        (0..self.connections).map(|_| self.client.connection()).collect()
    }
}

/// The scripts of users that run, each with the people for whom it runs.
pub(super) fn people(agent: &Agent<'_>, events: &[Event]) -> Vec<(u16, u32)> {
    let of_users = events
        .iter()
        .filter(|event| agent.scripts[usize::from(event.script)].run_as == Account::User);
    let mut people: Vec<(u16, u32)> = of_users
        .filter_map(|event| {
            let people = agent.fleet.device(event.device).people();
            let person = people.get(usize::from(event.person()))?;
            Some((event.script, *person))
        })
        .collect();
    people.sort_unstable();
    people.dedup();
    people
}
