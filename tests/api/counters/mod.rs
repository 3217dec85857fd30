//! Do the stored counters match the rows that they count?

mod scripts;
mod user_states;
