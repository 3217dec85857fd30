//! What a tenant of the twin does to the requests of clients, and what it knows of them: its rules, its
//! throttle, its record and its stale reads. Carries nothing out.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::members::Members;
use super::record::Record;
use super::rule::{Quirk, Rule, Rules};
use super::settings::Settings;
use super::tenants::Kept;
use super::throttle::{Throttle, ThrottleSettings};
use crate::error::Result;
use crate::odata::Json;
use crate::store::Past;

/// The seed of `chance`: the same for all tenants, so that each run of a test has the same faults.
const SEED: u64 = 0x7e57;

/// The rules, the throttle and the record of a tenant.
#[derive(Debug)]
pub struct Traffic {
    rules: Mutex<Rules>,
    throttle: Mutex<Throttle>,
    record: Mutex<Record>,
    stale: Mutex<Option<StaleReads>>,
}

/// How a request is served differently.
#[derive(Debug, Default)]
pub struct Overrides {
    /// A quirk of the query.
    pub quirk: Option<Quirk>,
    /// Whether a write is rolled back.
    pub rolls_back: bool,
    /// The moment that reads see.
    pub past: Option<Arc<Past>>,
}

/// An older moment of the tenant, which reads see until a virtual time.
#[derive(Clone, Debug)]
struct StaleReads {
    past: Arc<Past>,
    until: DateTime<Utc>,
}

impl Traffic {
    /// With the rules and the throttle of the settings, which were read before.
    pub(super) fn new(settings: &Settings) -> Self {
        let traffic = Self {
            rules: Mutex::new(Rules::seeded(SEED)),
            throttle: Mutex::default(),
            record: Mutex::default(),
            stale: Mutex::default(),
        };
        traffic.restart_rules(settings);
        traffic.restart_throttle(settings);
        traffic
    }

    /// The rules.
    pub fn rules(&self) -> MutexGuard<'_, Rules> {
        lock(&self.rules)
    }

    /// The throttle.
    pub fn throttle(&self) -> MutexGuard<'_, Throttle> {
        lock(&self.throttle)
    }

    /// The record.
    pub fn record(&self) -> MutexGuard<'_, Record> {
        lock(&self.record)
    }

    /// From now on reads see an older moment, until a virtual time.
    pub fn show_past(&self, past: Past, until: DateTime<Utc>) {
        *lock(&self.stale) = Some(StaleReads { past: Arc::new(past), until });
    }

    /// The older moment that reads see at a virtual time.
    pub fn past(&self, now: DateTime<Utc>) -> Option<Arc<Past>> {
        let mut stale = lock(&self.stale);
        if stale.as_ref().is_some_and(|it| now >= it.until || it.past.is_over()) {
            *stale = None;
        }
        stale.as_ref().map(|it| Arc::clone(&it.past))
    }

    /// From now on reads see the present.
    pub fn show_present(&self) {
        *lock(&self.stale) = None;
    }

    /// As at the start, except for what is kept. Reads see the present.
    pub(super) fn restart(&self, settings: &Settings, keep: Kept) {
        self.show_present();
        if !keep.rules {
            self.restart_rules(settings);
        }
        if !keep.throttle {
            self.restart_throttle(settings);
        }
        if !keep.record {
            self.record().clear();
        }
    }

    /// The rules that the tenant had at the start.
    fn restart_rules(&self, settings: &Settings) {
        let mut rules = self.rules();
        rules.clear();
        for text in &settings.rules {
            // They were checked when the tenant was made.
            read_rule(text).and_then(|rule| rules.add(rule)).ok();
        }
    }

    /// The throttle that the tenant had at the start, with empty windows.
    fn restart_throttle(&self, settings: &Settings) {
        let throttle = settings.throttle.as_deref().map(read_throttle);
        self.throttle().set(throttle.and_then(Result::ok).unwrap_or_default());
    }
}

/// Reads a rule from the text of its JSON.
fn read_rule(text: &str) -> Result<Rule> {
    Rule::read(Members::of_body(Json::parse(text)?)?)
}

fn read_throttle(text: &str) -> Result<ThrottleSettings> {
    ThrottleSettings::read(Members::of_body(Json::parse(text)?)?)
}

/// The locks protect plain values, which no panic leaves half written.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
