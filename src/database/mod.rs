//! The database: the connection pool, sessions and their tenants, the schema, and errors of the
//! driver. Knows no plan.

mod address;
mod condition;
mod connections;
pub(crate) mod failure;
mod hosts;
mod liveness;
mod pool;
pub(crate) mod schema;
mod session;

pub use condition::Condition;
pub(crate) use connections::{Connections, DEADLINE, ROLE, connect};
pub use failure::StartError;
pub use hosts::Hosts;
pub(crate) use pool::MAX_CONNECTIONS;
pub(crate) use session::TENANT_CHECK_INTERVAL;
pub use session::bind;
pub(crate) use session::{Session, fetch};
