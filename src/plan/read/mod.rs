//! Reads: the shape of the entities in a reply, and the page of a collection.

mod page;
mod shape;
pub mod skip_token;

pub use page::{OrderKey, Page};
pub use shape::{Expansion, Shape};
