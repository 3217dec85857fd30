//! Values as OData writes them: JSON, date-times and durations. Knows no type of the model.

mod date_time;
mod duration;
mod json;

pub use date_time::DateTimeOffset;
pub use duration::Duration;
pub use json::{Json, MAX_DEPTH};
