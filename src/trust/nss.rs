//! The databases of NSS: Chromium and Firefox on Linux, Firefox everywhere.

use std::fs;
use std::path::{Path, PathBuf};

use super::command::Command;
use super::places::text;
use super::{Authority, Owner, Places, Store};

/// The database of Chromium and of what else uses NSS, below the home directory.
const SHARED: &str = ".pki/nssdb";
/// Directories with profiles of Firefox, below the home directory: from the system, from Snap, from
/// Flatpak, and on macOS.
const FIREFOX: [&str; 4] = [
    ".mozilla/firefox",
    "snap/firefox/common/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/.mozilla/firefox",
    "Library/Application Support/Firefox/Profiles",
];
/// The file of a database.
const DATABASE: &str = "cert9.db";
/// Trusted to sign the certificates of servers, and nothing else.
const TRUST: &str = "C,,";

/// The databases of the user.
pub(super) fn stores(authority: &Authority, places: &Places) -> Vec<Store> {
    let Some(home) = &places.home else { return Vec::new() };
    let shared = [home.join(SHARED)].into_iter().filter(|it| it.join(DATABASE).is_file());
    let chromium = shared.map(|directory| store("Chromium", &directory, authority));
    let firefox = FIREFOX.iter().flat_map(|folder| profiles(&home.join(folder)));
    chromium.chain(firefox.map(|profile| store("Firefox", &profile, authority))).collect()
}

/// The profiles that have a database, in the order of their names.
fn profiles(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let profiles = entries.map(|entry| entry.path());
    let mut profiles: Vec<PathBuf> = profiles.filter(|it| it.join(DATABASE).is_file()).collect();
    profiles.sort();
    profiles
}

fn store(program: &str, directory: &Path, authority: &Authority) -> Store {
    let (database, file) = (format!("sql:{}", text(directory)), text(authority.file()));
    let names = names_of(&database, authority);
    let name = authority.name();
    let certutil = ["certutil", "-d", &database];
    let with = |words: &[&str]| Command::new(&[&certutil[..], words].concat());
    // It may be there under other names, from elsewhere.
    let known = names.as_deref().unwrap_or(std::slice::from_ref(&name));
    Store {
        name: format!("{program}, {}", directory.display()),
        owner: Owner::User,
        contains: names.as_ref().ok().map(|names| !names.is_empty()),
        add: vec![with(&["-A", "-t", TRUST, "-n", &name, "-i", &file])],
        remove: known.iter().map(|name| with(&["-D", "-n", name])).collect(),
    }
}

/// The names under which a database has the authority.
fn names_of(database: &str, authority: &Authority) -> Result<Vec<String>, super::CommandError> {
    let list = Command::new(&["certutil", "-d", database, "-L"]).output()?;
    // Each line is a name, blanks, and the trust in three parts.
    let names = list.lines().filter_map(|line| {
        let (name, trust) = line.trim_end().rsplit_once(' ')?;
        (trust.matches(',').count() == 2).then(|| name.trim_end().to_owned())
    });
    let is_it = |name: &String| {
        let pem = Command::new(&["certutil", "-d", database, "-L", "-n", name, "-a"]).output();
        pem.is_ok_and(|pem| authority.is(&pem))
    };
    Ok(names.filter(is_it).collect())
}
