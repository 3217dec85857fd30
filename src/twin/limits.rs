//! The limits of the test twin. `docs/reference/limits.md` lists them.

use std::time::Duration;

/// How many tenants there are at most, expired ones that were not removed yet included.
pub const MAX_TENANTS: usize = 2000;
/// How many snapshots have a name.
pub const MAX_SNAPSHOTS: usize = 100;
/// How long a tenant lives if nobody says.
pub const DEFAULT_TIME_TO_LIVE: Duration = Duration::from_secs(3600);
/// How long a tenant lives at most.
pub const MAX_TIME_TO_LIVE: Duration = Duration::from_secs(7 * 86_400);
/// The longest `id` of a tenant, and the longest name of a tenant or a snapshot, in characters.
pub const MAX_TWIN_NAME: usize = 100;
/// How many virtual seconds pass in a real one at most.
pub const MAX_RATE: f64 = 100_000.0;
/// How many expired tenants are removed in a second.
pub const MAX_REMOVED_PER_SECOND: usize = 10;
