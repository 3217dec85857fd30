//! The stores of trusted certificate authorities on this machine: where they are, and the commands
//! that add an authority to each and remove it. It knows no server.

mod authority;
mod command;
mod linux;
mod macos;
mod nss;
mod places;

pub use authority::Authority;
pub use command::{Command, CommandError};
pub use places::Places;

/// A store of trusted authorities.
#[derive(Debug)]
pub struct Store {
    /// What uses it, for people.
    pub name: String,
    /// Who may change it.
    pub owner: Owner,
    /// Whether it contains the authority; `None` if that is not known.
    pub contains: Option<bool>,
    /// The commands that add the authority.
    pub add: Vec<Command>,
    /// The commands that remove it.
    pub remove: Vec<Command>,
}

/// Who may change a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The user.
    User,
    /// The administrator, by sudo.
    System,
}

/// The stores of this machine and of the user.
#[must_use]
pub fn stores(authority: &Authority, places: &Places) -> Vec<Store> {
    let mut stores = nss::stores(authority, places);
    match cfg!(target_os = "macos") {
        true => stores.push(macos::keychain(authority, places)),
        false => stores.extend(linux::system(authority, places)),
    }
    stores.extend(places.java(authority));
    stores
}
