//! Retention: which policies there are, what a policy may say, and the paths on which they are read and
//! written. Knows no JSON and no SQL.

mod address;
mod history_days;

use uuid::Uuid;

pub use address::Address;
pub use history_days::HistoryDays;

/// The largest number of versions that a policy may name.
pub const MAX_VERSIONS: i64 = 1_000_000;
/// The largest number of days for which a policy may keep run states: a hundred years.
pub const MAX_RUN_STATE_DAYS: i64 = 36_500;

/// A number that a policy limits something to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(i32);

/// What a policy says. It leaves what is `None` to the next policy: that of a script to the tenant's,
/// and that of a tenant to the server's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// For how long superseded versions are kept.
    pub history_days: Option<HistoryDays>,
    /// How many versions of a run state are shown, the current one included.
    pub history_versions: Option<Limit>,
    /// For how many days a run state is kept after its last report: `runStateDays`.
    pub report_days: Option<Limit>,
}

/// A change of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Changes what the policy of the tenant says; it keeps the values that are `None`.
    Merge(Policy),
    /// Replaces the policy of a script.
    Replace(Uuid, Policy),
    /// Removes the policy of the tenant, or of a script.
    Remove(Option<Uuid>),
}

/// The policy in force, with the policy that each value is from: `script`, `tenant` or `server`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    pub history_days: (HistoryDays, String),
    pub history_versions: (Limit, String),
    pub report_days: (Limit, String),
    pub usage: Usage,
}

/// What the stored versions take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// When the oldest version began, as a date-time of OData; `None` if there is no version.
    pub oldest_version: Option<String>,
    pub versions: i64,
    /// The size of the versions, without indexes.
    pub bytes: i64,
    /// Whether the numbers are estimated from a sample.
    pub is_estimate: bool,
}

impl Limit {
    /// No limit: all versions, or for ever.
    pub const NONE: Self = Self(i32::MAX);

    /// The limit with this number, if it is from 1 to `most`.
    #[must_use]
    pub fn of(number: i64, most: i64) -> Option<Self> {
        let number = (1..=most).contains(&number).then_some(number)?;
        i32::try_from(number).ok().map(Self)
    }

    /// The number that the database stores.
    #[must_use]
    pub fn stored(self) -> i32 {
        self.0
    }

    /// The limit that the database stores as this number.
    #[must_use]
    pub fn from_stored(number: i32) -> Self {
        Self(number)
    }
}

impl Change {
    /// The script whose policy is changed; `None` for the policy of the tenant.
    #[must_use]
    pub fn holder(&self) -> Option<Uuid> {
        match self {
            Self::Merge(_) => None,
            Self::Replace(holder, _) => Some(*holder),
            Self::Remove(holder) => *holder,
        }
    }
}
