//! The passphrase of the keys in a backup: from the environment, or typed on a terminal, which then does
//! not show it.

use std::io::{self, BufRead, IsTerminal, Write, stderr, stdin};

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use super::Failure;
use crate::config::backup_passphrase;

/// The passphrase for a new backup, which is typed twice.
pub(super) fn for_new_backup() -> Result<String, Failure> {
    if let Some(passphrase) = backup_passphrase() {
        return Ok(passphrase);
    }
    let passphrase = ask("Passphrase for the keys in the backup: ")?;
    match ask("The same again: ")? == passphrase {
        true => Ok(passphrase),
        false => Err("the two passphrases differ; nothing was written".into()),
    }
}

/// The passphrase of a backup that exists.
pub(super) fn of_backup() -> Result<String, Failure> {
    backup_passphrase().map_or_else(|| ask("Passphrase of the backup: "), Ok)
}

fn ask(question: &str) -> Result<String, Failure> {
    if !stdin().is_terminal() {
        return Err("the keys of the data directory need a passphrase: set \
                    RUNSTATE_BACKUP_PASSPHRASE, or leave them out with --without-keys"
            .into());
    }
    write!(stderr(), "{question}")?;
    let typed = read_hidden();
    writeln!(stderr())?;
    let typed = typed?;
    match typed.trim_end_matches(['\r', '\n']) {
        "" => Err("the passphrase is empty".into()),
        passphrase => Ok(passphrase.to_owned()),
    }
}

fn read_hidden() -> io::Result<String> {
    let terminal = stdin();
    let shown = tcgetattr(&terminal)?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&terminal, OptionalActions::Flush, &hidden)?;
    let mut line = String::new();
    let read = terminal.lock().read_line(&mut line);
    tcsetattr(&terminal, OptionalActions::Flush, &shown)?;
    read.map(|_| line)
}
