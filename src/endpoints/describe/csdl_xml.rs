//! `$metadata` as CSDL XML. Knows how the model's types are written as elements; which there are,
//! `types` knows.

use super::capabilities::{
    self, AnnotationValue, COMPUTED, DESCRIPTION, EXTENSION, Header, VOCABULARIES,
};
use super::types;
use crate::model::{
    ALIAS, Action, Binding, ComplexType, EXTENSIONS, Edm, EntityType, EnumType, NAMESPACE,
    Navigation, Parameter, Property, ROOT, Source, Surface,
};

/// An XML element. The names and values of the model need escapes nowhere but here.
struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Element>,
    text: &'static str,
}

/// The whole document.
pub(super) fn document(surface: Surface) -> String {
    let types = types::all(surface);
    let mut schema = element("Schema")
        .with("xmlns", "http://docs.oasis-open.org/odata/ns/edm")
        .with("Namespace", NAMESPACE)
        .with("Alias", ALIAS);
    schema.children.extend(types.enums.iter().map(|it| enumeration(it)));
    schema.children.push(root_entity());
    schema.children.extend(types.complexes.iter().map(|it| complex(it)));
    let of_type =
        |it: &&'static EntityType| entity(it.name, it.properties, surface.navigations(it));
    let (extensions, entities): (Vec<_>, Vec<_>) =
        types.entities.iter().partition(|it| it.is_extension());
    schema.children.extend(entities.into_iter().map(of_type));
    schema.children.push(entity(ROOT.name, &[], ROOT.navigations.iter().copied()));
    schema.children.extend(types.actions().map(|(of, it)| action(of, it)));
    let singleton =
        element("Singleton").with("Name", ROOT.name).with("Type", ROOT.qualified_name());
    schema
        .children
        .push(element("EntityContainer").with("Name", "GraphService").holding(singleton));
    let mut edmx = element("edmx:Edmx")
        .with("xmlns:edmx", "http://docs.oasis-open.org/odata/ns/edmx")
        .with("Version", "4.0");
    edmx.children.extend(VOCABULARIES.iter().map(|(namespace, alias)| {
        let include = element("edmx:Include").with("Namespace", *namespace).with("Alias", *alias);
        let uri =
            format!("https://oasis-tcs.github.io/odata-vocabularies/vocabularies/{namespace}.xml");
        element("edmx:Reference").with("Uri", uri).holding(include)
    }));
    let mut services = element("edmx:DataServices").holding(schema);
    if !extensions.is_empty() {
        let mut schema = element("Schema")
            .with("xmlns", "http://docs.oasis-open.org/odata/ns/edm")
            .with("Namespace", EXTENSIONS);
        schema.children.extend(extensions.into_iter().map(of_type));
        services = services.holding(schema);
    }
    let edmx = edmx.holding(services);
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    edmx.write(0, &mut text);
    text
}

fn enumeration(of: &EnumType) -> Element {
    let mut written = element("EnumType").with("Name", of.name);
    written.children.extend(of.members.iter().map(|(name, value)| {
        element("Member").with("Name", *name).with("Value", value.to_string())
    }));
    written
}

/// What every entity type is derived from.
fn root_entity() -> Element {
    let key = element("Key").holding(element("PropertyRef").with("Name", "id"));
    let id = element("Property").with("Name", "id").with("Type", "Edm.String");
    element("EntityType")
        .with("Name", "entity")
        .with("Abstract", "true")
        .holding(key)
        .holding(id.with("Nullable", "false"))
}

fn complex(of: &ComplexType) -> Element {
    let mut written = element("ComplexType").with("Name", of.name);
    if let Some(base) = of.base {
        written = written.with("BaseType", format!("microsoft.graph.{}", base.name));
    }
    if of.is_abstract {
        written = written.with("Abstract", "true");
    }
    written.children.extend(of.properties.iter().map(property));
    written
}

fn entity(
    name: &str,
    properties: &[Property],
    navigations: impl Iterator<Item = &'static Navigation>,
) -> Element {
    let mut written =
        element("EntityType").with("Name", name).with("BaseType", "microsoft.graph.entity");
    let own = properties.iter().filter(|property| property.source != Source::Key);
    written.children.extend(own.map(property));
    written.children.extend(navigations.map(navigation));
    written
}

