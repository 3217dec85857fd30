//! A command: how a shell writes it, and how it runs.

use std::fmt;
use std::io;
use std::process::{self, Stdio};

/// A program and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command(Vec<String>);

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The program is not installed.
    #[error("{program} is not installed{}", package(program))]
    Missing {
        /// The program.
        program: String,
    },
    /// The program cannot be started.
    #[error("{program}: {cause}")]
    Start {
        /// The program.
        program: String,
        /// What the system says.
        cause: io::Error,
    },
    /// The program failed.
    #[error("{program}: {output}")]
    Failed {
        /// The program.
        program: String,
        /// What it printed.
        output: String,
    },
}

/// Where a program that is often missing comes from.
fn package(program: &str) -> &'static str {
    match program {
        "certutil" => " (Debian: libnss3-tools, Fedora: nss-tools, Homebrew: nss)",
        _ => "",
    }
}

impl Command {
    /// A command of these words, of which the first is the program.
    #[must_use]
    pub fn new(words: &[&str]) -> Self {
        Self(words.iter().map(|word| (*word).to_owned()).collect())
    }

    /// The same command as the administrator.
    #[must_use]
    pub fn with_sudo(&self) -> Self {
        Self(std::iter::once("sudo".to_owned()).chain(self.0.iter().cloned()).collect())
    }

    /// Runs the command to its end. It may ask the user for a password.
    ///
    /// # Errors
    /// If the program is missing or fails.
    pub fn run(&self) -> Result<(), CommandError> {
        self.output().map(|_| ())
    }

    /// What the command prints.
    pub(super) fn output(&self) -> Result<String, CommandError> {
        let program = self.0[0].clone();
        let output = process::Command::new(&program)
            .args(&self.0[1..])
            .stdin(Stdio::inherit())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output();
        let output = output.map_err(|cause| match cause.kind() {
            io::ErrorKind::NotFound => CommandError::Missing { program: program.clone() },
            _ => CommandError::Start { program: program.clone(), cause },
        })?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        match output.status.success() {
            true => Ok(text(&output.stdout)),
            false => {
                let output = [text(&output.stderr), text(&output.stdout)];
                let output = output.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
                Err(CommandError::Failed { program, output })
            }
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = self.0.iter().map(|word| quoted(word)).collect();
        formatter.write_str(&words.join(" "))
    }
}

/// A word as a POSIX shell reads it.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:,=@%+".contains(&byte);
    match !word.is_empty() && word.bytes().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_a_command_as_it_runs() {
        let command = Command::new(&["printf", "%s\n", "a b", "it's", "$HOME", "", "C,,"]);
        assert_eq!(command.to_string(), "printf '%s\n' 'a b' 'it'\\''s' '$HOME' '' C,,");
        let shell = Command::new(&["sh", "-c", &command.to_string()]);
        assert_eq!(shell.output().unwrap(), command.output().unwrap());
    }

    #[test]
    fn a_failure_says_which_program_failed_and_why() {
        let missing = Command::new(&["runstate-no-such-program"]).run().unwrap_err();
        assert_eq!(missing.to_string(), "runstate-no-such-program is not installed");
        let failed = Command::new(&["sh", "-c", "echo why >&2; exit 3"]).run().unwrap_err();
        assert_eq!(failed.to_string(), "sh: why");
    }
}
