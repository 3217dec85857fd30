//! The body of a batch → its entries, or the place at which it is wrong. Knows the JSON of the
//! envelope, and reads the names in it in any case. The bodies of the entries stay the text that
//! they are.

use std::collections::HashMap;

use crate::error::{BatchReason, Error, ItemReason, Result};
use crate::odata::{Json, JsonReader};

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
    /// Its body.
    pub(super) body: Option<EntryBody<'a>>,
    /// The places of the entries that must have succeeded before, each once.
    pub(super) depends_on: Vec<usize>,
}

/// The body of an entry.
#[derive(Debug)]
pub(super) enum EntryBody<'a> {
    /// A string, which stands for bytes or for text.
    String(String),
    /// Any other JSON as it is written, so that it is read like a body of its own.
    Json(&'a str),
}

/// Reads a batch; null stands for an absent member, as some clients write it.
pub(super) fn read(text: &str) -> Result<Vec<Entry<'_>>> {
    let mut listed = Vec::new();
    let mut entries = Vec::new();
    for (index, json) in requests(text)?.into_iter().enumerate() {
        let (entry, depends_on) = entry(index, json)?;
        listed.push(depends_on);
        entries.push(entry);
    }
    let ids = distinct_ids(&entries)?;
    for (entry, listed) in entries.iter_mut().zip(listed) {
        entry.depends_on = places(entry.index, &ids, listed)?;
    }
    for (entry, written) in entries.iter_mut().zip(written_bodies(text)?) {
        entry.body = entry.body.take().or(written.map(EntryBody::Json));
    }
    Ok(entries)
}

/// The error for a reason in a member of a request.
pub(super) fn wrong(index: usize, member: &'static str, reason: ItemReason) -> Error {
    BatchReason::Member { index, member, reason }.into()
}

fn requests(text: &str) -> Result<Vec<Json>> {
    let requests = match Json::parse(text)? {
        Json::Object(members) => {
            let alike = |first, second| BatchReason::NamesAlike { first, second };
            Members::new(members, alike)?.take("requests")
        }
        other => return Err(BatchReason::NotObject { found: other.kind() }.into()),
    };
    let limit = MAX_REQUESTS;
    Err(match requests {
        Some(Json::Array(list)) if (1..=limit).contains(&list.len()) => return Ok(list),
        Some(Json::Array(list)) => BatchReason::Count { limit, count: list.len() },
        Some(other) => BatchReason::NotList { limit, found: other.kind() },
        None => BatchReason::NoRequests { limit },
    }
    .into())
}

/// One entry, with its body if that is a string, and the ids that it depends on.
fn entry(index: usize, json: Json) -> Result<(Entry<'static>, Vec<String>)> {
    let Json::Object(members) = json else {
        return Err(BatchReason::RequestNotObject { index, found: json.kind() }.into());
    };
    let alike = |first, second| BatchReason::RequestNamesAlike { index, first, second };
    let mut members = Members::new(members, alike)?;
    if members.take("atomicityGroup").is_some() {
        return Err(wrong(index, "atomicityGroup", ItemReason::AtomicityGroup));
    }
    let given = members.take("id").ok_or_else(|| wrong(index, "id", ItemReason::Missing))?;
    let id = id(given).map_err(|reason| wrong(index, "id", reason))?;
    let headers = headers(index, members.take("headers"))?;
    let listed = match members.take("dependsOn") {
        None => Vec::new(),
        Some(Json::Array(ids)) => {
            ids.into_iter().map(|it| id_of_dependency(index, it)).collect::<Result<_>>()?
        }
        Some(other) => {
            return Err(wrong(index, "dependsOn", kind("a list of ids", &other)));
        }
    };
    let method = members.text(index, "method")?;
    let url = members.text(index, "url")?;
    let body = match members.take("body") {
        Some(Json::String(string)) => Some(EntryBody::String(string)),
        _ => None,
    };
    let entry = Entry { index, id, method, url, headers, body, depends_on: Vec::new() };
    Ok((entry, listed))
}

fn kind(expected: &'static str, found: &Json) -> ItemReason {
    ItemReason::Kind { expected, found: found.kind() }
}

fn id(json: Json) -> std::result::Result<String, ItemReason> {
    match json {
        Json::String(text) if text.is_empty() => Err(ItemReason::Empty),
        Json::String(text) => Ok(text),
        Json::Integer(number) => Ok(number.to_string()),
        other => Err(kind("a string or an integer", &other)),
    }
}

fn id_of_dependency(index: usize, json: Json) -> Result<String> {
    id(json).map_err(|reason| wrong(index, "dependsOn", ItemReason::EachId(Box::new(reason))))
}

fn headers(index: usize, json: Option<Json>) -> Result<Vec<(String, String)>> {
    let members = match json {
        None => return Ok(Vec::new()),
        Some(Json::Object(members)) => members,
        Some(other) => return Err(wrong(index, "headers", kind("an object", &other))),
    };
    let text = |(name, value)| match value {
        Json::String(value) => Ok((name, value)),
        other => {
            let reason = ItemReason::HeaderValue { name, found: other.kind() };
            Err(wrong(index, "headers", reason))
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
            let reason = ItemReason::IdRepeated { id: entry.id.clone(), other };
            return Err(wrong(entry.index, "id", reason));
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
        let unknown = || wrong(index, "dependsOn", ItemReason::IdUnknown { id });
        let place = place.ok_or_else(unknown)?;
        if place == index {
            return Err(wrong(index, "dependsOn", ItemReason::DependsOnItself));
        }
        if !places.contains(&place) {
            places.push(place);
        }
    }
    Ok(places)
}

/// The members of an object, no two of whose names differ only in case.
struct Members(Vec<(String, Json)>);

impl Members {
    fn new(
        members: Vec<(String, Json)>,
        alike: impl Fn(String, String) -> BatchReason,
    ) -> Result<Self> {
        let mut names: HashMap<String, &str> = HashMap::new();
        for (name, _) in &members {
            if let Some(first) = names.insert(name.to_ascii_lowercase(), name) {
                return Err(alike(first.to_owned(), name.clone()).into());
            }
        }
        Ok(Self(members))
    }

    fn take(&mut self, name: &str) -> Option<Json> {
        let place = self.0.iter().position(|(own, _)| own.eq_ignore_ascii_case(name))?;
        Some(self.0.swap_remove(place).1).filter(|value| *value != Json::Null)
    }

    fn text(&mut self, index: usize, name: &'static str) -> Result<String> {
        match self.take(name) {
            Some(Json::String(text)) => Ok(text),
            Some(other) => Err(wrong(index, name, kind("a string", &other))),
            None => Err(wrong(index, name, ItemReason::Missing)),
        }
    }
}

/// The text of each body that is not null. Read after everything else has been found right.
fn written_bodies(text: &str) -> Result<Vec<Option<&str>>> {
    let mut bodies = Vec::new();
    let mut reader = JsonReader::new(text);
    reader.object(|reader, name| {
        if !name.eq_ignore_ascii_case("requests") {
            return reader.written().map(drop);
        }
        reader.array(|reader| {
            let mut body = None;
            reader.object(|reader, name| {
                let written = reader.written()?;
                if name.eq_ignore_ascii_case("body") && written != "null" {
                    body = Some(written);
                }
                Ok(())
            })?;
            bodies.push(body);
            Ok(())
        })
    })?;
    Ok(bodies)
}
