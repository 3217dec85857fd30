//! `runstate completions`: the script by which a shell completes the command line.

use std::io::{self, Write};

use super::Failure;
use crate::config::{self, CompletionsOptions};

pub(super) fn run(options: CompletionsOptions) -> Result<(), Failure> {
    Ok(io::stdout().write_all(&config::completions(options))?)
}
