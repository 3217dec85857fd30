//! Structural properties: their names, columns and types, and who sets them. Knows no entity.

use super::Edm;

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

/// Who sets a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The property is the key: [`EntityType::key`](super::EntityType::key) decides.
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

/// Two properties are equal if they are the same one of the model.
impl PartialEq for Property {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}
