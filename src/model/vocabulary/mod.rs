//! The words of the model: entity type, property, navigation, key. Knows no entity type.

mod action;
mod counter;
mod edm;
mod entity_type;
mod navigation;
pub mod permission;
mod property;
mod surface;

pub use action::{Action, Binding, Effect, Parameter};
pub use counter::{Counter, CountersByValue, ValueCounter};
pub use edm::{ComplexType, Edm, EnumType, MAX_ITEMS};
pub use entity_type::{Derivation, EntityType, Key, Order, Rows, Singleton, TypeAnnotation};
pub use navigation::{Link, Navigation, NavigationKind, Versions};
pub use property::{Property, Source};
pub use surface::Surface;

/// The namespace of the types that Graph has.
pub const NAMESPACE: &str = "microsoft.graph";

/// The namespace of the types that Graph does not have.
pub const EXTENSIONS: &str = "runstate";
