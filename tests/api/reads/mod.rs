//! What does a client read: paths, order, pages, expanded entities? And what does the database read?

mod expand;
mod history;
mod indexes;
mod options;
mod order;
mod paging;
mod paths;
mod places;
mod properties;
