//! Do the calls of existing clients work?

mod documented_example;
mod real_clients;
mod recorded_replies;
