//! What do the clients rely on that the API was written for?

mod documented_example;
mod real_clients;
