//! Which annotations a reply has, by metadata level, type and place. The one place that decides
//! this; `sql` and `respond` write what it says. The rules are those of Microsoft's OData writer,
//! which Graph uses: at the full level a type is shown unless JSON shows it already.

use serde_json::{Map, Value as Json, json};

use crate::model::{ComplexType, Edm, EntityType, Property, TypeAnnotation};
use crate::odata::MetadataLevel;

/// The annotation that names a type.
const TYPE: &str = "@odata.type";

/// Whether bodies and expanded collections have an `@odata.context`.
#[must_use]
pub fn has_context(level: MetadataLevel) -> bool {
    level != MetadataLevel::None
}

/// Whether entities have their id, entity tag, edit link, and the links of their navigations and
/// actions.
#[must_use]
pub fn shows_links(level: MetadataLevel) -> bool {
    level == MetadataLevel::Full
}

/// The `@odata.type` of an entity, if it has one.
#[must_use]
pub fn type_of_entity(level: MetadataLevel, of: &EntityType) -> Option<String> {
    let is_shown = match level {
        MetadataLevel::None => false,
        MetadataLevel::Minimal => of.type_annotation == TypeAnnotation::Minimal,
        MetadataLevel::Full => true,
    };
    is_shown.then(|| format!("#{}", of.qualified_name()))
}

/// Whether the stored value of a complex type has an `@odata.type` that the reply must not have.
#[must_use]
pub fn is_type_removed(level: MetadataLevel, of: &ComplexType) -> bool {
    level == MetadataLevel::None && names_itself(of)
}

/// The type annotations of the members of an entity, as the database function `annotated` reads
/// them; `None` if there are none.
#[must_use]
pub fn types_of_properties(level: MetadataLevel, properties: &[&Property]) -> Option<Json> {
    let types = members(properties.iter().copied());
    (level == MetadataLevel::Full && !types.is_empty()).then(|| types.into())
}

/// The type annotations of a body that is one property, as the database function `annotated` reads
/// them; `None` if there are none. Such a body is the complex value, or has the value as its member
/// `value`; its type is the type of the body.
#[must_use]
pub fn types_of_property(level: MetadataLevel, property: &Property) -> Option<Json> {
    let types = of_value(property.edm).filter(|_| level == MetadataLevel::Full)?;
    Some(match types {
        Json::String(beside) => json!({ TYPE: beside }),
        Json::Array(mut both) => json!({ TYPE: both[0].take(), "value": both }),
        inside => inside,
    })
}

/// The type annotations inside a complex value, as the database function `annotated` reads them;
/// `None` if there are none.
#[must_use]
pub fn types_of_complex(level: MetadataLevel, of: &ComplexType) -> Option<Json> {
    (level == MetadataLevel::Full).then(|| inside(of))
}

fn members<'a>(properties: impl Iterator<Item = &'a Property>) -> Map<String, Json> {
    let types = properties.map(|property| (property.name.to_owned(), of_value(property.edm)));
    types.filter_map(|(name, types)| Some((name, types?))).collect()
}

/// The annotation of a value: beside it as a text, inside it as an object, or both, for a
/// collection and for each of its items. `None` for a type that JSON shows.
fn of_value(edm: Edm) -> Option<Json> {
    let beside = || {
        let name = edm.name();
        json!(format!("#{}", name.replace("Edm.", "")))
    };
    match edm {
        Edm::String | Edm::Boolean | Edm::Int32 | Edm::Double => None,
        Edm::Int64
        | Edm::DateTimeOffset
        | Edm::Duration
        | Edm::Binary
        | Edm::Strings
        | Edm::Enum(_)
        | Edm::Enums(_) => Some(beside()),
        Edm::Complex(of) => Some(inside(of)),
        Edm::Complexes(of) => Some(json!([beside(), inside(of)])),
    }
}

fn inside(of: &ComplexType) -> Json {
    let derived = of.derived.iter().flat_map(|derived| derived.properties);
    let mut types = members(of.all_properties().into_iter().chain(derived));
    if !names_itself(of) {
        types.insert(TYPE.into(), json!(format!("#{}", of.qualified_name())));
    }
    types.into()
}

