//! Every type that the model can reach, each once and after those that it is made of: a reader of
//! `$metadata` need never look ahead. Does not know how a type is written.

use crate::model::{Action, ComplexType, Edm, EntityType, EnumType, Property, ROOT, Surface};

/// The types, in the order in which they are described.
pub(super) struct Types {
    surface: Surface,
    pub(super) enums: Vec<&'static EnumType>,
    pub(super) complexes: Vec<&'static ComplexType>,
    /// The types of entities; the singleton's is not among them.
    pub(super) entities: Vec<&'static EntityType>,
}

/// Every type there is.
pub(super) fn all(surface: Surface) -> Types {
    let mut types =
        Types { surface, enums: Vec::new(), complexes: Vec::new(), entities: Vec::new() };
    for navigation in ROOT.navigations {
        types.entity(navigation.target);
    }
    types
}

impl Types {
    /// Every action, with the type that it is bound to.
    pub(super) fn actions(&self) -> impl Iterator<Item = (&'static EntityType, &'static Action)> {
        let actions = |of: &&'static EntityType| {
            let of = *of;
            of.actions.iter().map(move |action| (of, action))
        };
        self.entities.iter().flat_map(actions)
    }

    fn entity(&mut self, entity: &'static EntityType) {
        if self.entities.iter().any(|it| it.name == entity.name) {
            return;
        }
        self.properties(entity.properties);
        for navigation in self.surface.navigations(entity) {
            self.entity(navigation.target);
        }
        for item in entity.actions.iter().filter_map(Action::returned_item) {
            self.complex(item);
        }
        self.entities.push(entity);
    }

    fn properties(&mut self, properties: &'static [Property]) {
        for property in properties {
            match property.edm {
                Edm::Enum(enumeration) | Edm::Enums(enumeration) => self.enumeration(enumeration),
                Edm::Complex(complex) | Edm::Complexes(complex) => self.complex(complex),
                Edm::String
                | Edm::Boolean
                | Edm::Int32
                | Edm::Int64
                | Edm::Double
                | Edm::DateTimeOffset
                | Edm::Duration
                | Edm::Binary
                | Edm::Strings => {}
            }
        }
    }

    fn enumeration(&mut self, enumeration: &'static EnumType) {
        if !self.enums.iter().any(|it| it.name == enumeration.name) {
            self.enums.push(enumeration);
        }
    }

    fn complex(&mut self, complex: &'static ComplexType) {
        if let Some(base) = complex.base {
            self.complex(base);
        }
        // The base may have brought it along, as one that is derived.
        if self.complexes.iter().any(|it| it.name == complex.name) {
            return;
        }
        self.properties(complex.properties);
        self.complexes.push(complex);
        complex.derived.iter().for_each(|derived| self.complex(derived));
    }
}
