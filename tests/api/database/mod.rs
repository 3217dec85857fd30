//! How does the server use its database, and what happens when the database fails?

mod failures;
mod partitions;
mod users;
