//! What can be asked of a collection, in the terms of OData's vocabulary of capabilities. What is not
//! said here works, as the vocabulary has it.

use crate::model::{Edm, EntityType, Key, Navigation, Source};

/// The vocabularies that annotations are of: namespace and alias.
pub(super) const VOCABULARIES: &[(&str, &str)] =
    &[("Org.OData.Core.V1", "Core"), ("Org.OData.Capabilities.V1", "Capabilities")];

/// The term that says that the server sets a property.
pub(super) const COMPUTED: &str = "Org.OData.Core.V1.Computed";

/// The term of a description.
pub(super) const DESCRIPTION: &str = "Org.OData.Core.V1.Description";

/// The description of a navigation that Graph does not have.
pub(super) const EXTENSION: &str = "Not part of Microsoft Graph.";

/// A request header that may come.
pub(super) struct Header {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
}

/// The header by which the retry of a write is known.
pub(super) const IDEMPOTENCY_KEY: Header = Header {
    name: "Idempotency-Key",
    description: "A retry with the same key and the same body gets the first reply, for a day.",
};

/// What `Prefer` does for an update of an entity whose key the client may choose.
pub(super) const CREATE_IF_MISSING: &str =
    "create-if-missing: an entity that does not exist is created.";

/// A record that annotates a navigation.
pub(super) struct Annotation {
    /// The term's qualified name.
    pub(super) term: String,
    /// The record's properties.
    pub(super) record: Vec<(&'static str, AnnotationValue)>,
}

/// What a property of such a record is.
pub(super) enum AnnotationValue {
    Truth(bool),
    Properties(Vec<&'static str>),
    Headers(&'static [Header]),
}

/// Whether the server alone sets the property.
pub(super) fn is_computed(source: Source) -> bool {
    matches!(source, Source::Created | Source::Modified)
}

/// What a contained collection can and cannot; nothing of what leads to one entity.
pub(super) fn of(navigation: &Navigation) -> Vec<Annotation> {
    if !navigation.is_collection() {
        return Vec::new();
    }
    let target = navigation.target;
    let expandable = !target.navigations.is_empty();
    let (insert, update) = match navigation.is_writable() {
        true => (
            vec![("CustomHeaders", AnnotationValue::Headers(&[IDEMPOTENCY_KEY]))],
            vec![("Upsertable", AnnotationValue::Truth(target.key == Key::Client))],
        ),
        false => (
            vec![("Insertable", AnnotationValue::Truth(false))],
            vec![("Updatable", AnnotationValue::Truth(false))],
        ),
    };
    let mut annotations = vec![
        annotation("CountRestrictions", vec![("Countable", AnnotationValue::Truth(true))]),
        annotation("ExpandRestrictions", vec![("Expandable", AnnotationValue::Truth(expandable))]),
        annotation(
            "FilterRestrictions",
            without("Filterable", "NonFilterableProperties", names(target, is_not_filterable)),
        ),
        annotation("InsertRestrictions", insert),
        annotation("SearchRestrictions", vec![("Searchable", AnnotationValue::Truth(false))]),
        annotation(
            "SortRestrictions",
            without("Sortable", "NonSortableProperties", names(target, is_not_sortable)),
        ),
        annotation("UpdateRestrictions", update),
    ];
    if !navigation.is_writable() {
        let delete = vec![("Deletable", AnnotationValue::Truth(false))];
        annotations.insert(1, annotation("DeleteRestrictions", delete));
    }
    annotations
}

/// The names of the properties whose types can be sorted by.
pub(super) fn sortable(entity: &EntityType) -> Vec<&'static str> {
    names(entity, |edm| !is_not_sortable(edm))
}

fn annotation(term: &str, record: Vec<(&'static str, AnnotationValue)>) -> Annotation {
    Annotation { term: format!("Org.OData.Capabilities.V1.{term}"), record }
}

fn without(
    can: &'static str,
    but: &'static str,
    names: Vec<&'static str>,
) -> Vec<(&'static str, AnnotationValue)> {
    let mut record = vec![(can, AnnotationValue::Truth(true))];
    if !names.is_empty() {
        record.push((but, AnnotationValue::Properties(names)));
    }
    record
}

fn names(entity: &EntityType, which: impl Fn(Edm) -> bool) -> Vec<&'static str> {
    let chosen = entity.properties.iter().filter(|property| which(property.edm));
    chosen.map(|property| property.name).collect()
}

fn is_not_filterable(edm: Edm) -> bool {
    matches!(edm, Edm::Binary | Edm::Enums(_) | Edm::Complexes(_))
}

fn is_not_sortable(edm: Edm) -> bool {
    matches!(edm, Edm::Binary | Edm::Strings | Edm::Enums(_) | Edm::Complex(_) | Edm::Complexes(_))
}
