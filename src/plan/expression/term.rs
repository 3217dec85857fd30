//! The types of expressions that are values.

use super::cast::Primitive;
use super::condition::Condition;
use super::scope::{PropertyRead, Row};
use crate::error::{Error, ExpressionReason, OptionReason, Place};
use crate::model::{Edm, EntityType, EnumType, Navigation, Property, Source};
use crate::odata::{Arithmetic, Literal};

/// A value in an expression.
#[derive(Clone, Debug)]
pub struct Term {
    pub of: Type,
    pub kind: TermKind,
}

/// The types of values in expressions.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// `Edm.String`
    Text,
    /// `Edm.Boolean`
    Boolean,
    /// Any number.
    Number,
    /// `Edm.DateTimeOffset`
    Instant,
    /// `Edm.Date`
    Date,
    /// `Edm.TimeOfDay`
    TimeOfDay,
    /// `Edm.Duration`
    Duration,
    /// An enumeration.
    Enum(&'static EnumType),
}

/// The kinds of values.
#[derive(Clone, Debug)]
pub enum TermKind {
    Text(String),
    /// A member of an enumeration.
    Member(&'static EnumType, &'static str),
    /// A decimal number, as it is written.
    Number(String),
    Boolean(bool),
    /// A time in units of 100 ns (a date in days), and the minutes of its offset.
    Ticks(i64, i16),
    Property(PropertyRead),
    Call(Function, Vec<Term>),
    Calculate(Arithmetic, Box<Term>, Box<Term>),
    Negate(Box<Term>),
    /// How many entities a contained collection of the row has.
    Count(PropertyRead, &'static Navigation),
    /// How many entities of a contained collection of the row satisfy a condition.
    CountOf(PropertyRead, &'static Navigation, Box<Condition>),
    /// How many items a property that is a collection has.
    Items(PropertyRead),
    /// Whether a condition is satisfied.
    Condition(Box<Condition>),
    /// A value in another type; null if that type does not have it.
    Cast(Box<Term>, Primitive),
    /// A cast that is known to fail, or of null.
    Null,
}

/// A function that the database computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are OData's own functions, by their names")]
pub enum Function {
    Contains,
    StartsWith,
    EndsWith,
    Length,
    IndexOf,
    Substring,
    ToLower,
    ToUpper,
    Trim,
    Concat,
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    FractionalSeconds,
    Date,
    Time,
    TotalOffsetMinutes,
    Round,
    Floor,
    Ceiling,
}

/// An operand. A literal gets its type from the other operand.
pub(in crate::plan) enum Operand<'a> {
    Literal(&'a Literal, usize),
    Term(Term),
}

impl Type {
    /// The name of the type in errors.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Text => "Edm.String".into(),
            Self::Boolean => "Edm.Boolean".into(),
            Self::Number => "Edm.Decimal".into(),
            Self::Instant => "Edm.DateTimeOffset".into(),
            Self::Date => "Edm.Date".into(),
            Self::TimeOfDay => "Edm.TimeOfDay".into(),
            Self::Duration => "Edm.Duration".into(),
            Self::Enum(enumeration) => Edm::Enum(enumeration).name(),
        }
    }

    /// Whether values of the two types can be compared.
    #[must_use]
    pub(in crate::plan) fn fits(self, other: Self) -> bool {
        self.name() == other.name()
    }
}

impl Term {
    /// The qualified name of the type, as errors have it: of a property and a cast their own type.
    pub(in crate::plan) fn type_name(&self) -> String {
        match &self.kind {
            TermKind::Property(read) => read.edm().name(),
            TermKind::Cast(_, to) => to.name().to_owned(),
            _ => self.of.name(),
        }
    }

    /// Whether the value is a literal, which is never null.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        match self.kind {
            TermKind::Text(_)
            | TermKind::Member(..)
            | TermKind::Number(_)
            | TermKind::Boolean(_)
            | TermKind::Ticks(..) => true,
            TermKind::Property(_)
            | TermKind::Call(..)
            | TermKind::Calculate(..)
            | TermKind::Negate(_)
            | TermKind::Count(..)
            | TermKind::CountOf(..)
            | TermKind::Items(_)
            | TermKind::Condition(_)
            | TermKind::Cast(..)
            | TermKind::Null => false,
        }
    }

    /// Whether the value is the same for all entities and never null.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.is_literal() || self.constant_ticks().is_some()
    }

    /// The ticks of a time that is calculated from literals, such as `now() sub duration'P1D'`; `None`
    /// if it depends on an entity, or does not fit.
    #[must_use]
    pub fn constant_ticks(&self) -> Option<i64> {
        match &self.kind {
            TermKind::Ticks(ticks, _) => Some(*ticks),
            TermKind::Calculate(Arithmetic::Add, left, right) => {
                left.constant_ticks()?.checked_add(right.constant_ticks()?)
            }
            TermKind::Calculate(Arithmetic::Sub, left, right) => {
                left.constant_ticks()?.checked_sub(right.constant_ticks()?)
            }
            TermKind::Negate(inner) => inner.constant_ticks()?.checked_neg(),
            _ => None,
        }
    }

    /// Whether the value is a property of the entity itself by which an index sorts a collection.
    pub(in crate::plan) fn is_indexed(&self) -> bool {
        self.own_property().is_some_and(|property| property.indexed)
    }

    /// Whether the value is the key of the entity itself.
    #[must_use]
    pub fn is_key(&self) -> bool {
        self.own_property().is_some_and(|property| property.source == Source::Key)
    }

    /// The property of the entity itself that is the value.
    #[must_use]
    pub fn own_property(&self) -> Option<&'static Property> {
        match &self.kind {
            TermKind::Property(PropertyRead {
                row: Row::Entity,
                through,
                property,
                members,
                ..
            }) if through.is_empty() && members.is_empty() => *property,
            _ => None,
        }
    }

    /// Whether a condition is satisfied, as a value. The database sorts by no constant of its own.
    pub(in crate::plan) fn truth(condition: Condition) -> Self {
        let kind = match condition {
            Condition::Constant(truth) => TermKind::Boolean(truth),
            condition => TermKind::Condition(Box::new(condition)),
        };
        Self { of: Type::Boolean, kind }
    }

    /// The key of an entity.
    pub(in crate::plan) fn key(entity_type: &'static EntityType) -> Self {
        Self::property(entity_type, entity_type.key_property(), Type::Text)
    }

    /// A property of an entity, whose type is known.
    pub(in crate::plan) fn property(
        entity_type: &'static EntityType,
        property: &'static Property,
        of: Type,
    ) -> Self {
        let row = PropertyRead::of_row(Row::Entity, entity_type);
        Self { of, kind: TermKind::Property(PropertyRead { property: Some(property), ..row }) }
    }
}

/// The error for a reason at a column of the option's value.
pub(in crate::plan) fn refuse(column: usize, reason: ExpressionReason) -> Error {
    OptionReason::Expression { place: Place::at(column), reason }.into()
}
