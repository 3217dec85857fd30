//! Every type that the model can reach, each once and after those that it is made of: a reader of
//! `$metadata` need never look ahead. Does not know how a type is written.

use crate::model::{
    Action, ComplexType, DEVICE_MANAGEMENT, Edm, EntityType, EnumType, Property, Told,
};

/// The types, in the order in which they are described.
#[derive(Default)]
pub(super) struct Types {
    pub(super) enums: Vec<&'static EnumType>,
    pub(super) complexes: Vec<&'static ComplexType>,
    /// What actions tell; their items are not among `complexes`.
    pub(super) told: Vec<&'static Told>,
    /// The singleton's type comes last.
    pub(super) entities: Vec<&'static EntityType>,
}

/// Every type there is.
pub(super) fn all() -> Types {
    let mut types = Types::default();
    types.entity(&DEVICE_MANAGEMENT);
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
        for navigation in entity.navigations {
            self.entity(navigation.target);
        }
        for told in entity.actions.iter().filter_map(Action::told) {
            told.enums.iter().for_each(|(_, enumeration)| self.enumeration(enumeration));
            self.properties(told.item.properties);
            self.told.push(told);
        }
        self.entities.push(entity);
    }

    fn properties(&mut self, properties: &'static [Property]) {
        for property in properties {
            match property.edm {
                Edm::Enum(enumeration) => self.enumeration(enumeration),
                Edm::Complex(complex) | Edm::Complexes(complex) => self.complex(complex),
                _ => {}
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
