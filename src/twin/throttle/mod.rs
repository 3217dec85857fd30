//! The throttle of a tenant: counts requests in windows, as Graph documents it for Intune, and says
//! when a request is one too many. Times are those of the tenant's clock.

mod settings;
mod window;

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::call::Call;
use window::{Key, Kind, Window};

pub use settings::ThrottleSettings;

/// The length of the documented windows.
const WINDOW: Duration = Duration::from_secs(20);

/// Writes, and requests of any kind: by application and tenant, and by tenant.
const LIMITS: [(Kind, u32); 4] = [
    (Kind::Writes { by_application: true }, 200),
    (Kind::Writes { by_application: false }, 400),
    (Kind::Any { by_application: true }, 2000),
    (Kind::Any { by_application: false }, 4000),
];

/// The throttle of a tenant.
#[derive(Debug, Default)]
pub struct Throttle {
    settings: ThrottleSettings,
    windows: HashMap<Key, Window>,
}

/// A request that is one too many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The value of `Retry-After`; `None` for no header.
    pub retry_after: Option<String>,
    /// Whether the request came before the time of an earlier `Retry-After` was over.
    pub is_early: bool,
}

impl Throttle {
    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &ThrottleSettings {
        &self.settings
    }

    /// Sets the settings, and begins to count anew.
    pub fn set(&mut self, settings: ThrottleSettings) {
        *self = Self { settings, windows: HashMap::new() };
    }

    /// Begins to count anew.
    pub fn clear(&mut self) {
        self.windows.clear();
    }

    /// Counts a request, or refuses it. A request that is refused counts in no window.
    ///
    /// # Errors
    /// Where a window is full: the longest wait of those that are.
    pub fn count(&mut self, call: &Call, now: DateTime<Utc>) -> Result<(), Refusal> {
        let concerned = self.concerned(call);
        let full = concerned.iter().filter_map(|(key, limit, length)| {
            let window = self.windows.get(key)?;
            (window.is_open(now, *length) && window.count >= *limit).then_some((key, length))
        });
        let full = full.max_by_key(|(key, length)| self.windows[*key].end(**length));
        if let Some((key, length)) = full {
            return Err(self.refuse(&key.clone(), *length, now));
        }
        for (key, _, length) in concerned {
            let window = self.windows.entry(key).or_insert_with(|| Window::at(now));
            if !window.is_open(now, length) {
                *window = Window::at(now);
            }
            window.count += 1;
        }
        Ok(())
    }

    fn refuse(&mut self, key: &Key, length: TimeDelta, now: DateTime<Utc>) -> Refusal {
        let (form, extends) = (self.settings.form(), self.settings.extends());
        let Some(window) = self.windows.get_mut(key) else {
            return Refusal { retry_after: None, is_early: false };
        };
        let is_early = window.wait_until.is_some_and(|until| now < until);
        if is_early && extends {
            window.start = now;
        }
        let wait = (window.end(length) - now).num_milliseconds() as f64 / 1000.0;
        let retry_after = form.write(wait, now);
        let wait_until = retry_after.as_deref().and_then(|text| super::retry_after::end(text, now));
        window.wait_until = window.wait_until.max(wait_until);
        Refusal { retry_after, is_early }
    }

    /// The windows that a request counts in, with their limits and lengths.
    fn concerned(&self, call: &Call) -> Vec<(Key, u32, TimeDelta)> {
        let application = || call.sender.application.clone().unwrap_or_default();
        let documented = LIMITS.iter().filter(|_| self.settings.has_profile());
        let documented = documented.filter(|(kind, _)| call.is_write() || !kind.is_of_writes());
        let length = TimeDelta::from_std(WINDOW).unwrap_or_default();
        let documented = documented.map(|&(kind, limit)| {
            let application = kind.is_by_application().then(application);
            (Key { kind, application }, self.settings.scaled(limit), length)
        });
        let custom = self.settings.custom().filter(|(_, custom)| custom.condition.holds(call));
        let custom = custom.map(|(index, custom)| {
            (Key { kind: Kind::Custom(index), application: None }, custom.limit, custom.per)
        });
        documented.chain(custom).collect()
    }
}

#[cfg(test)]
mod tests;
