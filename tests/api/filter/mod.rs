//! Which entities does `$filter` return?

mod random_filters;
mod results;
mod unusual;
