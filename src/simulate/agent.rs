//! The agent of a device: when it checks in, which scripts it runs then, and how they end. It knows
//! no texts and no requests.

use std::ops::Range;

use super::catalog::{Account, Cause, Script};
use super::clock::{Clock, MILLISECONDS_OF_DAY};
use super::fleet::{Device, Fleet, Join, Platform};
use super::profile::AgentRules;
use super::random::Stream;
use super::timeline::{Ending, Event};

const SECOND: u32 = 1_000;
const MINUTE: u32 = 60 * SECOND;
const HOUR: u32 = 60 * MINUTE;
/// After this time, a script is stopped.
const TIMEOUT: u32 = 30 * MINUTE;
/// How far apart scripts start that run at the same check-in.
const PAUSE: u32 = 15 * SECOND;
/// How often macOS checks in, and reports custom attributes.
const MAC_PERIOD: u32 = 8 * HOUR;
/// How many draws decide whether a cause is gone at a later run.
const HEALING_DRAWS: usize = 3;

/// How agents behave.
pub(super) struct Agent<'a> {
    pub(super) fleet: &'a Fleet,
    pub(super) scripts: &'a [Script],
    pub(super) clock: &'a Clock,
    pub(super) rules: AgentRules,
    pub(super) reports_pending: bool,
    /// Whether all devices check in once, within the length of the clock.
    pub(super) is_storm: bool,
}

/// A device asks for its scripts.
struct CheckIn {
    at: u32,
    /// The share of the simulation that is over.
    moment: f64,
    /// Who is signed in: the place among the device's people.
    person: u8,
}

/// A run of a script.
struct Run {
    reported_at: u32,
    /// When the next script may start.
    next: u32,
    ending: Ending,
}

/// How far a script has come on a device, for one person.
#[derive(Clone, Copy, Default)]
struct Progress {
    /// How many versions of the script have been run.
    versions: u8,
    /// How often the version has been run.
    attempts: u8,
    /// How often all versions have been run.
    runs: u8,
    has_failed: bool,
    last: u32,
}

