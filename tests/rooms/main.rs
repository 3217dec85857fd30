//! The layout of the source, as rules: which room imports which, what only one room may name, and
//! where names of entities may stand. A room is a module at the top of `src/`, or a crate of the
//! workspace. The sources are parsed; text in comments and in unit tests does not count.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot continue reports why by its panic"
)]

mod breaks;
mod entities;
mod graph;
mod knowledge;
mod names;
mod sources;
mod tokens;
