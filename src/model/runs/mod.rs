//! The results of script runs: per device, per user and per script.

mod device_state;
mod run_state_version;
mod run_summary;
mod user_state;

pub(super) use device_state::DEVICE_STATE;
pub use device_state::{RUN_STATE, SEED_RUN_STATES};
pub(super) use run_state_version::RUN_STATE_VERSION;
pub(super) use run_summary::RUN_SUMMARY;
pub(super) use user_state::USER_STATE;
