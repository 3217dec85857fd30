//! Conditions, terms and calls of functions as SQL.

mod cast;
mod condition;
mod function;
mod term;

pub(super) use condition::{and, of_page, with_index};
pub(super) use term::{items_number, value};
