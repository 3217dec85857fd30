//! The part of the API that a server shows. Knows no entity type.

use super::{EntityType, Navigation};

/// Which part of the API is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// What Graph has, and nothing else.
    Graph,
    /// Also the [extensions](super::EXTENSIONS).
    Extended,
}

impl Surface {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Graph, Self::Extended];

    /// Whether a navigation is shown.
    #[must_use]
    pub fn has(self, navigation: &Navigation) -> bool {
        self.has_type(navigation.target)
    }

    /// Whether an entity type is shown.
    #[must_use]
    pub fn has_type(self, entity_type: &EntityType) -> bool {
        self == Self::Extended || !entity_type.is_extension()
    }

    /// The navigations of a type.
    pub fn navigations(self, of: &EntityType) -> impl Iterator<Item = &'static Navigation> + Clone {
        of.navigations.iter().copied().filter(move |navigation| self.has(navigation))
    }

    /// The navigation to the versions of an entity of the type, if there is one.
    #[must_use]
    pub fn versions(self, of: &EntityType) -> Option<&'static Navigation> {
        self.navigations(of).find(|navigation| navigation.leads_to_versions())
    }

    /// The navigation of this name, in any case.
    #[must_use]
    pub fn navigation(self, of: &EntityType, name: &str) -> Option<&'static Navigation> {
        of.navigation(name).filter(|navigation| self.has(navigation))
    }
}
