//! The settings of a tenant's throttle, from JSON and to JSON.

use chrono::TimeDelta;

use super::WINDOW;
use crate::error::Result;
use crate::odata::{Duration, Json};
use crate::twin::condition::Condition;
use crate::twin::json;
use crate::twin::limits::{MAX_CUSTOM_LIMITS, MAX_SCALE, MAX_WINDOW};
use crate::twin::members::{Members, Words, name_of, wrong};
use crate::twin::retry_after::{FORMS, Form};

/// Whether the documented limits are counted.
const PROFILES: Words<bool> = &[("off", false), ("intune-devices", true)];
/// Whether a request that comes too early makes the wait longer.
const EARLY: Words<bool> = &[("ignore", false), ("extend", true)];

/// How a tenant is throttled. By default it is not.
#[derive(Clone, Debug)]
pub struct ThrottleSettings {
    has_profile: bool,
    scale: f64,
    form: Form,
    extends: bool,
    custom: Vec<CustomLimit>,
}

/// A limit of the tenant's own.
#[derive(Clone, Debug)]
pub(super) struct CustomLimit {
    pub(super) condition: Condition,
    pub(super) limit: u32,
    pub(super) per: TimeDelta,
    /// `match`, to be shown again.
    shown: String,
}

impl Default for ThrottleSettings {
    fn default() -> Self {
        let custom = Vec::new();
        Self { has_profile: false, scale: 1.0, form: Form::Seconds, extends: false, custom }
    }
}

impl ThrottleSettings {
    /// Reads the settings. What is absent is as by default.
    ///
    /// # Errors
    /// For a member that is unknown or wrong, by name.
    pub fn read(mut members: Members) -> Result<Self> {
        let has_profile = members.word("profile", PROFILES)?;
        let is_scale = |scale| scale > 0.0 && scale <= MAX_SCALE;
        let scale = members.double("scale", is_scale, "a number above 0, up to 1000")?;
        let form = members.word("retryAfter", FORMS)?;
        members.word("onBatch", &[("items", ())])?;
        let extends = members.word("early", EARLY)?;
        let place = members.place("custom");
        let custom = match members.json("custom") {
            None => Vec::new(),
            Some(Json::Array(items)) if items.len() <= MAX_CUSTOM_LIMITS => {
                let limit = |(index, item)| custom_limit(&format!("{place}[{index}]"), item);
                items.into_iter().enumerate().map(limit).collect::<Result<_>>()?
            }
            Some(other) => return Err(wrong(&place, &other, "a list of at most 20 limits")),
        };
        members.end()?;
        Ok(Self {
            has_profile: has_profile.unwrap_or_default(),
            scale: scale.unwrap_or(1.0),
            form: form.unwrap_or(Form::Seconds),
            extends: extends.unwrap_or_default(),
            custom,
        })
    }

    /// The settings as JSON.
    #[must_use]
    pub fn show(&self) -> String {
        let profile = name_of(self.has_profile, PROFILES);
        let early = name_of(self.extends, EARLY);
        let custom = self.custom.iter().map(|it| {
            let CustomLimit { shown, limit, per, .. } = it;
            let per = Duration { ticks: per.num_milliseconds() * 10_000 };
            format!("{{\"match\":{shown},\"limit\":{limit},\"per\":\"{per}\"}}")
        });
        format!(
            "{{\"profile\":\"{profile}\",\"scale\":{},\"retryAfter\":\"{}\",\"onBatch\":\"items\",\
             \"early\":\"{early}\",\"custom\":[{}]}}",
            self.scale,
            self.form.name(),
            custom.collect::<Vec<_>>().join(",")
        )
    }

    pub(super) fn has_profile(&self) -> bool {
        self.has_profile
    }

    pub(super) fn form(&self) -> Form {
        self.form
    }

    pub(super) fn extends(&self) -> bool {
        self.extends
    }

    /// The limits of its own, each with its place.
    pub(super) fn custom(&self) -> impl Iterator<Item = (usize, &CustomLimit)> {
        self.custom.iter().enumerate()
    }

    /// A documented limit, scaled: at least one.
    pub(super) fn scaled(&self, limit: u32) -> u32 {
        (f64::from(limit) * self.scale).round().max(1.0) as u32
    }
}

fn custom_limit(place: &str, json: Json) -> Result<CustomLimit> {
    let mut members = Members::of_member(place, json)?;
    let condition = members.json("match").unwrap_or(Json::Object(Vec::new()));
    let shown = json::write(&condition);
    let condition = Condition::of_match(&members.place("match"), condition)?;
    let limit = members.number("limit", 1..=i64::from(u32::MAX), "a whole number from 1")?;
    let limit = members.given("limit", limit.and_then(|limit| u32::try_from(limit).ok()))?;
    let per = members.limited_duration("per", MAX_WINDOW)?.unwrap_or(WINDOW);
    members.end()?;
    let per = TimeDelta::from_std(per).unwrap_or(TimeDelta::MAX);
    Ok(CustomLimit { condition, limit, per, shown })
}
