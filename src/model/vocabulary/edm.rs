//! The types of values: primitive ones, enumerations and complex types. Knows no entity.

use super::{NAMESPACE, Property, without_alias};

/// How many items the value of a collection property may have, at most: as many as a page or a body
/// may have entities. A complex value takes far more space where it is stored and shown than `{}`,
/// which is enough to send one.
pub const MAX_ITEMS: usize = 1000;

/// The types of the entity data model that this service has.
#[derive(Clone, Copy, Debug)]
pub enum Edm {
    /// `Edm.String`
    String,
    /// `Edm.Boolean`
    Boolean,
    /// `Edm.Int32`
    Int32,
    /// `Edm.Int64`
    Int64,
    /// `Edm.Double`
    Double,
    /// `Edm.DateTimeOffset`
    DateTimeOffset,
    /// `Edm.Duration`
    Duration,
    /// `Edm.Binary`
    Binary,
    /// `Collection(Edm.String)`
    Strings,
    /// An enumeration; its values travel as member names.
    Enum(&'static EnumType),
    /// A collection of an enumeration.
    Enums(&'static EnumType),
    /// A complex type.
    Complex(&'static ComplexType),
    /// A collection of a complex type.
    Complexes(&'static ComplexType),
}

/// An enumeration type.
#[derive(Debug)]
pub struct EnumType {
    /// Its name without the namespace.
    pub name: &'static str,
    /// The database's type of the same members; empty where only complex values have it.
    pub column_type: &'static str,
    /// Its members and their values. The first one is the default.
    pub members: &'static [(&'static str, i64)],
}

/// A complex type.
#[derive(Debug)]
pub struct ComplexType {
    /// Its name without the namespace.
    pub name: &'static str,
    /// The type that it is derived from.
    pub base: Option<&'static ComplexType>,
    /// Whether a value must name one of the derived types.
    pub is_abstract: bool,
    /// Its own properties; those of its base come before.
    pub properties: &'static [Property],
    /// The types derived from it, however far, of which a value may be.
    pub derived: &'static [&'static ComplexType],
}

impl ComplexType {
    /// The type's qualified name.
    #[must_use]
    pub fn qualified_name(&self) -> String {
        format!("{NAMESPACE}.{}", self.name)
    }

    /// The type itself and the types derived from it.
    pub fn with_derived(&'static self) -> impl Iterator<Item = &'static Self> {
        std::iter::once(self).chain(self.derived.iter().copied())
    }

    /// The type itself, or the type derived from it, of this qualified name, in any case.
    #[must_use]
    pub fn narrowed(&'static self, name: &str) -> Option<&'static Self> {
        let name = without_alias(name);
        self.with_derived().find(|it| name.eq_ignore_ascii_case(&it.qualified_name()))
    }

    /// All its properties, those of its bases first.
    #[must_use]
    pub fn all_properties(&self) -> Vec<&'static Property> {
        let mut properties = self.base.map_or_else(Vec::new, ComplexType::all_properties);
        properties.extend(self.properties);
        properties
    }
}

impl EnumType {
    /// The type's qualified name.
    #[must_use]
    pub fn qualified_name(&self) -> String {
        format!("{NAMESPACE}.{}", self.name)
    }

    /// The member of this name, in any case.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&'static str> {
        self.names().find(|member| member.eq_ignore_ascii_case(name))
    }

    /// What a property of the type holds when nobody says: the member of value 0, else the first.
    #[must_use]
    pub fn default(&self) -> &'static str {
        let zero = self.members.iter().find(|(_, value)| *value == 0);
        zero.or(self.members.first()).map_or("", |(name, _)| name)
    }

    /// The place of a member in the order of values, from 1.
    #[must_use]
    pub fn place(&self, name: &str) -> Option<i64> {
        (1..).zip(self.names()).find(|(_, member)| *member == name).map(|(place, _)| place)
    }

    /// The names of the members, in their order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.members.iter().map(|(name, _)| *name)
    }
}

impl Edm {
    /// Whether a value has items.
    #[must_use]
    pub fn is_collection(self) -> bool {
        matches!(self, Self::Strings | Self::Enums(_) | Self::Complexes(_))
    }

    /// Whether values are single and have no members.
    #[must_use]
    pub fn is_primitive(self) -> bool {
        match self {
            Self::String
            | Self::Boolean
            | Self::Int32
            | Self::Int64
            | Self::Double
            | Self::DateTimeOffset
            | Self::Duration
            | Self::Binary
            | Self::Enum(_) => true,
            Self::Strings | Self::Enums(_) | Self::Complex(_) | Self::Complexes(_) => false,
        }
    }

    /// The type's qualified name.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::String => "Edm.String".into(),
            Self::Boolean => "Edm.Boolean".into(),
            Self::Int32 => "Edm.Int32".into(),
            Self::Int64 => "Edm.Int64".into(),
            Self::Double => "Edm.Double".into(),
            Self::DateTimeOffset => "Edm.DateTimeOffset".into(),
            Self::Duration => "Edm.Duration".into(),
            Self::Binary => "Edm.Binary".into(),
            Self::Strings => "Collection(Edm.String)".into(),
            Self::Enum(enumeration) => enumeration.qualified_name(),
            Self::Enums(enumeration) => format!("Collection({})", enumeration.qualified_name()),
            Self::Complex(complex) => complex.qualified_name(),
            Self::Complexes(complex) => format!("Collection({})", complex.qualified_name()),
        }
    }
}
