//! What does a client read: paths, order, pages, expanded entities?

mod expand;
mod options;
mod order;
mod paging;
mod paths;
mod properties;
