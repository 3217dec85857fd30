//! Paths in an expression × the entity type in scope → a property, which may be behind navigations
//! to one entity or inside complex values, or a variable of a lambda.

use crate::error::{Error, OptionReason, Place, Result};
use crate::model::permission::Access;
use crate::model::{ComplexType, Edm, EntityType, Navigation, Property, Surface};
use crate::odata::{DateTimeOffset, Name, PropertyPath};

/// The state of a plan that is being made.
#[derive(Debug)]
pub struct Planner {
    /// The time of the request, the value of `now()`.
    pub now: DateTimeOffset,
    /// The part of the API in which names are looked up.
    pub surface: Surface,
    /// The types that are read besides the type of the operation, and the access that this needs.
    pub reads: Vec<(&'static EntityType, Access)>,
    /// How many expansions surround the current one.
    pub(in crate::plan) depth: usize,
    /// Whether the current expression is an order, which must be the same on every page.
    pub(in crate::plan) in_order: bool,
    /// How many `concat` there have been.
    pub(in crate::plan) concatenations: usize,
    /// How many lambdas and filtered `/$count` there have been. The variable of a lambda has the next
    /// number.
    pub(in crate::plan) ranges: usize,
}

/// The source of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The entity that is filtered, ordered or counted.
    Entity,
    /// The item of the lambda with this number.
    Item(usize),
}

/// A property of a row.
#[derive(Clone, Debug)]
pub struct PropertyRead {
    pub row: Row,
    /// The type of the entity that has the property.
    pub entity_type: &'static EntityType,
    /// The navigations from the row to that entity, each to one entity.
    pub through: Vec<&'static Navigation>,
    /// The property; `None` if the row itself is the value.
    pub property: Option<&'static Property>,
    /// The type to which a path casts the value of the property: in values of other types, its members
    /// are null.
    pub cast: Option<&'static ComplexType>,
    /// Members of complex values, from the property inwards.
    pub members: Vec<&'static Property>,
}

