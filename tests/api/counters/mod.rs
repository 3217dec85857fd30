//! Do the stored counters agree with the rows that they count?

mod scripts;
mod user_states;
