//! A person who uses devices.

use uuid::Uuid;

use super::Fleet;
use crate::simulate::random::{Stream, guid};

/// The domain of the user principal names. Nobody can register a name below `.example`.
const DOMAIN: &str = "fleet.example";

/// A person who uses devices.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::simulate) struct Person {
    pub(in crate::simulate) id: Uuid,
    pub(in crate::simulate) display_name: String,
    pub(in crate::simulate) user_principal_name: String,
}

impl Person {
    /// The user principal name without its domain.
    pub(in crate::simulate) fn short_name(&self) -> &str {
        self.user_principal_name.split('@').next().unwrap_or_default()
    }
}

impl Fleet {
    /// The person with a number. Numbers are those of the devices that they got first.
    pub(in crate::simulate) fn person(&self, number: u32) -> Person {
        let mut stream = Stream::new(self.seed, "person", "", &[number]);
        let people = self.people;
        let mut one_of = |names: &'static [String]| {
            names.get(stream.below(names.len() as u32) as usize).map_or("", String::as_str)
        };
        let (given, family) = (one_of(&people.given), one_of(&people.family));
        let user_principal_name =
            format!("{}.{}{number}@{DOMAIN}", given.to_lowercase(), family.to_lowercase());
        Person {
            id: self.person_id(number),
            display_name: format!("{given} {family}"),
            user_principal_name,
        }
    }

    /// The id of a person.
    pub(in crate::simulate) fn person_id(&self, number: u32) -> Uuid {
        guid(self.seed, "person", "", &[number])
    }
}
