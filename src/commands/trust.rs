//! `runstate trust` and `runstate untrust`: the development authority in the stores of this machine.
//! All commands are printed; those for the user's own stores run, and the others on request.

use std::path::absolute;
use std::time::SystemTime;

use super::Failure;
use super::https::development;
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
    println!("Certificate authority {}", file.display());
    println!("SHA-256 {}", authority.fingerprint());
    let stores = stores(&authority, &Places::here());
    if stores.is_empty() {
        println!("\nNo store was found. Give the file to your clients, or copy it to their store.");
    }
    let failures = stores.iter().filter(|store| !action.apply(store, options)).count();
    match failures {
        0 => Ok(()),
        _ => Err(format!("{failures} of {} stores could not be changed", stores.len()).into()),
    }
}

impl Action {
    /// Changes a store, or says how; false if it should have changed and did not.
    fn apply(self, store: &Store, options: TrustOptions) -> bool {
        let name = &store.name;
        println!();
        if store.contains == Some(self.is_trusted_after()) {
            println!("{name}: {} already", self.outcome());
            return true;
        }
        let commands = self.commands(store);
        if store.owner == Owner::System && !options.sudo {
            println!("{name}: run this, or `runstate {} --sudo`:", self.verb());
            print(&commands);
            return true;
        }
        let result = commands.iter().try_for_each(Command::run);
        match &result {
            Ok(()) => println!("{name}: {} now, by", self.outcome()),
            Err(error) => println!("{name}: failed: {error}. The commands are"),
        }
        print(&commands);
        result.is_ok()
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

fn print(commands: &[Command]) {
    for command in commands {
        println!("    {command}");
    }
}
