//! The passphrase of the keys in a backup: from the environment, or typed on a terminal, which then does
//! not show it.

use std::io::{self, IsTerminal, Stdin, Write, stderr, stdin};
use std::thread;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::sync::oneshot;

use super::Failure;
use super::backup::unless_interrupted;
use crate::config::backup_passphrase;

/// The passphrase for a new backup, which is typed twice.
pub(super) async fn for_new_backup() -> Result<String, Failure> {
    if let Some(passphrase) = backup_passphrase() {
        return Ok(passphrase);
    }
    let passphrase = ask("Passphrase for the keys in the backup: ").await?;
    match ask("The same again: ").await? == passphrase {
        true => Ok(passphrase),
        false => Err("the two passphrases differ; nothing was written".into()),
    }
}

/// The passphrase of a backup that exists.
pub(super) async fn of_backup() -> Result<String, Failure> {
    match backup_passphrase() {
        Some(passphrase) => Ok(passphrase),
        None => ask("Passphrase of the backup: ").await,
    }
}

async fn ask(question: &str) -> Result<String, Failure> {
    if !stdin().is_terminal() {
        return Err("the keys of the data directory need a passphrase: set \
                    RUNSTATE_BACKUP_PASSPHRASE, or leave them out with --without-keys"
            .into());
    }
    // Whoever sees the question may type or interrupt at once: Ctrl-C is caught before, and what is typed is
    // hidden before.
    let typed = unless_interrupted(async {
        let _hidden = Hidden::begin()?;
        write!(stderr(), "{question}")?;
        read_line().await
    });
    let typed = typed.await;
    writeln!(stderr())?;
    let typed = typed?;
    match typed.trim_end_matches(['\r', '\n']) {
        "" => Err("the passphrase is empty".into()),
        passphrase => Ok(passphrase.to_owned()),
    }
}

/// Reads on a thread of its own, which nobody waits for when the command is interrupted.
async fn read_line() -> Result<String, Failure> {
    let (sender, line) = oneshot::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let read = stdin().read_line(&mut line);
        // The command may have been interrupted.
        sender.send(read.map(|_| line)).ok();
    });
    Ok(line.await??)
}

/// A terminal that does not show what is typed, until this value is dropped.
struct Hidden {
    terminal: Stdin,
    shown: Termios,
}

impl Hidden {
    fn begin() -> io::Result<Self> {
        let terminal = stdin();
        let shown = tcgetattr(&terminal)?;
        let mut hidden = shown.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Flush, &hidden)?;
        Ok(Self { terminal, shown })
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // A terminal that is gone shows nothing.
        tcsetattr(&self.terminal, OptionalActions::Flush, &self.shown).ok();
    }
}
