//! Values as OData writes them: date-times, durations and binary values. Knows no type of the model.

mod base64;
mod date_time;
mod duration;

pub use base64::decode_base64;
pub use date_time::DateTimeOffset;
pub use duration::Duration;
