//! The address of a collection or of an entity: the way from the root of the service, in references
//! to the model. Knows no path as a client writes it.

use std::fmt::Write;

use uuid::Uuid;

use crate::model::{EntityType, Key, Navigation, ROOT};

/// The longest `id`, in characters.
pub(super) const MAX_ID_LENGTH: usize = 255;

/// The value of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntityKey {
    /// A key that the server made as a UUID.
    Guid(Uuid),
    /// A key that is text.
    Text(String),
    /// A text that cannot be a key of the type. It is SQL's NULL, which matches no row, so the
    /// reply is a 404 as for any unknown key.
    Impossible,
}

/// A step of an address, down to one entity.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The navigation.
    pub navigation: &'static Navigation,
    /// The key in the collection; `None` if the navigation leads to one entity.
    pub key: Option<EntityKey>,
}

/// The address of a collection.
#[derive(Clone, Debug, PartialEq)]
pub struct CollectionAddress {
    /// The entities above it, from the root on.
    pub ancestors: Vec<Step>,
    /// The navigation that leads to it.
    pub navigation: &'static Navigation,
}

/// The address of an entity.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityAddress {
    /// The entities above it, from the root on.
    pub ancestors: Vec<Step>,
    /// The step to the entity itself.
    pub last: Step,
}

impl EntityKey {
    /// Reads a key as a path or a reference writes it.
    #[must_use]
    pub fn parse(entity_type: &EntityType, text: String) -> Self {
        match entity_type.key {
            Key::Client | Key::Derived(_) | Key::Database if is_id(&text) => Self::Text(text),
            Key::Client | Key::Derived(_) | Key::Database => Self::Impossible,
            // Only the spelling that the server uses is an id: ids are compared as text.
            Key::Server => match Uuid::try_parse(&text) {
                Ok(guid) if guid.to_string() == text => Self::Guid(guid),
                _ => Self::Impossible,
            },
        }
    }

    /// The key as text; `None` if no entity can have it.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Guid(guid) => Some(guid.to_string()),
            Self::Impossible => None,
        }
    }
}

impl Step {
    fn has_form_of(&self, other: &Self) -> bool {
        self.navigation == other.navigation
    }

    fn write(&self, path: &mut String) {
        path.push('/');
        path.push_str(self.navigation.name);
        if let Some(key) = self.key.as_ref().and_then(EntityKey::text) {
            // Writing to a string cannot fail.
            write!(path, "('{}')", key.replace('\'', "''")).ok();
        }
    }
}

impl CollectionAddress {
    /// The type of the collection's entities.
    #[must_use]
    pub fn entity_type(&self) -> &'static EntityType {
        self.navigation.target
    }

    /// The address of the entity with this key.
    #[must_use]
    pub fn entity(&self, key: EntityKey) -> EntityAddress {
        let last = Step { navigation: self.navigation, key: Some(key) };
        EntityAddress { ancestors: self.ancestors.clone(), last }
    }

    /// Whether two addresses differ only in keys.
    #[must_use]
    pub fn has_form_of(&self, other: &Self) -> bool {
        self.navigation == other.navigation && have_form_of(&self.ancestors, &other.ancestors)
    }

    /// The address as `@odata.context` has it:
    /// `deviceManagement/deviceManagementScripts('1')/deviceRunStates`.
    #[must_use]
    pub fn canonical(&self) -> String {
        canonical(&self.ancestors, self.navigation)
    }
}

impl EntityAddress {
    /// The type of the entity.
    #[must_use]
    pub fn entity_type(&self) -> &'static EntityType {
        self.last.navigation.target
    }

    /// The address of a collection that the entity contains.
    #[must_use]
    pub fn below(&self, navigation: &'static Navigation) -> CollectionAddress {
        let ancestors = self.ancestors.iter().chain([&self.last]).cloned().collect();
        CollectionAddress { ancestors, navigation }
    }

    /// The address of the collection that the entity is in.
    #[must_use]
    pub fn collection(&self) -> CollectionAddress {
        CollectionAddress { ancestors: self.ancestors.clone(), navigation: self.last.navigation }
    }

    /// Whether a client may choose the entity's key.
    #[must_use]
    pub fn is_keyed_by_client(&self) -> bool {
        self.entity_type().key == Key::Client
    }

    /// Whether two addresses differ only in keys.
    #[must_use]
    pub fn has_form_of(&self, other: &Self) -> bool {
        self.last.has_form_of(&other.last) && have_form_of(&self.ancestors, &other.ancestors)
    }

    /// The steps from the root to the entity itself.
    pub fn steps(&self) -> impl Iterator<Item = &Step> + Clone {
        self.ancestors.iter().chain([&self.last])
    }

    /// The address as `@odata.context` has it, with the entity's own key.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut path = String::from(ROOT.name);
        self.steps().for_each(|step| step.write(&mut path));
        path
    }

    /// The canonical address without the entity's own key.
    #[must_use]
    pub fn canonical_collection(&self) -> String {
        canonical(&self.ancestors, self.last.navigation)
    }
}

/// Whether a text can be an `id`.
pub(super) fn is_id(text: &str) -> bool {
    let length = text.chars().count();
    (1..=MAX_ID_LENGTH).contains(&length) && !text.chars().any(|c| c.is_control() || c == '/')
}

fn have_form_of(own: &[Step], others: &[Step]) -> bool {
    own.len() == others.len() && own.iter().zip(others).all(|(own, other)| own.has_form_of(other))
}

fn canonical(ancestors: &[Step], navigation: &Navigation) -> String {
    let mut path = String::from(ROOT.name);
    for step in ancestors {
        step.write(&mut path);
    }
    path.push('/');
    path.push_str(navigation.name);
    path
}
