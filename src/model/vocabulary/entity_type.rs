//! Entity types, their keys and rows, and the singleton at the root. Knows none of them.

use super::permission::Permissions;
use super::{Action, Binding, EXTENSIONS, NAMESPACE, Navigation, Property, Source, without_alias};

/// An entity type. Each has a file of its own in a folder of `src/model`.
#[derive(Debug)]
pub struct EntityType {
    /// Its name without the namespace.
    pub name: &'static str,
    /// [`NAMESPACE`] or [`EXTENSIONS`].
    pub namespace: &'static str,
    /// The table that has its entities, or a view if they are read-only.
    pub table: &'static str,
    /// Which rows of the table are its entities.
    pub rows: Rows,
    /// Where the value of its key comes from.
    pub key: Key,
    /// The order of a collection without `$orderby`.
    pub order: Order,
    /// Whether changes of its entities are recorded, with the caller who made them.
    pub is_audited: bool,
    /// The column with the day of the last report, if clients report its entities again and again. A
    /// report that repeats the values of its day is not written. None of its properties is complex.
    pub reported: Option<&'static str>,
    /// When its entities show their own type.
    pub type_annotation: TypeAnnotation,
    /// Its structural properties in the order of the wire. One of them is the key
    /// ([`Source::Key`]).
    pub properties: &'static [Property],
    /// Its navigation properties.
    pub navigations: &'static [&'static Navigation],
    /// What else can be done with it or with a collection of it.
    pub actions: &'static [Action],
    /// Which permissions reading and writing need.
    pub permissions: &'static Permissions,
}

/// Which rows of a table are the entities of a type. Several types may share a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// All rows.
    All,
    /// The rows with this value in a column. A new row gets the value.
    With {
        /// The column.
        column: &'static str,
        /// The value, as text without quotes.
        value: &'static str,
    },
    /// The rows where a column is not null.
    Having {
        /// The column.
        column: &'static str,
    },
}

/// The order of a collection whose reader asks for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By the key, as an index has the entities.
    Key,
    /// By this number, the largest first.
    Descending(&'static str),
}

/// At which metadata levels an entity shows its own type (`@odata.type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeAnnotation {
    /// At the full level: a client infers the type from the context URL.
    Full,
    /// At the minimal level too, as the documented example of the type has it.
    Minimal,
}

/// Where an entity's `id` comes from, and with it how the database keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The server makes a UUIDv7, kept as `uuid`; an `id` in a body is ignored.
    Server,
    /// The client may choose it; the server makes a UUIDv7 where it does not. Kept as `text`.
    Client,
    /// The server makes it of the parent's key and what the entity points to, `{parent}:{group}`;
    /// an `id` in a body is ignored. Kept as `text`.
    Derived(&'static Derivation),
    /// The database makes it, such as the number of a version. Kept as `text`. Such an entity is
    /// read-only.
    Database,
}

/// What the second half of a derived key is: the first that applies, else a UUIDv7, unless it is
/// required.
#[derive(Debug, PartialEq, Eq)]
pub struct Derivation {
    /// The property that says it.
    pub property: &'static str,
    /// The members of that property's complex value of which the first non-null one says it.
    pub members: &'static [&'static str],
    /// What stands for complex types that have no such member.
    pub of_types: &'static [(&'static str, &'static str)],
    /// Whether a body that says nothing is refused.
    pub required: bool,
}

/// An entity that is addressed by its name at the root of the service, and has no row of its own.
#[derive(Debug)]
pub struct Singleton {
    /// Its name, which is also the name of its type without the namespace.
    pub name: &'static str,
    /// Its navigation properties: the entity sets of the service.
    pub navigations: &'static [&'static Navigation],
}

impl EntityType {
    /// What most types have in common. A type adds its name, table, key, properties and permissions, and
    /// its differences.
    pub(in crate::model) const BASE: Self = Self {
        name: "",
        namespace: NAMESPACE,
        table: "",
        rows: Rows::All,
        key: Key::Server,
        order: Order::Key,
        is_audited: false,
        reported: None,
        type_annotation: TypeAnnotation::Full,
        properties: &[],
        navigations: &[],
        actions: &[],
        permissions: &Permissions::NONE,
    };

    /// The type's qualified name.
    #[must_use]
    pub fn qualified_name(&self) -> String {
        format!("{}.{}", self.namespace, self.name)
    }

    /// Whether a client's text is the qualified name of the type, in any case, or has the alias of the
    /// namespace.
    #[must_use]
    pub fn is_named(&self, text: &str) -> bool {
        without_alias(text).rsplit_once('.').is_some_and(|(namespace, name)| {
            namespace.eq_ignore_ascii_case(self.namespace) && name.eq_ignore_ascii_case(self.name)
        })
    }

    /// Whether Graph does not have the type.
    #[must_use]
    pub fn is_extension(&self) -> bool {
        self.namespace == EXTENSIONS
    }

    /// Whether its entities can be written.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.key != Key::Database
    }

    /// The property of this name, in any case, as Graph takes it.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&'static Property> {
        self.properties.iter().find(|property| property.name.eq_ignore_ascii_case(name))
    }

    /// The action of this name, in any case, with or without the namespace.
    #[must_use]
    pub fn action(&self, name: &str, binding: Binding) -> Option<&'static Action> {
        let name = &*without_alias(name);
        let name = match name.get(..NAMESPACE.len()) {
            Some(start) if start.eq_ignore_ascii_case(NAMESPACE) => {
                name[NAMESPACE.len()..].strip_prefix('.')?
            }
            _ => name,
        };
        self.actions.iter().find(|it| it.binding == binding && it.name.eq_ignore_ascii_case(name))
    }

    /// The navigation of this name, in any case.
    #[must_use]
    pub fn navigation(&self, name: &str) -> Option<&'static Navigation> {
        navigation(self.navigations, name)
    }

    /// The property that is the key.
    #[must_use]
    pub fn key_property(&self) -> &'static Property {
        let mut properties = self.properties.iter();
        #[expect(clippy::expect_used, reason = "a test of the model checks each entity type")]
        properties.find(|it| it.source == Source::Key).expect("an entity type has a key property")
    }
}

impl Singleton {
    /// The qualified name of the singleton's type.
    #[must_use]
    pub fn qualified_name(&self) -> String {
        format!("{NAMESPACE}.{}", self.name)
    }

    /// The navigation of this name, in any case.
    #[must_use]
    pub fn navigation(&self, name: &str) -> Option<&'static Navigation> {
        navigation(self.navigations, name)
    }
}

fn navigation(navigations: &[&'static Navigation], name: &str) -> Option<&'static Navigation> {
    navigations.iter().copied().find(|navigation| navigation.name.eq_ignore_ascii_case(name))
}
