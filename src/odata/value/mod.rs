//! Values as OData writes them: date-times and durations. Knows no type of the model.

mod date_time;
mod duration;

pub use date_time::DateTimeOffset;
pub use duration::Duration;
