//! `$metadata` as CSDL JSON 4.01: what the XML says, in objects.

use serde_json::{Map, Value as Json, json};

use super::capabilities::{
    self, AnnotationValue, COMPUTED, DESCRIPTION, EXTENSION, Header, VOCABULARIES,
};
use super::types;
use crate::model::{
    ALIAS, Action, Binding, ComplexType, EXTENSIONS, Edm, EntityType, EnumType, NAMESPACE,
    Navigation, Parameter, Property, ROOT, Source, Surface,
};

type Members = Map<String, Json>;

/// The whole document.
pub(super) fn document(surface: Surface) -> Json {
    let types = types::all(surface);
    let mut schema = Members::new();
    schema.insert("$Alias".into(), ALIAS.into());
    schema.extend(types.enums.iter().map(|it| (it.name.into(), enumeration(it))));
    schema.insert(
        "entity".into(),
        json!({
            "$Kind": "EntityType", "$Abstract": true, "$Key": ["id"], "id": {},
        }),
    );
    schema.extend(types.complexes.iter().map(|it| (it.name.into(), Json::Object(complex(it)))));
    let of_type = |it: &&'static EntityType| {
        (it.name.to_owned(), entity(it.properties, surface.navigations(it)))
    };
    let (extensions, entities): (Vec<_>, Vec<_>) =
        types.entities.iter().partition(|it| it.is_extension());
    schema.extend(entities.into_iter().map(of_type));
    let root = entity(&[], ROOT.navigations.iter().copied());
    schema.insert(ROOT.name.into(), root);
    for (of, it) in types.actions() {
        let overloads = schema.entry(it.name).or_insert_with(|| json!([]));
        if let Some(overloads) = overloads.as_array_mut() {
            overloads.push(action(of, it));
        }
    }
    let singleton = json!({ "$Type": ROOT.qualified_name() });
    let container = json!({ "$Kind": "EntityContainer", ROOT.name: singleton });
    schema.insert("GraphService".into(), container);
    let references: Members = VOCABULARIES
        .iter()
        .map(|(namespace, alias)| {
            let uri = format!(
                "https://oasis-tcs.github.io/odata-vocabularies/vocabularies/{namespace}.json"
            );
            (uri, json!({ "$Include": [{ "$Namespace": namespace, "$Alias": alias }] }))
        })
        .collect();
    let mut document = json!({
        "$Version": "4.01",
        "$EntityContainer": format!("{NAMESPACE}.GraphService"),
        "$Reference": references,
        NAMESPACE: schema,
    });
    if !extensions.is_empty() {
        document[EXTENSIONS] = extensions.into_iter().map(of_type).collect::<Members>().into();
    }
    document
}

fn enumeration(of: &EnumType) -> Json {
    let mut members = Members::new();
    members.insert("$Kind".into(), "EnumType".into());
    members.extend(of.members.iter().map(|(name, value)| ((*name).into(), (*value).into())));
    Json::Object(members)
}

fn complex(of: &ComplexType) -> Members {
    let mut members = Members::new();
    members.insert("$Kind".into(), "ComplexType".into());
    if let Some(base) = of.base {
        members.insert("$BaseType".into(), base.qualified_name().into());
    }
    if of.is_abstract {
        members.insert("$Abstract".into(), true.into());
    }
    members.extend(of.properties.iter().map(|it| (it.name.into(), property(it))));
    members
}

fn entity(properties: &[Property], navigations: impl Iterator<Item = &'static Navigation>) -> Json {
    let mut members = Members::new();
    members.insert("$Kind".into(), "EntityType".into());
    members.insert("$BaseType".into(), format!("{NAMESPACE}.entity").into());
    let own = properties.iter().filter(|property| property.source != Source::Key);
    members.extend(own.map(|it| (it.name.into(), property(it))));
    members.extend(navigations.map(|it| (it.name.into(), navigation(it))));
    Json::Object(members)
}

fn property(of: &Property) -> Json {
    let mut members = Members::new();
    let item = match of.edm {
        Edm::Strings => Some(Edm::String.name()),
        Edm::Enums(enumeration) => Some(enumeration.qualified_name()),
        Edm::Complexes(complex) => Some(complex.qualified_name()),
        _ => None,
    };
    let many = item.is_some();
    let item = item.unwrap_or_else(|| of.edm.name());
    // A text is what a property is when nothing is said.
    if item != Edm::String.name() {
        members.insert("$Type".into(), item.into());
    }
    if many {
        members.insert("$Collection".into(), true.into());
    }
    // On a collection it speaks of the items, which are never null.
    if of.nullable && !many {
        members.insert("$Nullable".into(), true.into());
    }
    if capabilities::is_computed(of.source) {
        members.insert(format!("@{COMPUTED}"), true.into());
    }
    Json::Object(members)
}

fn navigation(of: &Navigation) -> Json {
    let mut members = Members::new();
    members.insert("$Kind".into(), "NavigationProperty".into());
    members.insert("$Type".into(), of.target.qualified_name().into());
    if of.is_collection() {
        members.insert("$Collection".into(), true.into());
        members.insert("$ContainsTarget".into(), true.into());
    } else {
        members.insert("$Nullable".into(), true.into());
    }
    if of.target.is_extension() {
        members.insert(format!("@{DESCRIPTION}"), EXTENSION.into());
    }
    members.extend(capabilities::of(of).into_iter().map(|annotation| {
        let record: Members = annotation
            .record
            .into_iter()
            .map(|(name, says)| {
                let says = match says {
                    AnnotationValue::Truth(truth) => truth.into(),
                    AnnotationValue::Properties(names) => json!(names),
                    AnnotationValue::Headers(headers) => headers.iter().map(header).collect(),
                };
                (name.into(), says)
            })
            .collect();
        (format!("@{}", annotation.term), Json::Object(record))
    }));
    Json::Object(members)
}

fn header(of: &Header) -> Json {
    json!({ "Name": of.name, "Description": of.description })
}

fn action(of: &EntityType, action: &Action) -> Json {
    let mut bound = json!({ "$Name": "bindingParameter", "$Type": of.qualified_name() });
    if action.binding == Binding::Collection {
        bound["$Collection"] = true.into();
    }
    let mut parameters = vec![bound];
    parameters.extend(action.parameters.iter().map(|parameter| {
        let item = match parameter {
            Parameter::Entities { navigation, .. } => navigation.target.qualified_name(),
            Parameter::Strings { .. } => Edm::String.name(),
        };
        let name = parameter.name();
        json!({ "$Name": name, "$Type": item, "$Collection": true, "$Nullable": true })
    }));
    let mut written = json!({ "$Kind": "Action", "$IsBound": true, "$Parameter": parameters });
    if let Some(item) = action.returned_item() {
        let item = item.qualified_name();
        written["$ReturnType"] = json!({ "$Type": item, "$Collection": true });
    }
    written
}
