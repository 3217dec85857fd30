//! Reads: the shape of the entities in a reply, their annotations, and the page of a collection.

pub mod annotation;
mod page;
mod shape;
pub mod skip_token;

pub use page::{OrderKey, Page};
pub use shape::{Expansion, Shape};
