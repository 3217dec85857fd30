//! The words of the model: entity type, property, navigation, key. Knows no entity type.

mod action;
mod counter;
mod edm;
pub mod permission;

pub use action::{Action, Binding, Effect, Parameter};
pub use counter::{Counter, CountersByValue, ValueCounter};
pub use edm::{ComplexType, Edm, EnumType, MAX_ITEMS};

use permission::Permissions;

/// The namespace of every type.
pub const NAMESPACE: &str = "microsoft.graph";

/// An entity type. Each has a file of its own in a folder of `src/model`.
#[derive(Debug)]
pub struct EntityType {
    /// Its name without the namespace.
    pub name: &'static str,
    /// The table that has its entities.
    pub table: &'static str,
    /// Which rows of the table are its entities.
    pub rows: Rows,
    /// Where the value of its key comes from.
    pub key: Key,
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

/// A structural property, of an entity type or of a complex type.
#[derive(Debug)]
pub struct Property {
    /// Its name on the wire.
    pub name: &'static str,
    /// Its column; a date-time has a second one, `…_offset`. A complex type's have none: a complex
    /// value is one `json` column of the entity's.
    pub column: &'static str,
    /// Its type.
    pub edm: Edm,
    /// Whether null is a value of it.
    pub nullable: bool,
    /// Who sets it.
    pub source: Source,
    /// Whether only a read by key shows it; elsewhere it is null, as `scriptContent` is in Graph.
    pub by_key_only: bool,
    /// Whether an index has the entities of a collection in its order, so that the database finds a
    /// range of its values without reading the others. The index has the predicate
    /// `column > -9000000000000000000`, which keeps it away from lookups by key.
    pub indexed: bool,
}

/// An entity that is addressed by its name at the root of the service, and has no row of its own.
#[derive(Debug)]
pub struct Singleton {
    /// Its name, which is also the name of its type without the namespace.
    pub name: &'static str,
    /// Its navigation properties: the entity sets of the service.
    pub navigations: &'static [&'static Navigation],
}

/// Who sets a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The property is the key: [`EntityType::key`] decides.
    Key,
    /// The client; absent on create means the type's default (`0`, `false`, the first member, …).
    Client,
    /// The client; absent on create means these texts.
    ClientOr(&'static [&'static str]),
    /// The server, at create; what a body says is ignored.
    Created,
    /// The server, at create and at each update; what a body says is ignored.
    Modified,
}

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
}

/// A column of a navigation's target, or of its counter, that holds the value of one of its source.
#[derive(Debug)]
pub struct Link {
    /// The column of the target.
    pub target: &'static str,
    /// The column of the source.
    pub source: &'static str,
}

impl EntityType {
    /// The type's qualified name.
    #[must_use]
    pub fn qualified_name(&self) -> String {
        format!("{NAMESPACE}.{}", self.name)
    }

    /// The property of this name, in any case, as Graph takes it.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&'static Property> {
        self.properties.iter().find(|property| property.name.eq_ignore_ascii_case(name))
    }

    /// The action of this name, in any case, with or without the namespace.
    #[must_use]
    pub fn action(&self, name: &str, binding: Binding) -> Option<&'static Action> {
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

impl Navigation {
    /// Whether it leads to a collection.
    #[must_use]
    pub fn is_collection(&self) -> bool {
        self.kind == NavigationKind::Contained
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

/// Two properties are equal if they are the same one of the model.
impl PartialEq for Property {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Property {
    pub(in crate::model) const fn new(name: &'static str, column: &'static str, edm: Edm) -> Self {
        let source = Source::Client;
        Self { name, column, edm, nullable: true, source, by_key_only: false, indexed: false }
    }

    /// A property of a complex type, which has no column of its own.
    pub(in crate::model) const fn member(name: &'static str, edm: Edm) -> Self {
        Self::new(name, "", edm)
    }

    /// A parameter of an action, which is a value without a column.
    #[must_use]
    pub const fn parameter(name: &'static str, edm: Edm) -> Self {
        Self::member(name, edm).non_null()
    }

    pub(in crate::model) const fn id() -> Self {
        Self::new("id", "id", Edm::String).non_null().set_by(Source::Key)
    }

    pub(in crate::model) const fn non_null(self) -> Self {
        Self { nullable: false, ..self }
    }

    pub(in crate::model) const fn set_by(self, source: Source) -> Self {
        Self { source, ..self }
    }

    pub(in crate::model) const fn by_key_only(self) -> Self {
        Self { by_key_only: true, ..self }
    }

    pub(in crate::model) const fn indexed(self) -> Self {
        Self { indexed: true, ..self }
    }
}
