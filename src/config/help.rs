//! The command line as people and other programs read it: help, completions of shells, and manual pages.
//! Knows no command.

use std::io;
use std::path::Path;

use clap::CommandFactory;

use super::{CompletionsOptions, Config};

/// The help that a command line asks for.
#[derive(Debug)]
pub struct Help(pub(super) clap::Error);

impl Help {
    /// Prints it.
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub fn print(&self) -> io::Result<()> {
        self.0.print()
    }
}

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
