//! Which bodies are accepted, and is each write executed completely or not at all?

mod bodies;
mod entities;
mod lists;
mod parents;
mod shared_tables;
mod transactions;
mod whole_numbers;
