//! What does a client read: by which path, in which order, on which page, with what expanded?

mod expand;
mod order;
mod paging;
mod paths;
