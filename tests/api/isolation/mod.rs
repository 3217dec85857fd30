//! Are tenants isolated from each other: in replies, in rows and in the work that a request costs?

mod paths;
mod requests;
mod rows;
mod values;
mod work;
