//! The pipeline uses no name of an entity. The names are those in the model: of types, properties,
//! columns, tables, navigations, actions, parameters and members of enumerations. `DEVICE_STATE`,
//! `deviceState` and `device_states` are the same name.

use std::collections::BTreeSet;

use crate::sources::{self, Source};

/// The modules that work for any entity.
const PIPELINE: &[&str] = &[
    "database",
    "endpoints::batch",
    "endpoints::graph",
    "headers",
    "http",
    "odata",
    "plan",
    "respond",
    "route",
    "service",
    "sql",
    "store",
];
/// The fields in the model that name types, tables, navigations and actions. Names of one part
/// count here only: elsewhere, `name` or `id` of a property does not identify an entity.
const NAMING_FIELDS: &[&str] = &["name", "table"];
/// Names in the model that are general words as well.
const GENERAL: &[&str] = &["date_time", "history"];

/// The names in the model, in lower case.
pub(crate) struct Words(BTreeSet<Vec<String>>);

impl Words {
    pub(crate) fn of_model(sources: &[Source]) -> Self {
        let descriptions = sources.iter().filter(|source| {
            source.is_within(&["model"]) && !source.is_within(&["model::vocabulary"])
        });
        let mut words = BTreeSet::new();
        for names in descriptions.map(|source| &source.names) {
            let texts = names.texts.iter().filter(|text| is_name(text)).map(|text| split(text));
            words.extend(texts.filter(|parts| parts.len() > 1));
            let named = names
                .fields
                .iter()
                .filter(|(field, text)| NAMING_FIELDS.contains(&field.as_str()) && is_name(text));
            words.extend(named.map(|(_, text)| split(text)));
        }
        Self(words)
    }

    /// The names of entities that a file of the pipeline uses.
    pub(crate) fn named_in(&self, source: &Source) -> BTreeSet<String> {
        if !source.is_within(PIPELINE) {
            return BTreeSet::new();
        }
        let found = names_in(source).filter_map(|name| self.within(name));
        found.filter(|word| !GENERAL.contains(&word.as_str())).collect()
    }

    /// The longest name of the model that a name is or contains. One of a single part must be the
    /// whole name.
    fn within(&self, name: &str) -> Option<String> {
        let parts = split(name);
        let lengths = (2..=parts.len()).rev();
        let mut held = lengths.flat_map(|length| parts.windows(length));
        let held = held.find(|window| self.0.contains(*window));
        held.or(self.0.get(&parts).map(Vec::as_slice)).map(|word| word.join("_"))
    }
}

/// The identifiers of a file, and the words in its string literals.
fn names_in(source: &Source) -> impl Iterator<Item = &str> {
    let texts = source.names.texts.iter();
    let words = texts.flat_map(|it| it.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    source.names.identifiers.iter().map(String::as_str).chain(words)
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The parts of a name in lower case, the last one in the singular.
fn split(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut was_small = false;
    for character in name.chars() {
        let is_start = character.is_ascii_uppercase() && was_small;
        was_small = character.is_ascii_lowercase() || character.is_ascii_digit();
        match parts.last_mut() {
            _ if character == '_' => parts.push(String::new()),
            Some(part) if !is_start => part.push(character.to_ascii_lowercase()),
            _ => parts.push(character.to_ascii_lowercase().to_string()),
        }
    }
    parts.retain(|part| !part.is_empty());
    if let Some(last) = parts.last_mut().filter(|last| last.ends_with('s')) {
        last.pop();
    }
    parts
}

#[test]
fn no_entity_is_named_in_the_pipeline() {
    let sources = sources::all();
    let words = Words::of_model(sources);
    assert!(words.0.len() > 300, "the model has only {} names", words.0.len());
    let named = sources.iter().flat_map(|source| {
        words.named_in(source).into_iter().map(|word| (source.file.clone(), word))
    });
    let named: BTreeSet<(String, String)> = named.collect();
    assert_eq!(named, BTreeSet::new());
}

#[test]
fn every_general_word_is_used_in_the_model_and_in_the_pipeline() {
    let sources = sources::all();
    let words = Words::of_model(sources);
    for word in GENERAL {
        let parts = split(word);
        assert!(words.0.contains(&parts), "{word} is not a name in the model");
        let mut pipeline = sources.iter().filter(|source| source.is_within(PIPELINE));
        let is_used = pipeline.any(|source| {
            names_in(source).any(|name| words.within(name).as_deref() == Some(*word))
        });
        assert!(is_used, "{word} needs no exemption");
    }
}