/// The target of a path.
#[derive(Debug)]
pub(in crate::plan) enum Found {
    Value(PropertyRead, Edm),
    Collection(PropertyRead, &'static Navigation),
}

/// The names in scope: those of the entity type, and the variables.
#[derive(Clone, Debug)]
pub(in crate::plan) struct Scope {
    entity_type: &'static EntityType,
    variables: Vec<(String, Row, Item)>,
    /// Whether the expression is directly inside of a lambda.
    pub(in crate::plan) in_lambda: bool,
}

/// The type of an item of a collection.
#[derive(Clone, Copy, Debug)]
pub(in crate::plan) enum Item {
    Entity(&'static EntityType),
    Complex(&'static ComplexType),
    Text,
}

impl Planner {
    #[must_use]
    pub fn new(now: DateTimeOffset, surface: Surface) -> Self {
        Self {
            now,
            surface,
            reads: Vec::new(),
            depth: 0,
            in_order: false,
            concatenations: 0,
            ranges: 0,
        }
    }

    /// Records that the target of a navigation is read.
    pub(in crate::plan) fn note_read(&mut self, navigation: &'static Navigation) {
        let many = navigation.is_collection();
        let access = if many { Access::List } else { Access::Get };
        self.reads.push((navigation.target, access));
    }
}

impl PropertyRead {
    /// A row itself.
    pub(super) fn of_row(row: Row, entity_type: &'static EntityType) -> Self {
        let (through, members) = (Vec::new(), Vec::new());
        Self { row, entity_type, through, property: None, cast: None, members }
    }

    /// The same read of a complex value of a type, cast to the type of this name; and that type.
    pub(super) fn cast_to(
        self,
        declared: &'static ComplexType,
        name: &Name,
    ) -> Result<(Self, &'static ComplexType)> {
        let of = declared.narrowed(&name.text).ok_or_else(|| {
            let types = declared.with_derived().map(ComplexType::qualified_name);
            bad_cast(name, declared.qualified_name(), types.collect::<Vec<_>>().join(", "))
        })?;
        // Only the value of a property can be of a derived type: a test of `annotation` checks it.
        let cast = Some(of).filter(|of| !std::ptr::eq(*of, declared)).or(self.cast);
        Ok((Self { cast, ..self }, of))
    }

    /// The type of the value; an item of a collection is a text if it has no members.
    #[must_use]
    pub fn edm(&self) -> Edm {
        let last = self.members.last().copied().or(self.property);
        last.map_or(Edm::String, |property| property.edm)
    }
}

impl Scope {
    pub(in crate::plan) fn of(entity_type: &'static EntityType) -> Self {
        Self { entity_type, variables: Vec::new(), in_lambda: false }
    }

    /// The same names, and a variable for the items with a number.
    pub(in crate::plan) fn with_variable(&self, name: &str, number: usize, item: Item) -> Self {
        let mut scope = self.clone();
        scope.variables.push((name.to_owned(), Row::Item(number), item));
        scope.in_lambda = true;
        scope
    }

    /// The names of the type of the entities that are counted, and the same variables.
    pub(in crate::plan) fn of_counted(&self, entity_type: &'static EntityType) -> Self {
        Self { entity_type, variables: self.variables.clone(), in_lambda: false }
    }

    /// Refuses the name of a type that is not the type of the entity.
    pub(in crate::plan) fn check_type(&self, name: &Name) -> Result<()> {
        let of = self.entity_type.qualified_name();
        match self.entity_type.is_named(&name.text) {
            true => Ok(()),
            false => Err(bad_cast(name, of.clone(), of)),
        }
    }

    /// Resolves a path.
    pub(in crate::plan) fn find(
        &self,
        path: &PropertyPath,
        planner: &mut Planner,
    ) -> Result<Found> {
        let (row, item, names) = self.start(path);
        let read = PropertyRead::of_row(row, self.entity_type);
        match item {
            Item::Entity(entity_type) => {
                let at = path.names.first().map_or(1, |name| name.at);
                in_entity(entity_type, names, at, read, planner)
            }
            Item::Complex(complex) => in_complex(complex, names, read),
            Item::Text => match names.first() {
                None => Ok(Found::Value(read, Edm::String)),
                Some(name) => Err(no_members(name)),
            },
        }
    }

    fn start<'a>(&self, path: &'a PropertyPath) -> (Row, Item, &'a [Name]) {
        if let Some((first, rest)) = path.names.split_first() {
            let known = |(name, _, _): &&(String, Row, Item)| *name == first.text;
            if let Some((_, row, item)) = self.variables.iter().rev().find(known) {
                return (*row, *item, rest);
            }
        }
        (Row::Entity, Item::Entity(self.entity_type), &path.names)
    }
}

/// `at` is the column where the path begins.
fn in_entity(
    entity_type: &'static EntityType,
    names: &[Name],
    at: usize,
    mut read: PropertyRead,
    planner: &mut Planner,
) -> Result<Found> {
    read.entity_type = entity_type;
    let Some((name, rest)) = without_cast(entity_type, names)?.split_first() else {
        return Err(OptionReason::EntityAsValue {
            entity_type: entity_type.name,
            place: Place::at(at),
        }
        .into());
    };
    if let Some(property) = entity_type.property(&name.text) {
        read.property = Some(property);
        return match (property.edm, rest) {
            (edm, []) => Ok(Found::Value(read, edm)),
            (Edm::Complex(complex), rest) => in_complex(complex, rest, read),
            (_, [next, ..]) => Err(no_members(next)),
        };
    }
    let navigation = planner
        .surface
        .navigation(entity_type, &name.text)
        .ok_or_else(|| unknown(name, entity_type.qualified_name()))?;
    planner.note_read(navigation);
    if !navigation.is_collection() {
        read.through.push(navigation);
        return in_entity(navigation.target, rest, at, read, planner);
    }
    match without_cast(navigation.target, rest)? {
        [] => Ok(Found::Collection(read, navigation)),
        [next, ..] => {
            let (collection, name) = (name.text.clone(), next.text.clone());
            Err(OptionReason::PropertyOfCollection { collection, name, place: Place::at(next.at) }
                .into())
        }
    }
}

/// The names after a type cast, if they begin with one. No type is derived from an entity type of the
/// model, so a cast can only name the type itself.
fn without_cast<'a>(entity_type: &EntityType, names: &'a [Name]) -> Result<&'a [Name]> {
    match names.split_first() {
        Some((name, rest)) if entity_type.is_named(&name.text) => Ok(rest),
        Some((name, _)) if name.text.contains('.') => {
            Err(bad_cast(name, entity_type.qualified_name(), entity_type.qualified_name()))
        }
        _ => Ok(names),
    }
}

fn in_complex(
    complex: &'static ComplexType,
    names: &[Name],
    mut read: PropertyRead,
) -> Result<Found> {
    let Some((name, rest)) = names.split_first() else {
        return Ok(Found::Value(read, Edm::Complex(complex)));
    };
    if name.text.contains('.') {
        let (read, of) = read.cast_to(complex, name)?;
        return in_complex(of, rest, read);
    }
    // The member may be one of a derived type; it is null in values of other types.
    let mut members = complex.with_derived().flat_map(ComplexType::all_properties);
    let member = members.find(|member| member.name.eq_ignore_ascii_case(&name.text));
    let member = member.ok_or_else(|| unknown(name, complex.qualified_name()))?;
    read.members.push(member);
    match (member.edm, rest) {
        (edm, []) => Ok(Found::Value(read, edm)),
        (Edm::Complex(inner), rest) => in_complex(inner, rest, read),
        (_, [next, ..]) => Err(no_members(next)),
    }
}

fn bad_cast(name: &Name, of: String, types: String) -> Error {
    OptionReason::Cast { name: name.text.clone(), of, types, place: Place::at(name.at) }.into()
}

fn no_members(name: &Name) -> Error {
    OptionReason::NoProperties { name: name.text.clone(), place: Place::at(name.at) }.into()
}

fn unknown(name: &Name, of: String) -> Error {
    OptionReason::PropertyUnknown { name: name.text.clone(), of, place: Place::at(name.at) }.into()
}
