//! The API as data: entity types, their properties and navigations, and the permissions they need.
//! Imports nothing, computes nothing beyond finding a name; everything else follows from it.
//!
//! `vocabulary` has the words (entity type, property, navigation, action); the other folders have the
//! sentences, one file an entity type; `container` is the root of the service.

mod assignments;
mod audit;
mod container;
mod devices;
mod runs;
mod scripts;
mod vocabulary;

pub use container::{API_VERSION, ENTITY_TYPES, ROOT, name_in_cast};
pub use runs::{RUN_STATE, SEED_RUN_STATES};
pub use vocabulary::{
    ALIAS, Action, Binding, ComplexType, Counter, CountersByValue, Derivation, EXTENSIONS, Edm,
    Effect, EntityType, EnumType, Key, Link, MAX_ITEMS, NAMESPACE, Navigation, NavigationKind,
    Order, Parameter, Property, Rows, Singleton, Source, Surface, TypeAnnotation, ValueCounter,
    Versions, permission, without_alias,
};
