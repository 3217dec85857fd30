//! `runstate completions`: the script by which a shell completes the command line.

use super::{Failure, output};
use crate::config::{self, CompletionsOptions};

pub(super) fn run(options: CompletionsOptions) -> Result<(), Failure> {
    output::print(String::from_utf8(config::completions(options))?)
}
