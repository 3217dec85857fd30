//! What do the clients rely on that the API was written for?

mod founding_call;
mod real_clients;
