//! The body of a batch → its entries, or the place at which it is wrong. Knows the JSON of the
//! envelope; the bodies of the entries stay the text that they are.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::{Error, Result};
use crate::odata::Json;

/// The most requests that a batch may have.
pub const MAX_REQUESTS: usize = 20;

/// One request of a batch, as it is written.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    /// Its place in the batch.
    pub(super) index: usize,
    /// Its id; an integer has become text.
    pub(super) id: String,
    /// Its verb, in any case.
    pub(super) method: String,
    /// Its URL, relative or absolute.
    pub(super) url: String,
    /// Its own headers.
    pub(super) headers: Vec<(String, String)>,
    /// Its body as JSON text, so that it is read as strictly as a body of its own.
    pub(super) body: Option<&'a str>,
    /// The places of the entries that must have succeeded before, each once.
    pub(super) depends_on: Vec<usize>,
}

/// Reads a batch; null stands for an absent member, as some clients write it.
pub(super) fn read(body: &[u8]) -> Result<Vec<Entry<'_>>> {
    let mut listed = Vec::new();
    let mut entries = Vec::new();
    for (index, json) in requests(body)?.into_iter().enumerate() {
        let (entry, depends_on) = entry(index, json)?;
        listed.push(depends_on);
        entries.push(entry);
    }
    let ids = distinct_ids(&entries)?;
    for (entry, listed) in entries.iter_mut().zip(listed) {
        entry.depends_on = places(entry.index, &ids, listed)?;
    }
    for (entry, raw) in entries.iter_mut().zip(raw_bodies(body)?) {
        entry.body = raw;
    }
    Ok(entries)
}

/// An error in the envelope or in an item, and where it is.
pub(super) fn wrong(index: usize, member: &str, text: impl std::fmt::Display) -> Error {
    Error::BadRequest(format!("requests[{index}].{member}: {text}"))
}

fn requests(body: &[u8]) -> Result<Vec<Json>> {
    let requests = match Json::parse(body)? {
        Json::Object(members) => Members(members).take("requests"),
        other => {
            let kind = other.kind();
            return Err(Error::BadRequest(format!(
                "The body of a batch must be an object with the member 'requests', not {kind}."
            )));
        }
    };
    let bad = |found: String| {
        Error::BadRequest(format!("requests: must be a list of 1 to {MAX_REQUESTS}{found}."))
    };
    match requests {
        Some(Json::Array(list)) if (1..=MAX_REQUESTS).contains(&list.len()) => Ok(list),
        Some(Json::Array(list)) => Err(bad(format!(" requests, not of {}", list.len()))),
        Some(other) => Err(bad(format!(" requests, not {}", other.kind()))),
        None => Err(bad(" requests, and is missing".into())),
    }
}

/// One entry without its body, and the ids that it depends on.
fn entry(index: usize, json: Json) -> Result<(Entry<'static>, Vec<String>)> {
    let Json::Object(members) = json else {
        return Err(Error::BadRequest(format!(
            "requests[{index}]: must be an object, not {}.",
            json.kind()
        )));
    };
    let mut members = Members(members);
    if members.take("atomicityGroup").is_some() {
        return Err(wrong(
            index,
            "atomicityGroup",
            "is not supported: every request of a batch is carried out on its own.",
        ));
    }
    let given = members.take("id").ok_or_else(|| wrong(index, "id", "is missing."))?;
    let id = id(given).map_err(|text| wrong(index, "id", text))?;
    let headers = headers(index, members.take("headers"))?;
    let listed = match members.take("dependsOn") {
        None => Vec::new(),
        Some(Json::Array(ids)) => {
            ids.into_iter().map(|it| id_of_dependency(index, it)).collect::<Result<_>>()?
        }
        Some(other) => {
            let text = format!("must be a list of ids, not {}.", other.kind());
            return Err(wrong(index, "dependsOn", text));
        }
    };
    let method = members.text(index, "method")?;
    let url = members.text(index, "url")?;
    let entry = Entry { index, id, method, url, headers, body: None, depends_on: Vec::new() };
    Ok((entry, listed))
}

fn id(json: Json) -> std::result::Result<String, String> {
    match json {
        Json::String(text) if text.is_empty() => Err("must not be empty.".into()),
        Json::String(text) => Ok(text),
        Json::Integer(number) => Ok(number.to_string()),
        other => Err(format!("must be a string or an integer, not {}.", other.kind())),
    }
}

fn id_of_dependency(index: usize, json: Json) -> Result<String> {
    id(json).map_err(|text| wrong(index, "dependsOn", format!("each id {text}")))
}

fn headers(index: usize, json: Option<Json>) -> Result<Vec<(String, String)>> {
    let members = match json {
        None => return Ok(Vec::new()),
        Some(Json::Object(members)) => members,
        Some(other) => {
            let text = format!("must be an object, not {}.", other.kind());
            return Err(wrong(index, "headers", text));
        }
    };
    let text = |(name, value)| match value {
        Json::String(value) => Ok((name, value)),
        other => {
            let text = format!("the value of '{name}' must be a string, not {}.", other.kind());
            Err(wrong(index, "headers", text))
        }
    };
    members.into_iter().map(text).collect()
}

/// The ids in the one case in which they are compared.
fn distinct_ids(entries: &[Entry<'_>]) -> Result<Vec<String>> {
    let mut ids: Vec<String> = Vec::new();
    for entry in entries {
        let id = entry.id.to_lowercase();
        if let Some(other) = ids.iter().position(|known| *known == id) {
            let text = format!(
                "'{}' is the id of requests[{other}] already; case makes no difference.",
                entry.id
            );
            return Err(wrong(entry.index, "id", text));
        }
        ids.push(id);
    }
    Ok(ids)
}

/// The places that belong to the ids which an entry depends on.
fn places(index: usize, ids: &[String], listed: Vec<String>) -> Result<Vec<usize>> {
    let mut places = Vec::new();
    for id in listed {
        let place = ids.iter().position(|known| *known == id.to_lowercase());
        let unknown = || wrong(index, "dependsOn", format!("no request has the id '{id}'."));
        let place = place.ok_or_else(unknown)?;
        if place == index {
            return Err(wrong(index, "dependsOn", "a request cannot depend on itself."));
        }
        if !places.contains(&place) {
            places.push(place);
        }
    }
    Ok(places)
}

/// The members of an object.
struct Members(Vec<(String, Json)>);

impl Members {
    fn take(&mut self, name: &str) -> Option<Json> {
        let place = self.0.iter().position(|(own, _)| own == name)?;
        Some(self.0.swap_remove(place).1).filter(|value| *value != Json::Null)
    }

    fn text(&mut self, index: usize, name: &str) -> Result<String> {
        match self.take(name) {
            Some(Json::String(text)) => Ok(text),
            Some(other) => {
                Err(wrong(index, name, format!("must be a string, not {}.", other.kind())))
            }
            None => Err(wrong(index, name, "is missing.")),
        }
    }
}

#[derive(Deserialize)]
struct RawBatch<'a> {
    #[serde(borrow)]
    requests: Vec<RawEntry<'a>>,
}

#[derive(Deserialize)]
struct RawEntry<'a> {
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
}

/// The text of each body. Read after everything else has been found right.
fn raw_bodies(body: &[u8]) -> Result<Vec<Option<&str>>> {
    let batch: RawBatch<'_> = serde_json::from_slice(body).map_err(|error| {
        Error::BadRequest(format!("The request body is not valid JSON: {error}."))
    })?;
    Ok(batch.requests.into_iter().map(|entry| entry.body.map(RawValue::get)).collect())
}
