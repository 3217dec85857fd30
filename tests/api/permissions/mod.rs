//! Which callers may use which routes?

pub(crate) mod routes;
mod scopes;