/// Whether a value is stored with its type, since it may be of several.
fn names_itself(of: &ComplexType) -> bool {
    !of.derived.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ENTITY_TYPES;

    fn entity_type(name: &str) -> &'static EntityType {
        ENTITY_TYPES.iter().copied().find(|it| it.name == name).unwrap()
    }

    fn types(name: &str) -> Json {
        let properties: Vec<&Property> = entity_type(name).properties.iter().collect();
        types_of_properties(MetadataLevel::Full, &properties).unwrap()
    }

    #[test]
    fn only_run_states_and_versions_name_their_type_at_the_minimal_level() {
        let shown = ENTITY_TYPES
            .iter()
            .filter_map(|it| type_of_entity(MetadataLevel::Minimal, it))
            .collect::<Vec<_>>();
        let expected =
            ["#microsoft.graph.deviceManagementScriptDeviceState", "#runstate.runStateVersion"];
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_type_that_json_shows_is_not_annotated() {
        let expected = json!({
            "runState": "#microsoft.graph.runState",
            "lastStateUpdateDateTime": "#DateTimeOffset"
        });
        assert_eq!(types("deviceManagementScriptDeviceState"), expected);
        let expected = json!({
            "scriptContent": "#Binary",
            "createdDateTime": "#DateTimeOffset",
            "lastModifiedDateTime": "#DateTimeOffset",
            "runAsAccount": "#microsoft.graph.runAsAccountType",
            "executionFrequency": "#Duration",
            "roleScopeTagIds": "#Collection(String)"
        });
        assert_eq!(types("deviceShellScript"), expected);
    }

    #[test]
    fn a_complex_value_names_its_type_inside_itself() {
        let of_filter = "#microsoft.graph.deviceAndAppManagementAssignmentFilterType";
        let target = json!({ "deviceAndAppManagementAssignmentFilterType": of_filter });
        assert_eq!(types("deviceManagementScriptAssignment"), json!({ "target": target }));
        let of_device = types("managedDevice");
        assert_eq!(
            of_device["configurationManagerClientInformation"],
            json!({ "@odata.type": "#microsoft.graph.configurationManagerClientInformation" })
        );
        assert_eq!(
            of_device["chromeOSDeviceInfo"],
            json!([
                "#Collection(microsoft.graph.chromeOSDeviceProperty)",
                { "@odata.type": "#microsoft.graph.chromeOSDeviceProperty" }
            ])
        );
        assert_eq!(of_device["freeStorageSpaceInBytes"], "#Int64");
    }

    /// The database removes the type of the value of a property, but not the types inside a value or a
    /// collection.
    #[test]
    fn only_a_single_value_of_an_entity_names_its_own_type() {
        for property in ENTITY_TYPES.iter().flat_map(|it| it.properties) {
            let inner = match property.edm {
                Edm::Complexes(of) => vec![of],
                Edm::Complex(of) => of.all_properties().iter().filter_map(complex).collect(),
                _ => Vec::new(),
            };
            assert!(!inner.into_iter().any(names_itself), "{}", property.name);
        }
    }

    fn complex(property: &&'static Property) -> Option<&'static ComplexType> {
        match property.edm {
            Edm::Complex(of) | Edm::Complexes(of) => Some(of),
            _ => None,
        }
    }

    #[test]
    fn derived_types_do_not_disagree_about_a_member() {
        let complexes =
            ENTITY_TYPES.iter().flat_map(|it| it.properties).filter_map(|it| complex(&it));
        for of in complexes {
            let members = of.all_properties().into_iter();
            let members: Vec<_> =
                members.chain(of.derived.iter().flat_map(|it| it.properties)).collect();
            for one in &members {
                let same = |other: &&&Property| other.name == one.name;
                let mut others = members.iter().filter(same);
                assert!(others.all(|other| other.edm.name() == one.edm.name()), "{}", one.name);
            }
        }
    }
}
