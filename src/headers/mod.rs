//! Request headers → typed values: media types, versions of OData, preferences, entity tags and
//! idempotency keys. Knows neither the model nor the format of a request's path.

mod entity_tag;
mod idempotency_key;
mod media_type;
mod odata_version;
mod preference;
mod wishes;

pub use entity_tag::EntityTags;
pub use idempotency_key::MAX_KEY_LENGTH;
use idempotency_key::idempotency_key;
pub use media_type::{accepted_format, json_charset, preferred_type};
pub use odata_version::check_odata_version;
pub use preference::Preferences;
pub use wishes::{ReplyFormat, Wishes};
