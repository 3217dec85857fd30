//! A request in the words in which rules, the throttle and assertions speak of it. Knows no rule.

use bytes::Bytes;
use serde::Serialize;

use super::glob::matches_path;
use super::members::{Words, name_of};
use crate::message::{Headers, Method};

/// What a request does, in the words of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    List,
    Get,
    Create,
    Update,
    Delete,
    Count,
    Action,
}

impl Verb {
    /// All of them, with their names in the control API.
    pub(super) const NAMES: Words<Self> = &[
        ("list", Self::List),
        ("get", Self::Get),
        ("create", Self::Create),
        ("update", Self::Update),
        ("delete", Self::Delete),
        ("count", Self::Count),
        ("action", Self::Action),
    ];

    /// Its name in the control API.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_of(self, Self::NAMES)
    }
}

/// Who sent a request.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Sender {
    /// The object id of the user, if there is one.
    pub user: Option<String>,
    /// The id of the application, if the token names one.
    pub application: Option<String>,
    /// The scopes or roles of the token.
    pub permissions: Vec<String>,
}

/// The place of a request in a batch.
#[derive(Clone, Debug)]
pub struct ItemPlace {
    /// The number of the batch in the record.
    pub batch: u64,
    /// The id that the client gave the item.
    pub item: String,
}

/// A request whose caller is known.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: Method,
    /// The canonical path: `/beta/deviceManagement/deviceManagementScripts/{id}/deviceRunStates`
    /// whatever the client wrote; the path as it was sent, decoded, where it names no resource.
    pub path: String,
    /// The type of the entities, if the path names a resource.
    pub entity: Option<&'static str>,
    /// What the request does, if the resource has the method.
    pub verb: Option<Verb>,
    pub sender: Sender,
    /// The headers, without `Authorization`.
    pub headers: Headers,
    /// The options of the query, decoded.
    pub query: Vec<(String, String)>,
    /// The beginning of the body.
    pub body: Bytes,
    /// How long the body is, in bytes.
    pub body_length: usize,
    /// Whether a create leaves the choice of the key to the server.
    pub is_key_new: bool,
    /// Where the request is in a batch, if it is.
    pub place: Option<ItemPlace>,
}

impl Call {
    /// Whether the path fits a pattern.
    #[must_use]
    pub fn has_path(&self, pattern: &str) -> bool {
        matches_path(pattern, &self.path)
    }

    /// Whether the request is a write.
    #[must_use]
    pub fn is_write(&self) -> bool {
        self.method != Method::Get
    }

    /// The method as `when.method` has it.
    #[must_use]
    pub fn method_name(&self) -> &'static str {
        method_name(self.method)
    }

    /// The first header of a name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.all(name).next()
    }

    /// The value of an option of the query; `name` is without `$`.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&str> {
        let is_it = |own: &str| own.strip_prefix('$').unwrap_or(own).eq_ignore_ascii_case(name);
        self.query.iter().find(|(own, _)| is_it(own)).map(|(_, value)| value.as_str())
    }
}

/// A method as `when.method` has it.
pub(super) fn method_name(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Other => "OTHER",
        other => other.names(),
    }
}

#[cfg(test)]
impl Call {
    /// A call for tests that do not depend on its content.
    pub(super) fn example(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.into(),
            entity: None,
            verb: None,
            sender: Sender::default(),
            headers: Headers::default(),
            query: Vec::new(),
            body: Bytes::new(),
            body_length: 0,
            is_key_new: true,
            place: None,
        }
    }

    pub(super) fn with_body(self, body: &'static str) -> Self {
        Self { body: body.into(), body_length: body.len(), ..self }
    }

    pub(super) fn with_query(self, pairs: &[(&str, &str)]) -> Self {
        let query = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Self { query, ..self }
    }

    pub(super) fn with_headers(self, pairs: &[(&str, &str)]) -> Self {
        Self { headers: pairs.iter().copied().collect(), ..self }
    }
}
