//! What can be done with an entity or a collection besides reading and writing it.

use super::{ComplexType, EnumType};

/// An action, called by POST on the path of what it is bound to.
#[derive(Debug)]
pub struct Action {
    /// Its name without the namespace.
    pub name: &'static str,
    /// What it is bound to.
    pub binding: Binding,
    /// What its body may hold.
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
        navigation: &'static str,
    },
    /// Texts.
    Strings {
        /// The parameter's name.
        name: &'static str,
    },
}

/// What an action does.
#[derive(Clone, Copy, Debug)]
pub enum Effect {
    /// What the named navigation of the bound entity held is replaced by what the parameters hold.
    Replace {
        /// The navigation whose entities go.
        navigation: &'static str,
    },
    /// Tells for each id whether the entity of that id is assigned to anyone.
    PayloadLinks {
        /// The navigation that has something where it is.
        navigation: &'static str,
        /// The items of the reply.
        told: &'static Told,
    },
}

/// What an action tells, item by item.
#[derive(Debug)]
pub struct Told {
    /// The type of an item, but for its collections of enumerations, which no other type has.
    pub item: &'static ComplexType,
    /// Those collections.
    pub enums: &'static [(&'static str, &'static EnumType)],
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

    /// What a reply tells; `None` where it tells nothing.
    #[must_use]
    pub fn told(&self) -> Option<&'static Told> {
        match self.effect {
            Effect::Replace { .. } => None,
            Effect::PayloadLinks { told, .. } => Some(told),
        }
    }
}
