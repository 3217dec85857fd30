//! Standard output: what a command prints for people and for other programs. A reader that stops reading, as
//! `head` does, has what it wants: the command goes on, and its result is the same. Another failure, such
//! as that of a full disk, is the command's.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write, stdout};

use super::Failure;

/// Prints a line.
pub(super) fn line(text: impl Display) -> Result<(), Failure> {
    print(format_args!("{text}\n"))
}

/// Prints text that has its line breaks.
pub(super) fn print(text: impl Display) -> Result<(), Failure> {
    checked(write(text))
}

/// Turns the outcome of a write to standard output into that of the command: success also if the reader has
/// stopped reading, else an error that names the output.
pub(super) fn checked(written: io::Result<()>) -> Result<(), Failure> {
    unless_closed(written).map_err(|error| format!("cannot write the output: {error}").into())
}

/// Like [`print`], for a command with errors of its own.
pub(super) fn write(text: impl Display) -> io::Result<()> {
    let mut out = stdout().lock();
    unless_closed(write!(out, "{text}").and_then(|()| out.flush()))
}

/// Takes a reader that has stopped for one that has read everything.
pub(super) fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
