//! Which caller may use which route?

pub(crate) mod routes;
mod scopes;
