//! `runstate trust` and `runstate untrust`: the development authority in the stores of this machine.
//! All commands are printed; those for the user's own stores run, and the others on request.

use std::path::absolute;
use std::time::SystemTime;

use super::https::development;
use super::{Failure, output};
use crate::config::{Settings, TrustOptions};
use crate::trust::{Authority, Command, Owner, Places, Store, stores};

/// What happens to the authority in each store.
#[derive(Clone, Copy)]
enum Action {
    Add,
    Remove,
}

/// Adds the authority, which is made if there is none.
pub(super) fn add(settings: &Settings, options: TrustOptions) -> Result<(), Failure> {
    development(settings).open_authority(SystemTime::now())?;
    run(settings, options, Action::Add)
}

/// Removes the authority.
pub(super) fn remove(settings: &Settings, options: TrustOptions) -> Result<(), Failure> {
    run(settings, options, Action::Remove)
}

fn run(settings: &Settings, options: TrustOptions, action: Action) -> Result<(), Failure> {
    let file = absolute(development(settings).certificate_file())?;
    let pem = std::fs::read_to_string(&file)
        .map_err(|error| format!("no development authority: {}: {error}", file.display()))?;
    let no_certificate = || format!("{}: is not a certificate", file.display());
    let authority = Authority::new(file.clone(), &pem).ok_or_else(no_certificate)?;
    output::line(format_args!("Certificate authority {}", file.display()))?;
    output::line(format_args!("SHA-256 {}", authority.fingerprint()))?;
    let stores = stores(&authority, &Places::here());
    if stores.is_empty() {
        output::line(
            "\nNo store was found. Give the file to your clients, or copy it to their store.",
        )?;
    }
    let mut failures = 0;
    for store in &stores {
        failures += usize::from(!action.apply(store, options)?);
    }
    match failures {
        0 => Ok(()),
        _ => Err(format!("{failures} of {} stores could not be changed", stores.len()).into()),
    }
}

impl Action {
    /// Changes a store, or says how; false if it should have changed and did not.
    fn apply(self, store: &Store, options: TrustOptions) -> Result<bool, Failure> {
        let name = &store.name;
        output::line("")?;
        if store.contains == Some(self.is_trusted_after()) {
            output::line(format_args!("{name}: {} already", self.outcome()))?;
            return Ok(true);
        }
        let commands = self.commands(store);
        if store.owner == Owner::System && !options.sudo {
            output::line(format_args!("{name}: run this, or `runstate {} --sudo`:", self.verb()))?;
            print(&commands)?;
            return Ok(true);
        }
        let result = commands.iter().try_for_each(Command::run);
        output::line(match &result {
            Ok(()) => format!("{name}: {} now, by", self.outcome()),
            Err(error) => format!("{name}: failed: {error}. The commands are"),
        })?;
        print(&commands)?;
        Ok(result.is_ok())
    }

    fn commands(self, store: &Store) -> Vec<Command> {
        let commands = match self {
            Self::Add => &store.add,
            Self::Remove => &store.remove,
        };
        match store.owner {
            Owner::User => commands.clone(),
            Owner::System => commands.iter().map(Command::with_sudo).collect(),
        }
    }

    fn is_trusted_after(self) -> bool {
        matches!(self, Self::Add)
    }

    fn outcome(self) -> &'static str {
        match self {
            Self::Add => "trusted",
            Self::Remove => "not trusted",
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Self::Add => "trust",
            Self::Remove => "untrust",
        }
    }
}

fn print(commands: &[Command]) -> Result<(), Failure> {
    commands.iter().try_for_each(|command| output::line(format_args!("    {command}")))
}
