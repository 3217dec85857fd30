//! The login keychain of a macOS user, which the system's own clients and browsers read.

use super::command::Command;
use super::places::text;
use super::{Authority, Owner, Places, Store};

const KEYCHAIN: &str = "Library/Keychains/login.keychain-db";

/// The login keychain. macOS asks the user before it changes.
pub(super) fn keychain(authority: &Authority, places: &Places) -> Store {
    let file = text(authority.file());
    let keychain = places.home.as_ref().map(|home| text(&home.join(KEYCHAIN)));
    let keychain = keychain.unwrap_or_else(|| KEYCHAIN.into());
    let add = ["security", "add-trusted-cert", "-r", "trustRoot", "-k", &keychain, &file];
    let hash = authority.sha1();
    let delete = ["security", "delete-certificate", "-Z", &hash, "-t", &keychain];
    let find = ["security", "find-certificate", "-a", "-Z", &keychain];
    let found = Command::new(&find).output();
    Store {
        name: "macOS, login keychain".into(),
        owner: Owner::User,
        contains: found.ok().map(|found| found.contains(&hash)),
        add: vec![Command::new(&add)],
        // `-t` removes the trust as well as the certificate.
        remove: vec![Command::new(&delete)],
    }
}
