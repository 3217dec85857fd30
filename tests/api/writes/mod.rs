//! Which bodies are accepted, and is each write executed completely or not at all?

mod actions;
mod bodies;
mod charsets;
mod entities;
mod lists;
mod parents;
mod quotation_marks;
mod references;
mod shared_tables;
mod strings_as_values;
mod transactions;
mod upserts;
mod whole_numbers;
