//! Compares what the server has with what it acknowledged: each state with its content, and the counts
//! of each script.

use std::collections::HashMap;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::client::{Client, Sent};
use super::connection::Connection;
use super::outputs::Writer;
use super::progress::Display;
use super::requests::{Call, Placed};
use super::timeline::Event;
use super::workers::{Job, work};
use super::{Failure, pages};

/// How many scripts are verified side by side.
const CONNECTIONS: usize = 4;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Verification {
    /// States whose reports were acknowledged.
    pub(super) acknowledged: u64,
    /// Those that are on the server as they were reported last.
    pub(super) found: u64,
    /// Those that are not.
    pub(super) lost: u64,
    /// States that are listed twice.
    pub(super) doubled: u64,
    /// States that this run did not report.
    pub(super) others: u64,
    /// The scripts whose counts differ from their states.
    pub(super) wrong_summaries: Vec<String>,
}

/// A state as the list has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct State {
    id: String,
    run_state: String,
    result_message: Option<String>,
    last_state_update_date_time: String,
    error_code: i32,
    error_description: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserState {
    success_device_count: i64,
    error_device_count: i64,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Summary {
    success_device_count: i64,
    error_device_count: i64,
    success_user_count: i64,
    error_user_count: i64,
}

/// The states of one script that were acknowledged, by id: the last event, and whether the state was
/// listed.
type Expected = HashMap<String, (Event, bool)>;

impl Verification {
    /// Whether nothing is lost, doubled or miscounted.
    pub(super) fn is_right(&self) -> bool {
        self.lost == 0 && self.doubled == 0 && self.wrong_summaries.is_empty()
    }

    fn add(&mut self, other: Self) {
        self.acknowledged += other.acknowledged;
        self.found += other.found;
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.others += other.others;
        self.wrong_summaries.extend(other.wrong_summaries);
    }
}

/// Verifies all scripts. `acknowledged` says it for each event.
pub(super) async fn verify(
    client: &Client,
    display: Display,
    writer: &Writer<'_>,
    scripts: &[Placed<'_>],
    events: &[Event],
    acknowledged: &[bool],
) -> Result<Verification, Failure> {
    let phase = display.phase("verify", scripts.len() as u64);
    let result = std::cell::RefCell::new(Verification::default());
    let connections = (0..CONNECTIONS.min(scripts.len())).map(|_| client.connection()).collect();
    let jobs = (0..scripts.len()).map(|item| Job { item, key: item as u32, due: None });
    let work = work(connections, &client.stop, jobs, async |connection, job: Job<usize>| {
        let of_script = events.iter().zip(acknowledged);
        let of_script = of_script
            .filter(|(event, acknowledged)| **acknowledged && usize::from(event.script) == job.item)
            .map(|(event, _)| *event);
        let script = OfScript { client, writer, script: scripts[job.item] };
        let of_script = script.verify(connection, of_script).await?;
        result.borrow_mut().add(of_script);
        phase.step(String::new);
        Ok(())
    });
    phase.during(&client.obstacle, work).await?;
    phase.end();
    let mut result = result.into_inner();
    result.wrong_summaries.sort();
    Ok(result)
}

/// The verification of one script.
struct OfScript<'a> {
    client: &'a Client,
    writer: &'a Writer<'a>,
    script: Placed<'a>,
}

impl OfScript<'_> {
    async fn verify(
        &self,
        connection: &mut Connection,
        events: impl Iterator<Item = Event>,
    ) -> Result<Verification, Failure> {
        let mut expected = self.expected(events);
        let mut result =
            Verification { acknowledged: expected.len() as u64, ..Verification::default() };
        let (mut listed, mut counts) = (0, Summary::default());
        let path = format!("{}/deviceRunStates", self.script.path());
        pages::each(self.client, connection, path.clone(), |page: Vec<State>| {
            for state in page {
                listed += 1;
                match state.run_state.as_str() {
                    "success" => counts.success_device_count += 1,
                    "fail" | "scriptError" => counts.error_device_count += 1,
                    _ => {}
                }
                self.compare(&state, &mut expected, &mut result);
            }
        })
        .await?;
        result.lost += expected.values().filter(|(_, is_listed)| !is_listed).count() as u64;
        let path_of_users = format!("{}/userRunStates", self.script.path());
        pages::each(self.client, connection, path_of_users, |page: Vec<UserState>| {
            for user in page {
                counts.error_user_count += i64::from(user.error_device_count > 0);
                let is_success = user.error_device_count == 0 && user.success_device_count > 0;
                counts.success_user_count += i64::from(is_success);
            }
        })
        .await?;
        let summary: Summary =
            self.read(connection, format!("{}/runSummary", self.script.path())).await?;
        let count: i64 = self.read(connection, format!("{path}/$count")).await?;
        if summary != counts || count != listed {
            result.wrong_summaries.push(self.script.script.name.clone());
        }
        Ok(result)
    }

    /// The last acknowledged event of each state.
    fn expected(&self, events: impl Iterator<Item = Event>) -> Expected {
        let mut expected = Expected::new();
        for event in events {
            let device = self.writer.fleet.device(event.device);
            let person = self.script.person_id(self.writer, device, event);
            expected.insert(self.script.state_id(device, person), (event, false));
        }
        expected
    }

    fn compare(&self, state: &State, expected: &mut Expected, result: &mut Verification) {
        let Some((event, is_listed)) = expected.get_mut(&state.id) else {
            result.others += 1;
            return;
        };
        if std::mem::replace(is_listed, true) {
            result.doubled += 1;
            return;
        }
        let device = self.writer.fleet.device(event.device);
        let output = self.writer.output(device, self.script.script, *event);
        let is_same = output.run_state == state.run_state
            && output.result_message == state.result_message
            && output.last_state_update_date_time == state.last_state_update_date_time
            && output.error_code == state.error_code
            && output.error_description == state.error_description.as_deref();
        match is_same {
            true => result.found += 1,
            false => result.lost += 1,
        }
    }

    async fn read<T: serde::de::DeserializeOwned>(
        &self,
        connection: &mut Connection,
        path: String,
    ) -> Result<T, Failure> {
        let call = Call::get(path);
        match self.client.send(connection, &call, Instant::now()).await? {
            Sent::Done(reply) => pages::read(&call, &reply),
            Sent::Refused => Err(Failure::Refused(format!("{} was refused", call.path))),
            Sent::Stopped => Err(Failure::Interrupted),
        }
    }
}