impl Agent<'_> {
    /// Appends the reports of a device, in the order of their times.
    pub(super) fn report(&self, device: &Device, events: &mut Vec<Event>) {
        if device.is_silent {
            return;
        }
        let people = device.people().len().max(1);
        let mut progress = vec![Progress::default(); self.scripts.len() * people];
        let mut seen = [true, false, false, false];
        // A check-in waits until the scripts of the one before have run.
        let mut free_at = 0;
        for check_in in self.days().flat_map(|day| self.check_ins(device, day)) {
            let is_new = !std::mem::replace(&mut seen[usize::from(check_in.person)], true);
            let reruns = is_new && self.rules == AgentRules::Observed;
            free_at = free_at.max(check_in.at);
            for (index, script) in self.scripts.iter().enumerate() {
                if !script.is_for(device) {
                    continue;
                }
                let person = match script.run_as {
                    Account::System => 0,
                    Account::User if device.people().is_empty() => continue,
                    Account::User => check_in.person,
                };
                let progress = &mut progress[index * people + usize::from(person)];
                let reruns = reruns && script.run_as == Account::System;
                if !self.is_due(script, *progress, &check_in, reruns) {
                    continue;
                }
                let event = Event::new(free_at, device.number, index, person, progress.runs);
                let run = self.run(device, script, event, progress);
                free_at = run.next;
                if run.reported_at >= self.clock.length {
                    continue;
                }
                if self.reports_pending {
                    events.push(event.ending(event.at, Ending::Pending));
                }
                events.push(event.ending(run.reported_at, run.ending));
            }
        }
    }

    /// When a device checks in for the last time; `None` for one that never does.
    pub(super) fn last_check_in(&self, device: &Device) -> Option<u32> {
        let days = if device.is_silent { 0..0 } else { self.days() };
        let check_ins = days.rev().find_map(|day| self.check_ins(device, day).pop());
        check_ins.map(|check_in| check_in.at)
    }

    /// The days of the simulation: parts of the first and the last one are outside of it. A storm is
    /// over within one.
    fn days(&self) -> Range<u32> {
        match self.is_storm {
            true => 0..1,
            false => 0..self.clock.length / MILLISECONDS_OF_DAY + 2,
        }
    }

    /// When a device checks in on a day of its site.
    fn check_ins(&self, device: &Device, day: u32) -> Vec<CheckIn> {
        let length = f64::from(self.clock.length);
        if self.is_storm {
            let mut stream = Stream::new(self.fleet.seed, "check-ins", "", &[device.number]);
            return vec![self.check_in(stream.between(0.0, length), 0)];
        }
        let start = self.clock.start_seconds();
        let offset = i64::from(device.site.hours) * 3_600;
        let first_day = (start + offset).div_euclid(86_400);
        // In milliseconds after the start; the first midnight of the site is before it.
        let midnight = ((first_day * 86_400 - offset - start) * 1_000) as f64;
        let midnight = midnight + f64::from(day) * f64::from(MILLISECONDS_OF_DAY);
        let weekday = (first_day + 3 + i64::from(day)).rem_euclid(7);
        let mut check_ins = Vec::new();
        let mut stream = Stream::new(self.fleet.seed, "day", "", &[device.number, day]);
        let Some((wake, sleep)) = awake(device, weekday, &mut stream) else { return check_ins };
        let hour = f64::from(HOUR);
        let mut at = midnight + wake * hour;
        while at < midnight + sleep * hour {
            if (0.0..length).contains(&at) {
                let others = device.people().len().max(1) as u32;
                check_ins.push(self.check_in(at, stream.below(others) as u8));
            }
            at += match device.platform {
                Platform::Windows => stream.between(60.0, 66.0) * f64::from(MINUTE),
                Platform::Mac => f64::from(MAC_PERIOD),
            };
        }
        check_ins
    }

    fn check_in(&self, at: f64, person: u8) -> CheckIn {
        let at = at as u32;
        CheckIn { at, moment: self.clock.share(at), person }
    }

    fn is_due(
        &self,
        script: &Script,
        progress: Progress,
        check_in: &CheckIn,
        reruns: bool,
    ) -> bool {
        let is_assigned = self.is_storm || script.rollout <= check_in.moment;
        let is_new = progress.versions < self.versions(script, check_in.moment);
        let is_repeated = match script.attribute {
            Some(_) => check_in.at.saturating_sub(progress.last) >= MAC_PERIOD - HOUR,
            None => progress.has_failed && progress.attempts < self.most_runs(script),
        };
        is_assigned && (is_new || is_repeated || reruns)
    }

    /// How often one version of a script is run that fails each time.
    fn most_runs(&self, script: &Script) -> u8 {
        match (script.platform, self.rules) {
            (Platform::Mac, _) => 1 + script.retries,
            (Platform::Windows, AgentRules::Observed) => 3,
            (Platform::Windows, AgentRules::Documented) => 4,
        }
    }

    /// Runs a script at the time of an event.
    fn run(&self, device: &Device, script: &Script, event: Event, progress: &mut Progress) -> Run {
        let moment = self.clock.share(event.at);
        let versions = self.versions(script, moment);
        let is_repeated = progress.versions == versions && progress.has_failed;
        progress.attempts = if is_repeated { progress.attempts.saturating_add(1) } else { 1 };
        progress.versions = versions;
        progress.runs = progress.runs.saturating_add(1);
        progress.last = event.at;
        if !is_applicable(device, script) {
            progress.has_failed = false;
            let ending = Ending::NotApplicable;
            return Run { reported_at: event.at, next: event.at, ending };
        }
        let cause = self.cause(device, script, event, moment, *progress);
        progress.has_failed = cause.is_some();
        let ending = cause.map_or(Ending::Success, |(index, _)| Ending::Failure(index as u8));
        if self.is_storm {
            let next = (event.at + SECOND / 2).min(self.clock.length - 1);
            return Run { reported_at: event.at, next, ending };
        }
        let numbers = [device.number, event.person().into(), event.run.into()];
        let mut stream = Stream::new(self.fleet.seed, "run", &script.name, &numbers);
        let milliseconds = stream.long_tail(script.seconds) * f64::from(SECOND);
        let duration = match cause {
            Some((_, cause)) if cause.is_timeout => TIMEOUT,
            _ => (milliseconds as u32).clamp(SECOND / 5, TIMEOUT - SECOND),
        };
        let delay = match self.rules {
            AgentRules::Observed => stream.between(2.0, 10.0),
            AgentRules::Documented => stream.between(0.0, 1.0),
        };
        let end = event.at + duration;
        let reported_at = end + (delay * f64::from(SECOND)) as u32;
        Run { reported_at, next: end + PAUSE, ending }
    }

    /// How many versions a script has at a moment.
    fn versions(&self, script: &Script, moment: f64) -> u8 {
        let is_revised = script.revised.is_some_and(|revised| revised <= moment);
        1 + u8::from(is_revised && !self.is_storm)
    }

    /// Why a run fails, with the place among the script's causes.
    fn cause<'s>(
        &self,
        device: &Device,
        script: &'s Script,
        event: Event,
        moment: f64,
        progress: Progress,
    ) -> Option<(usize, &'s Cause)> {
        let revision = progress.versions - 1;
        let numbers = [device.number, event.person().into(), revision.into()];
        let mut stream = Stream::new(self.fleet.seed, "cause", &script.name, &numbers);
        let earlier_runs = usize::from(progress.attempts - 1).min(HEALING_DRAWS);
        let mut causes = script.causes.iter().enumerate();
        causes.find(|(_, cause)| {
            let fails = stream.chance(cause.probability(device, revision, moment));
            // Each cause takes the same number of draws, so that the result of one moves no other.
            let heals = [(); HEALING_DRAWS].map(|()| stream.chance(cause.heals));
            fails && !heals[..earlier_runs].contains(&true)
        })
    }
}

/// Scripts of users need an account of the directory, which is not that of a device that is only
/// registered.
fn is_applicable(device: &Device, script: &Script) -> bool {
    let is_registered_only =
        device.platform == Platform::Windows && device.join == Join::Registered;
    script.run_as == Account::System || !is_registered_only
}

/// When a device wakes and when it sleeps, in hours after midnight; `None` if it is off all day.
fn awake(device: &Device, weekday: i64, stream: &mut Stream) -> Option<(f64, f64)> {
    if device.is_always_on {
        return Some((stream.between(0.0, 1.0), 24.0));
    }
    // From Monday on. After a weekend nobody is away on business yet.
    const WORKING: [f64; 7] = [0.97, 0.95, 0.94, 0.94, 0.9, 0.14, 0.1];
    let is_working = stream.chance(WORKING[weekday as usize]);
    let wake = stream.bell(8.58, 0.4);
    let hours = stream.bell(9.0, 0.8).max(0.5);
    is_working.then_some((wake, wake + hours))
}
