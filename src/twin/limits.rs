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
/// How many rules a tenant has at most.
pub const MAX_RULES: usize = 100;
/// The longest pattern of a path, of a header or of an option in a rule, in characters.
pub const MAX_PATTERN: usize = 1000;
/// How many patterns of headers, or of options, a rule or an assertion has.
pub const MAX_PATTERNS: usize = 100;
/// The longest delay that a rule makes, in milliseconds.
pub const MAX_DELAY_MS: i64 = 300_000;
/// How long reads may be stale: a transaction is open as long.
pub const MAX_STALE: Duration = Duration::from_secs(300);
/// How many tenants have stale reads at the same time: each takes a connection of the database.
pub const MAX_STALE_TENANTS: usize = 4;
/// The highest rate of a slow body, in bytes per second.
pub const MAX_DRIP: i64 = 1_000_000;
/// The longest `Retry-After` of a rule, in seconds: a day.
pub const MAX_RETRY_AFTER: f64 = 86_400.0;
/// How many headers the error of a rule adds.
pub const MAX_ADDED_HEADERS: usize = 20;
/// The longest text of an error that a rule makes, in characters.
pub const MAX_ERROR_TEXT: usize = 1000;
/// How many limits of its own the throttle of a tenant has at most.
pub const MAX_CUSTOM_LIMITS: usize = 20;
/// The longest window of such a limit.
pub const MAX_WINDOW: Duration = Duration::from_secs(3600);
/// The largest scale of the documented limits.
pub const MAX_SCALE: f64 = 1000.0;
/// How many requests of a tenant are recorded.
pub const MAX_RECORDED: usize = 10_000;
/// How many bytes the record of a tenant takes, about.
pub const MAX_RECORD_SIZE: usize = 64 * 1024 * 1024;
/// How much of a body is recorded, in bytes.
pub const MAX_RECORDED_BODY: usize = 64 * 1024;
/// How long an assertion waits until it holds.
pub const MAX_WITHIN: Duration = Duration::from_secs(60);
/// How many requests the order of an assertion names.
pub const MAX_ORDER: usize = 100;
/// How many expired tenants are removed in a second.
pub const MAX_REMOVED_PER_SECOND: usize = 10;
