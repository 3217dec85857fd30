//! The OpenAPI document: finds the operation of a request, and validates bodies by its schemas.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use jsonschema::Validator;
use serde_json::Value as Json;

pub(super) struct Document {
    json: Json,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Document {
    pub(super) fn new(json: Json) -> Self {
        Self { json, validators: Mutex::default() }
    }

    /// The operation of a request.
    pub(super) fn operation(&self, method: &str, target: &str) -> Option<&Json> {
        let method = if method == "HEAD" { "get".into() } else { method.to_ascii_lowercase() };
        self.path_item(target)?.get(&method)
    }

    fn path_item(&self, target: &str) -> Option<&Json> {
        let requested = segments(target);
        let paths = self.json["paths"].as_object().unwrap().iter();
        let fitting = paths.filter_map(|(template, item)| {
            let own: Vec<&str> = template[1..].split('/').collect();
            let fits = |(own, requested): (&&str, &String)| {
                own.starts_with('{') || own.eq_ignore_ascii_case(requested)
            };
            let same = own.len() == requested.len() && own.iter().zip(&requested).all(fits);
            same.then(|| (own.iter().filter(|own| !own.starts_with('{')).count(), item))
        });
        fitting.max_by_key(|(literal, _)| *literal).map(|(_, item)| item)
    }

    /// Validates a body by a schema of the document.
    pub(super) fn validate(&self, schema: &Json, body: &Json) -> Result<(), String> {
        let validator = {
            let mut validators = self.validators.lock().unwrap();
            let new = || {
                let mut schema = schema.clone();
                schema["components"] = self.json["components"].clone();
                Arc::new(jsonschema::draft202012::new(&schema).unwrap())
            };
            Arc::clone(validators.entry(schema.to_string()).or_insert_with(new))
        };
        validator.validate(body).map_err(|error| format!("{error} at {}", error.instance_path()))
    }
}

/// The segments of a path. A key in parentheses becomes a segment. Several slashes count as one.
pub(super) fn segments(target: &str) -> Vec<String> {
    let path = target.split('?').next().unwrap_or_default();
    let mut segments = Vec::new();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        let text = decoded(segment);
        let bare = |text: &str| match text.get(..16) {
            Some(start) if start.eq_ignore_ascii_case("microsoft.graph.") => text[16..].to_owned(),
            _ => text.to_owned(),
        };
        let keyed = |key: &str| key.starts_with('\'') || key.starts_with("id=");
        match text.split_once('(').filter(|(_, key)| keyed(key)) {
            Some((name, key)) => segments.extend([bare(name), key.into()]),
            None => segments.push(bare(&text)),
        }
    }
    segments
}

/// A text, percent-decoded.
pub(super) fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}
