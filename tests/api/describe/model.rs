//! Does the model match Graph's schema?

use std::collections::{BTreeMap, BTreeSet};

use runstate::model::{
    Action, ComplexType, ENTITY_TYPES, Edm, EnumType, NavigationKind, Property, Surface,
};
use serde_json::{Value as Json, json};

const GRAPH: &str = include_str!("../../fixtures/graph_types.json");

/// The differences between the model and Graph's schema, with the reason. Not compared: navigation
/// properties to types that the server does not have, and the nullability of collections, which in the
/// fixture is that of their items.
const DIFFERENCES: &[(&str, &str)] = &[
    ("androidFotaDeploymentAssignmentTarget", NEWER),
    ("androidFotaDeploymentAssignmentTarget.groupId", NEWER),
    ("auditEvent.correlationId", GUID),
    ("cloudPcRemoteActionResult", NEWER),
    ("cloudPcRemoteActionResult.actionName", NEWER),
    ("cloudPcRemoteActionResult.actionState", NEWER),
    ("cloudPcRemoteActionResult.cloudPcId", NEWER),
    ("cloudPcRemoteActionResult.lastUpdatedDateTime", NEWER),
    ("cloudPcRemoteActionResult.managedDeviceId", NEWER),
    ("cloudPcRemoteActionResult.startDateTime", NEWER),
    ("deviceEnrollmentType", UNNUMBERED),
    ("deviceLicensingStatus", UNNUMBERED),
    ("deviceType", UNNUMBERED),
    ("managementAgentType", UNNUMBERED),
];
/// The fixture uses the type but does not describe it. Graph's newer schema describes it.
const NEWER: &str = "described in a newer schema than the fixture's";
/// The server has no values of `Edm.Guid`. The JSON is the same.
const GUID: &str = "is a text here";
/// The fixture has only the names of newer members, no values.
const UNNUMBERED: &str = "the fixture lacks the values of newer members";

/// The names of the model's enumerations, and those of its complex types.
pub(crate) fn value_types() -> [BTreeSet<String>; 2] {
    let types = Facts::of_model().into_iter().filter(|(name, _)| !name.contains('.'));
    let (complexes, enumerations): (BTreeMap<_, _>, BTreeMap<_, _>) =
        types.partition(|(_, fact)| fact.starts_with("base="));
    [enumerations, complexes].map(|types| types.into_keys().collect())
}

/// Each property as `type.property: EDM type, nullability`, each enumeration as its members.
#[derive(Default)]
struct Facts(BTreeMap<String, String>);

impl Facts {
    fn properties(&mut self, of: &str, properties: &'static [Property]) {
        for property in properties {
            let type_name = property.edm.name();
            // In the fixture this is the nullability of the items. No item here may be null.
            let nullable = property.nullable && !type_name.starts_with("Collection");
            let fact = format!("{type_name} nullable={nullable}");
            self.0.insert(format!("{of}.{}", property.name), fact);
            match property.edm {
                Edm::Enum(enumeration) | Edm::Enums(enumeration) => self.enumeration(enumeration),
                Edm::Complex(complex) | Edm::Complexes(complex) => self.complex(complex),
                _ => {}
            }
        }
    }

    fn complex(&mut self, of: &'static ComplexType) {
        let base = of.base.map_or("none", |base| base.name);
        self.0.insert(of.name.into(), format!("base={base} abstract={}", of.is_abstract));
        self.properties(of.name, of.properties);
        of.derived.iter().for_each(|derived| self.complex(derived));
    }

    fn enumeration(&mut self, of: &EnumType) {
        self.0.insert(of.name.into(), json!(of.members).to_string());
    }

    fn of_model() -> BTreeMap<String, String> {
        let mut facts = Self::default();
        for entity in ENTITY_TYPES.iter().filter(|it| !it.is_extension()) {
            facts.properties(entity.name, entity.properties);
            facts.0.remove(&format!("{}.id", entity.name));
            for navigation in Surface::Graph.navigations(entity) {
                let kind = match navigation.kind {
                    NavigationKind::Contained => "Contained",
                    NavigationKind::Attached => "Attached",
                    NavigationKind::Referenced(_) => "Referenced",
                    NavigationKind::Versions(_) => "Versions",
                };
                let fact = format!("{} {kind}", navigation.target.name);
                facts.0.insert(format!("{}.{}", entity.name, navigation.name), fact);
            }
            for item in entity.actions.iter().filter_map(Action::returned_item) {
                facts.complex(item);
            }
        }
        facts.0
    }

