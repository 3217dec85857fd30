//! Reads: which properties a reply shows, and which page of a collection.

mod shape;
mod skip_token;

pub use shape::{Expansion, OrderKey, Page, Shape};
