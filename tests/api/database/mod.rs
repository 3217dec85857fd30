//! What depends on the state of the database and on the users that connect to it?

mod failures;
mod users;
