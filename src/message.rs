//! A request and a response as plain data, for `http`, `$batch` and tests alike. Knows no web
//! framework.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::time::Duration;
use std::{fmt, io};

use bytes::Bytes;
use futures_core::Stream;
use uuid::Uuid;

use crate::clock::Clock;

/// The longest path and query of a request together, in bytes, also inside a batch.
pub const MAX_TARGET: usize = 65_534;

/// How long a connection whose reply is lost in silence stays open.
pub const LOST_REPLY_TIMEOUT: Duration = Duration::from_secs(300);

/// The longest `client-request-id` that a reply returns, in characters.
const MAX_CLIENT_ID: usize = 64;

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Read an entity or a collection.
    Get,
    /// Create an entity, or call an action.
    Post,
    /// Change the properties that the body names.
    Patch,
    /// Replace something as a whole. No entity has this method.
    Put,
    /// Remove an entity and what it contains.
    Delete,
    /// Ask for the methods of a path.
    Options,
    /// Any other method, which no resource of this service has.
    Other,
}

impl Method {
    /// The methods that resources have, in the order of an `Allow` header.
    pub const ALL: [Self; 5] = [Self::Get, Self::Post, Self::Patch, Self::Put, Self::Delete];

    /// The names by which a request asks for it; HEAD is a GET without the body of the reply.
    #[must_use]
    pub fn names(self) -> &'static str {
        match self {
            Self::Get => "GET, HEAD",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Other => "",
        }
    }
}

/// One request, from a connection or from a batch.
#[derive(Clone, Debug)]
pub struct Request {
    /// The `request-id` of the reply, made by the server.
    pub id: Uuid,
    /// The `client-request-id` of the reply: the one of the client, else [`Request::id`].
    pub client_id: String,
    /// The method.
    pub method: Method,
    /// The path, still percent-encoded, with its leading `/`.
    pub path: String,
    /// The query after the `?`, still percent-encoded; empty if there is none.
    pub query: String,
    /// All headers, repeated ones included.
    pub headers: Headers,
    /// The body, already bounded in size.
    pub body: Bytes,
    /// Scheme and authority on which the client reached the server, such as
    /// `http://localhost:8080`; links in replies start with it. No trailing slash.
    pub base: String,
    /// The address from which the request came: of the client, or of a proxy.
    pub address: IpAddr,
    /// Where the request is in a batch, if it is.
    pub item: Option<BatchItem>,
    /// The time of the request, and the ids that the server makes for it.
    pub clock: Clock,
}

/// The place of a request in a batch.
#[derive(Clone, Debug)]
pub struct BatchItem {
    /// The [`Request::id`] of the batch.
    pub batch: Uuid,
    /// The id that the client gave the item.
    pub id: String,
}

/// The address of requests that came from no connection.
pub const NO_ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

#[cfg(test)]
impl Request {
    /// A request for tests that do not depend on its content.
    pub(crate) fn example() -> Self {
        Self {
            id: Uuid::nil(),
            client_id: "client".into(),
            method: Method::Get,
            path: "/".into(),
            query: String::new(),
            headers: Headers::default(),
            body: Bytes::new(),
            base: String::new(),
            address: NO_ADDRESS,
            item: None,
            clock: Clock::Real,
        }
    }
}

/// Header names (in lower case) and values, in the order of the request.
#[derive(Clone, Debug, Default)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// The value of a header that the request has exactly once; `name` is in lower case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.all(name);
        values.next().filter(|_| values.next().is_none())
    }

    /// All names, in lower case, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Every value of a header; `name` is in lower case.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The `client-request-id` of the reply: what the client sent, if it is a plain id, else the id
    /// of the request, so that no other text of a client reaches a header, a body or a log.
    /// `None` where the client sent none.
    #[must_use]
    pub fn client_request_id(&self, request: Uuid) -> Option<String> {
        self.all("client-request-id").next()?;
        let plain = self.get("client-request-id").filter(|value| is_plain_id(value));
        Some(plain.map_or_else(|| request.to_string(), str::to_owned))
    }
}

