//! The words for operations on an entity or a collection besides reading and writing it.

use super::{ComplexType, Navigation};

/// An action, called by POST on the path of the entity or collection that it is bound to.
#[derive(Debug)]
pub struct Action {
    /// Its name without the namespace.
    pub name: &'static str,
    /// What it is bound to.
    pub binding: Binding,
    /// The members that its body may have.
    pub parameters: &'static [Parameter],
    /// What it does.
    pub effect: Effect,
}

/// What an action is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// An entity.
    Entity,
    /// A collection.
    Collection,
}

/// A member of an action's body, which may be absent or null.
#[derive(Debug)]
pub enum Parameter {
    /// Entities that become part of a contained navigation of the bound entity.
    Entities {
        /// The parameter's name.
        name: &'static str,
        /// The navigation.
        navigation: &'static Navigation,
    },
    /// `Collection(Edm.String)`
    Strings {
        /// The parameter's name.
        name: &'static str,
    },
}

/// What an action does.
#[derive(Clone, Copy, Debug)]
pub enum Effect {
    /// The entities of a navigation of the bound entity are replaced by those of the parameters.
    Replace {
        /// The navigation.
        navigation: &'static Navigation,
    },
    /// A function of the database answers. It reads only, and returns the items of the reply.
    ///
    /// Its arguments are the tenant, the keys of the path, and each parameter as `text[]`; it
    /// returns a set of JSON texts.
    Query {
        /// The function's name in the database.
        function: &'static str,
        /// The type of an item.
        item: &'static ComplexType,
    },
}

/// Two actions are equal if they are the same one of the model.
impl PartialEq for Action {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Parameter {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Entities { name, .. } | Self::Strings { name } => name,
        }
    }
}

impl Action {
    /// Whether it changes anything.
    #[must_use]
    pub fn writes(&self) -> bool {
        matches!(self.effect, Effect::Replace { .. })
    }

    /// The type of the items that it returns; `None` if it returns nothing.
    #[must_use]
    pub fn returned_item(&self) -> Option<&'static ComplexType> {
        match self.effect {
            Effect::Replace { .. } => None,
            Effect::Query { item, .. } => Some(item),
        }
    }
}
