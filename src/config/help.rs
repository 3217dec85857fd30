//! The command line as other programs read it: completions of shells, and manual pages. Knows no command.

use std::io;
use std::path::Path;

use clap::CommandFactory;

use super::{CompletionsOptions, Config};

/// The script by which a shell completes commands and options.
#[must_use]
pub fn completions(options: CompletionsOptions) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Config::command(), "runstate", &mut script);
    script
}

/// Writes the manual pages, one for the program and one for each command, into an existing directory.
///
/// # Errors
/// If a file cannot be written.
pub fn write_manual(directory: &Path) -> io::Result<()> {
    clap_mangen::generate_to(Config::command(), directory)
}