fn property(of: &Property) -> Element {
    let mut written = element("Property").with("Name", of.name).with("Type", of.edm.name());
    // On a collection it speaks of the items, which are never null.
    let nullable = match of.edm {
        Edm::Strings | Edm::Complexes(_) | Edm::Enums(_) => false,
        _ => of.nullable,
    };
    if !nullable {
        written = written.with("Nullable", "false");
    }
    if capabilities::is_computed(of.source) {
        written =
            written.holding(element("Annotation").with("Term", COMPUTED).with("Bool", "true"));
    }
    written
}

fn navigation(of: &Navigation) -> Element {
    let target = of.target.qualified_name();
    let many = of.is_collection();
    let written = if many { format!("Collection({target})") } else { target };
    let mut written = element("NavigationProperty").with("Name", of.name).with("Type", written);
    if many {
        written = written.with("ContainsTarget", "true");
    }
    if of.target.is_extension() {
        let description = element("Annotation").with("Term", DESCRIPTION);
        written = written.holding(description.with("String", EXTENSION));
    }
    for annotation in capabilities::of(of) {
        let mut record = element("Record");
        record.children.extend(annotation.record.into_iter().map(|(name, says)| {
            let value = element("PropertyValue").with("Property", name);
            match says {
                AnnotationValue::Truth(truth) => value.with("Bool", truth.to_string()),
                AnnotationValue::Properties(names) => {
                    let mut collection = element("Collection");
                    let paths = names.into_iter();
                    collection
                        .children
                        .extend(paths.map(|text| Element { text, ..element("PropertyPath") }));
                    value.holding(collection)
                }
                AnnotationValue::Headers(headers) => {
                    let mut collection = element("Collection");
                    collection.children.extend(headers.iter().map(header));
                    value.holding(collection)
                }
            }
        }));
        let written_term = element("Annotation").with("Term", annotation.term);
        written = written.holding(written_term.holding(record));
    }
    written
}

fn header(of: &Header) -> Element {
    let pair = |property, text: &'static str| {
        element("PropertyValue").with("Property", property).with("String", text)
    };
    element("Record").holding(pair("Name", of.name)).holding(pair("Description", of.description))
}

fn action(of: &EntityType, action: &Action) -> Element {
    let bound = format!("microsoft.graph.{}", of.name);
    let bound = match action.binding {
        Binding::Entity => bound,
        Binding::Collection => format!("Collection({bound})"),
    };
    let mut written = element("Action").with("Name", action.name).with("IsBound", "true").holding(
        element("Parameter")
            .with("Name", "bindingParameter")
            .with("Type", bound)
            .with("Nullable", "false"),
    );
    written.children.extend(action.parameters.iter().map(|parameter| {
        let of_items = match parameter {
            Parameter::Entities { navigation, .. } => {
                format!("Collection({})", navigation.target.qualified_name())
            }
            Parameter::Strings { .. } => "Collection(Edm.String)".into(),
        };
        element("Parameter").with("Name", parameter.name()).with("Type", of_items)
    }));
    if let Some(item) = action.returned_item() {
        let items = format!("Collection({})", item.qualified_name());
        let returned = element("ReturnType").with("Type", items).with("Nullable", "false");
        written = written.holding(returned);
    }
    written
}

fn element(name: &'static str) -> Element {
    Element { name, attributes: Vec::new(), children: Vec::new(), text: "" }
}

impl Element {
    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    fn holding(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    fn write(&self, depth: usize, out: &mut String) {
        out.push_str(&format!("{:indent$}<{}", "", self.name, indent = depth * 2));
        for (name, value) in &self.attributes {
            out.push_str(&format!(" {name}=\"{}\"", escaped(value)));
        }
        if self.children.is_empty() && self.text.is_empty() {
            out.push_str("/>\n");
            return;
        }
        out.push('>');
        out.push_str(&escaped(self.text));
        if !self.children.is_empty() {
            out.push('\n');
            self.children.iter().for_each(|child| child.write(depth + 1, out));
            out.push_str(&format!("{:indent$}", "", indent = depth * 2));
        }
        out.push_str(&format!("</{}>\n", self.name));
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
