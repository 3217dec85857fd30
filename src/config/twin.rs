//! The settings of the test twin.

use clap::{Args, ValueEnum};

/// The settings of the test twin, by flag or by environment.
#[derive(Clone, Debug, Args)]
pub struct TwinSettings {
    /// Serve the test twin at /twin/v1: tenants that tests make, fork, reset and throw away. Never on a
    /// server that people use
    #[arg(
        id = "twin",
        long = "twin",
        env = "RUNSTATE_TWIN",
        global = true,
        value_name = "MODE",
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true"
    )]
    pub mode: TwinMode,

    /// Secret of at least 16 characters that controls the test twin, instead of a token of
    /// `runstate token --twin`. Prefer the environment variable: the command line is visible to other
    /// users [default: none]
    #[arg(
        id = "twin_secret",
        long = "twin-secret",
        env = "RUNSTATE_TWIN_SECRET",
        global = true,
        value_name = "SECRET",
        hide_env_values = true
    )]
    pub secret: Option<String>,
}

/// Whether the test twin is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TwinMode {
    /// no
    False,
    /// yes, if the local issuer is the only trusted one
    True,
    /// yes, although other issuers are trusted as well
    BesideRealIssuers,
}
