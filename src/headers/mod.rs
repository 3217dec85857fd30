//! Request headers → typed values: media types, preferences, entity tags and idempotency keys. Knows
//! neither the model nor the format of a request's path.

mod entity_tag;
mod idempotency_key;
mod media_type;
mod preference;
mod wishes;

pub use entity_tag::EntityTags;
pub use idempotency_key::MAX_KEY_LENGTH;
use idempotency_key::idempotency_key;
pub use media_type::{accepted_format, check_json_body, preferred_type};
pub use preference::Preferences;
pub use wishes::{ReplyFormat, Wishes};
