//! The database: connections, the tenants that a session sees, the schema, and errors of the driver.
//! Knows no plan: it runs the statements that it is given.

mod connections;
pub(crate) mod failure;
mod liveness;
mod pool;
pub(crate) mod schema;
mod session;

pub(crate) use connections::{Connections, DEADLINE, quiet};
pub use failure::StartError;
pub use session::bound;
pub(crate) use session::{Session, rows};
