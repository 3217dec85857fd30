//! Reads: the shape of the entities in a reply, their annotations, the page of a collection, and the
//! form of a property.

pub mod annotation;
mod page;
mod period;
mod shape;
pub mod skip_token;
mod value_form;

pub use page::{OrderKey, Page};
pub use period::ValidVersions;
pub use shape::{Expansion, Shape};
pub use value_form::ValueForm;
