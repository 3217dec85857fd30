//! What does a client read: paths, order, pages, expanded entities?

mod expand;
mod order;
mod paging;
mod paths;