/// Whether a text is a GUID, or consists of letters, digits and `-_.:`.
fn is_plain_id(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    let is_short = (1..=MAX_CLIENT_ID).contains(&text.len());
    is_short && (text.bytes().all(is_plain) || Uuid::try_parse(text).is_ok())
}

impl<Name: Into<String>, Text: Into<String>> FromIterator<(Name, Text)> for Headers {
    fn from_iter<Pairs: IntoIterator<Item = (Name, Text)>>(pairs: Pairs) -> Self {
        let lower = |name: Name| {
            let mut name = name.into();
            name.make_ascii_lowercase();
            name
        };
        Self(pairs.into_iter().map(|(name, value)| (lower(name), value.into())).collect())
    }
}

/// One reply. The headers that every reply has are added where the reply leaves the service.
#[derive(Debug)]
pub struct Response {
    /// The HTTP status code.
    pub status: u16,
    /// Header names in their usual spelling, and values.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// The body; empty if the status has none.
    pub body: Body,
}

/// The body of a reply.
pub enum Body {
    /// The whole body.
    Whole(Bytes),
    /// Pieces that are sent one after the other. An error closes the connection.
    Stream(BodyStream),
    /// A content of which not everything arrives. Only the test twin makes one.
    Broken(Bytes, Delivery),
}

/// What arrives of a reply that is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Nothing: the connection is reset, and nothing was done.
    Refuse,
    /// Nothing: the connection closes.
    Close,
    /// Nothing: the connection is reset.
    Reset,
    /// Nothing, and the connection stays open for [`LOST_REPLY_TIMEOUT`].
    Silence,
    /// The head, so many bytes of the body, and the end of the connection.
    Cut(usize),
    /// Everything, at so many bytes in a second.
    Drip(u32),
}

/// The pieces of a body.
pub type BodyStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

impl Body {
    /// No body.
    #[must_use]
    pub fn empty() -> Self {
        Self::Whole(Bytes::new())
    }
}

impl<Content: Into<Bytes>> From<Content> for Body {
    fn from(content: Content) -> Self {
        Self::Whole(content.into())
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => formatter.debug_tuple("Whole").field(bytes).finish(),
            Self::Stream(_) => formatter.write_str("Stream"),
            Self::Broken(bytes, delivery) => {
                formatter.debug_tuple("Broken").field(bytes).field(delivery).finish()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Uuid = Uuid::from_u128(1);

    fn returned(values: &[&str]) -> Option<String> {
        let headers: Headers = values.iter().map(|it| ("Client-Request-Id", *it)).collect();
        headers.client_request_id(OWN)
    }

    #[test]
    fn a_plain_client_request_id_is_returned_as_it_was_sent() {
        assert_eq!(returned(&[]), None);
        for id in [
            "0F3C1D7E-0000-4000-8000-000000000001",
            "{0f3c1d7e-0000-4000-8000-000000000001}",
            "0f3c1d7e000040008000000000000001",
            "agent_7.run:12",
            "-",
            &"x".repeat(64),
        ] {
            assert_eq!(returned(&[id]).as_deref(), Some(id));
        }
    }

    #[test]
    fn any_other_client_request_id_is_replaced_by_the_id_of_the_request() {
        let own = OWN.to_string();
        for values in [
            &[""][..],
            &["two words"],
            &["a/b"],
            &["a\"b"],
            &["a\r\nb"],
            &["<b>"],
            &["é"],
            &["{0f3c1d7e-0000-4000-8000-00000000000}"],
            &["{agent}"],
            &[&"x".repeat(65)],
            &["a", "a"],
        ] {
            assert_eq!(returned(values).as_ref(), Some(&own), "{values:?}");
        }
    }
}
