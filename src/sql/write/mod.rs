//! Creates, updates and deletes.

mod change;
mod create;

pub(super) use change::{clear, delete, lock, update};
pub(super) use create::create;
pub use create::{Create, create_together};

/// The column of `input` with the key of a reference, by its place among those of the type.
fn reference_name(index: usize) -> String {
    format!("reference_{index}")
}

fn reference_cell(index: usize) -> String {
    format!("input.{}", reference_name(index))
}
