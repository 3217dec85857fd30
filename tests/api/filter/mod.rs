//! Which entities does `$filter` return?

mod aliases;
mod casts;
mod counts;
mod dates;
mod random_filters;
mod results;
mod unusual;
