//! Do the stored counters match the rows that they count?

mod run_states;
mod scripts;
mod user_states;
