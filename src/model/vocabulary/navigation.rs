//! Navigation properties, and the columns that they follow. Knows no entity.

use super::{Counter, EntityType};

/// A navigation property.
#[derive(Debug)]
pub struct Navigation {
    /// Its name on the wire, which is a segment in paths.
    pub name: &'static str,
    /// The type of the entities that it leads to.
    pub target: &'static EntityType,
    /// How many it leads to, and whose they are.
    pub kind: NavigationKind,
    /// Which columns of the target repeat which of the source; both have the same tenant besides.
    pub links: &'static [Link],
    /// Where the number of all that it leads to is kept; without one, rows are counted.
    pub counter: Option<&'static Counter>,
}

/// How many entities a navigation leads to, and whose they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NavigationKind {
    /// A collection that lives below its parent alone and goes with it.
    Contained,
    /// The one entity that each parent has; it can be read and updated, and nothing else.
    Attached,
    /// One entity of this entity set, or none. Read here; set by `name@odata.bind`.
    Referenced(&'static Navigation),
    /// The versions of its source, the current one included: a collection that can only be read.
    Versions(&'static Versions),
}

/// Where the versions of an entity are, and which of their properties say when each was valid.
#[derive(Debug, PartialEq)]
pub struct Versions {
    /// The view that has the versions in the form of the source's own type, with its keys.
    pub table: &'static str,
    /// The property of a version that says when it began.
    pub start: &'static str,
    /// The property that says when the next version began; null for the current one.
    pub end: &'static str,
}

/// A column of a navigation's target, or of its counter, that holds the value of one of its source.
#[derive(Debug)]
pub struct Link {
    /// The column of the target.
    pub target: &'static str,
    /// The column of the source.
    pub source: &'static str,
}

impl Navigation {
    /// Whether it leads to a collection.
    #[must_use]
    pub fn is_collection(&self) -> bool {
        matches!(self.kind, NavigationKind::Contained | NavigationKind::Versions(_))
    }

    /// Whether entities can be created and deleted in it.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.kind == NavigationKind::Contained && self.target.is_writable()
    }

    /// Whether it leads to the versions of its source.
    #[must_use]
    pub fn leads_to_versions(&self) -> bool {
        matches!(self.kind, NavigationKind::Versions(_))
    }

    /// Whether it leads to an entity of another collection.
    #[must_use]
    pub fn is_reference(&self) -> bool {
        matches!(self.kind, NavigationKind::Referenced(_))
    }
}

/// Two navigations are equal if they are the same one of the model.
impl PartialEq for Navigation {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}