    fn of_graph() -> BTreeMap<String, String> {
        let graph: Json = serde_json::from_str(GRAPH).unwrap();
        let mut facts = BTreeMap::new();
        let kinds = ["entityTypes", "complexTypes"].map(|kind| graph[kind].as_object().unwrap());
        for (name, of) in kinds[1] {
            let base = of["baseType"].as_str().unwrap_or("none").trim_start_matches("graph.");
            facts.insert(name.clone(), format!("base={base} abstract={}", of["abstract"]));
        }
        for (name, of) in kinds.into_iter().flatten().filter(|(name, _)| *name != "entity") {
            for property in of["properties"].as_array().unwrap() {
                let type_name = property["type"].as_str().unwrap();
                let nullable = property["nullable"] == true && !type_name.starts_with("Collection");
                let fact = format!("{type_name} nullable={nullable}");
                facts.insert(format!("{name}.{}", property["name"].as_str().unwrap()), fact);
            }
            // The others lead to types that the server does not have, such as a device's category.
            let navigations = of["navigation"].as_array().into_iter().flatten();
            for navigation in navigations.filter(|it| it["inSlice"] == true) {
                let own = navigation["name"].as_str().unwrap();
                let written = navigation["type"].as_str().unwrap();
                let target = written.trim_end_matches(')').rsplit('.').next().unwrap();
                let kind = match (navigation["containsTarget"] == true, own) {
                    (true, _) => "Contained",
                    (false, "runSummary") => "Attached",
                    (false, _) => "Referenced",
                };
                facts.insert(format!("{name}.{own}"), format!("{target} {kind}"));
            }
        }
        for (name, of) in graph["enumTypes"].as_object().unwrap() {
            let members = of["members"].as_array().unwrap().iter();
            let members: Vec<Json> = members.map(|it| json!([it["name"], it["value"]])).collect();
            facts.insert(name.clone(), json!(members).to_string());
        }
        facts
    }
}

#[test]
fn the_model_equals_graphs_schema_except_for_listed_differences() {
    let (ours, theirs) = (Facts::of_model(), Facts::of_graph());
    assert!(ours.len() > 200);
    let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let differing = names.into_iter().filter(|name| ours.get(*name) != theirs.get(*name));
    let differing: Vec<&str> = differing.map(String::as_str).collect();
    let explained: Vec<&str> = DIFFERENCES.iter().map(|(name, _)| *name).collect();
    let unexplained = differing.iter().filter(|name| !explained.contains(name));
    let shown: Vec<String> = unexplained
        .map(|name| {
            format!("{name}\n  model:   {:?}\n  fixture: {:?}", ours.get(*name), theirs.get(*name))
        })
        .collect();
    assert_eq!(
        differing,
        explained,
        "correct the model or tests/fixtures/graph_types.json, or list the difference with its \
         reason in DIFFERENCES:\n{}",
        shown.join("\n")
    );
}

#[test]
fn counters_by_value_have_one_counter_for_each_member_of_a_property_that_is_never_null() {
    let navigations = ENTITY_TYPES.iter().flat_map(|entity| entity.navigations);
    let counted: Vec<(&str, &EnumType, Vec<&str>)> = navigations
        .filter_map(|navigation| {
            let by_value = navigation.counter?.by_value?;
            let property = navigation.target.property(by_value.property).unwrap();
            let Edm::Enum(enumeration) = property.edm else { panic!("{}", property.name) };
            assert!(!property.nullable, "{}", property.name);
            let values = by_value.counters.iter().map(|counter| counter.value).collect();
            Some((navigation.name, enumeration, values))
        })
        .collect();
    // Of the scripts of each family, and of user states.
    assert_eq!(counted.len(), 4);
    for (navigation, enumeration, values) in counted {
        assert_eq!(values, enumeration.names().collect::<Vec<_>>(), "{navigation}");
    }
}
