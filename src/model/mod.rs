//! What the API is, as data: entity types, their properties and navigations, and who may use them.
//! Imports nothing, computes nothing beyond finding a name; everything else follows from it.

mod device_management;
mod device_management_script;
mod device_state;
pub mod permission;
mod user_state;

pub use device_management::{DEVICE_MANAGEMENT, ENTITY_TYPES};

use permission::Permissions;

/// The namespace of every type.
pub const NAMESPACE: &str = "microsoft.graph";

/// An entity type: one file in this folder each.
#[derive(Debug)]
pub struct EntityType {
    /// Its name without the namespace.
    pub name: &'static str,
    /// The table (or view) whose rows are its entities; empty for a singleton, which has none.
    pub table: &'static str,
    /// Where the value of its key comes from.
    pub key: Key,
    /// Its structural properties in the order of the wire; the first one is the key, `id`.
    pub properties: &'static [Property],
    /// Its navigation properties.
    pub navigations: &'static [Navigation],
    /// Which permissions reading and writing need.
    pub permissions: &'static Permissions,
}

/// Where an entity's `id` comes from, and with it how the database keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The server makes a UUIDv7, kept as `uuid`; an `id` in a body is ignored.
    Server,
    /// The client may choose it; the server makes a UUIDv7 where it does not. Kept as `text`.
    Client,
}

/// A structural property.
#[derive(Debug)]
pub struct Property {
    /// Its name on the wire.
    pub name: &'static str,
    /// Its column; a date-time has a second one, `…_offset`.
    pub column: &'static str,
    /// Its type.
    pub edm: Edm,
    /// Whether null is a value of it.
    pub nullable: bool,
    /// Who sets it.
    pub source: Source,
    /// Whether only a read by key shows it; elsewhere it is null, as `scriptContent` is in Graph.
    pub by_key_only: bool,
}

/// Who sets a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The client; absent on create means the type's default (`0`, `false`, the first member, …).
    Client,
    /// The client; absent on create means these texts.
    ClientOr(&'static [&'static str]),
    /// The server, at create; what a body says is ignored.
    Created,
    /// The server, at create and at each update; what a body says is ignored.
    Modified,
}

/// The types of the entity data model that this service has.
#[derive(Clone, Copy, Debug)]
pub enum Edm {
    /// `Edm.String`
    String,
    /// `Edm.Boolean`
    Boolean,
    /// `Edm.Int32`
    Int32,
    /// `Edm.DateTimeOffset`
    DateTimeOffset,
    /// `Edm.Binary`
    Binary,
    /// `Collection(Edm.String)`
    Strings,
    /// An enumeration; its values travel as member names.
    Enum(&'static EnumType),
}

/// An enumeration type.
#[derive(Debug)]
pub struct EnumType {
    /// Its name without the namespace.
    pub name: &'static str,
    /// The database's type of the same members.
    pub column_type: &'static str,
    /// Its members in the order of their values, which start at 0.
    pub members: &'static [&'static str],
}

/// A navigation property whose target is contained: its entities live below their parent alone.
#[derive(Debug)]
pub struct Navigation {
    /// Its name on the wire, which is a segment in paths.
    pub name: &'static str,
    /// The type of the entities that it leads to.
    pub target: &'static EntityType,
    /// Which columns of the target repeat which of the source; both have the same tenant besides.
    pub links: &'static [Link],
}

/// A column of a navigation's target that holds the value of a column of its source.
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

    /// The navigation of this name, in any case.
    #[must_use]
    pub fn navigation(&self, name: &str) -> Option<&'static Navigation> {
        self.navigations.iter().find(|navigation| navigation.name.eq_ignore_ascii_case(name))
    }
}

impl Edm {
    /// The type's qualified name.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::String => "Edm.String".into(),
            Self::Boolean => "Edm.Boolean".into(),
            Self::Int32 => "Edm.Int32".into(),
            Self::DateTimeOffset => "Edm.DateTimeOffset".into(),
            Self::Binary => "Edm.Binary".into(),
            Self::Strings => "Collection(Edm.String)".into(),
            Self::Enum(enumeration) => format!("{NAMESPACE}.{}", enumeration.name),
        }
    }
}

impl Property {
    const fn new(name: &'static str, column: &'static str, edm: Edm) -> Self {
        let source = Source::Client;
        Self { name, column, edm, nullable: true, source, by_key_only: false }
    }

    const fn id() -> Self {
        Self::new("id", "id", Edm::String).non_null()
    }

    const fn non_null(self) -> Self {
        Self { nullable: false, ..self }
    }

    const fn set_by(self, source: Source) -> Self {
        Self { source, ..self }
    }

    const fn by_key_only(self) -> Self {
        Self { by_key_only: true, ..self }
    }
}
