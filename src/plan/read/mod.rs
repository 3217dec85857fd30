//! Reads: the shape of the entities in a reply, the page of a collection, the form of a property.

mod page;
mod shape;
pub mod skip_token;
mod value_form;

pub use page::{OrderKey, Page};
pub use shape::{Expansion, Shape};
pub use value_form::ValueForm;
