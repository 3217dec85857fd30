//! Rules about the source code: which room imports which, which names only one room may use, and
//! where names of entities may be used. A room is a module at the top of `src/`, or a crate of the
//! workspace. The source files are parsed; comments and unit tests do not count.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot continue reports why by its panic"
)]

mod entities;
mod graph;
mod knowledge;
mod names;
mod sources;
mod tokens;
mod violations;
