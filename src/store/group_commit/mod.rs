//! Group commit: concurrent writes of one row each share a statement, and so a commit.

mod batch;
mod queue;
mod single_write;

pub(super) use queue::WriteQueue;
pub(super) use single_write::SingleWrite;
