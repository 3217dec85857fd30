//! What does `$filter` find?

mod random_filters;
mod results;
mod unusual;
