//! Creates, updates and deletes.

mod create;
mod delete;
mod repeated;
mod rows;
mod tags;
mod update;

pub(super) use create::create;
pub use create::{Create, create_together};
pub(super) use delete::{clear, delete, lock};
pub use update::{Update, update_together};
