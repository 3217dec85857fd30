//! Are tenants isolated from each other: in replies, in rows and in the cost of a request?

mod paths;
mod requests;
mod rows;
mod values;
mod work;
