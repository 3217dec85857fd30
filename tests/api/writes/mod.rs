//! What does a client write: which bodies are accepted, and is a write done whole or not at all?

mod bodies;
mod entities;
mod lists;
mod parents;
mod shared_tables;
mod transactions;
mod whole_numbers;
