//! The words of the model: entity type, property, navigation, key. Knows no entity type.

mod action;
mod counter;
mod edm;
mod entity_type;
mod navigation;
pub mod permission;
mod property;
mod surface;

use std::borrow::Cow;

pub use action::{Action, Binding, Effect, Parameter};
pub use counter::{Counter, CountersByValue, ValueCounter};
pub use edm::{ComplexType, Edm, EnumType, MAX_ITEMS};
pub use entity_type::{Derivation, EntityType, Key, Order, Rows, Singleton, TypeAnnotation};
pub use navigation::{Link, Navigation, NavigationKind, Versions};
pub use property::{Property, Source};
pub use surface::Surface;

/// The namespace of the types that Graph has.
pub const NAMESPACE: &str = "microsoft.graph";

/// The alias of [`NAMESPACE`].
pub const ALIAS: &str = "graph";

/// A qualified name, with the namespace in the place of its alias.
#[must_use]
pub fn without_alias(name: &str) -> Cow<'_, str> {
    match name.split_once('.') {
        Some((alias, rest)) if alias.eq_ignore_ascii_case(ALIAS) => {
            format!("{NAMESPACE}.{rest}").into()
        }
        _ => name.into(),
    }
}

/// The namespace of the types that Graph does not have.
pub const EXTENSIONS: &str = "runstate";
