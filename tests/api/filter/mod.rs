//! Which entities does `$filter` return?

mod aliases;
mod behind_references;
mod casts;
mod counts;
mod dates;
mod random_filters;
mod results;
mod truths;
mod types;
mod unusual;
