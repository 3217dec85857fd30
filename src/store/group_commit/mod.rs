//! Group commit: single creates that wait at the same time share one INSERT and one commit.

mod batch;
mod queue;

pub(super) use batch::SingleCreate;
pub(super) use queue::CreateQueue;
