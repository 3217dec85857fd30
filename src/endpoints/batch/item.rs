//! An entry of a batch → its request, with a request id of its own. Knows how URLs and bodies are
//! written inside a batch, not what they mean.

use bytes::Bytes;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use uuid::Uuid;

use super::envelope::{Entry, EntryBody, wrong};
use crate::error::{ItemReason, Result};
use crate::headers;
use crate::message::{BatchItem, Headers, MAX_TARGET, Method, Request};
use crate::odata::{Charset, decode_base64};
use crate::route::{self, ProtectedTarget, Target};

/// Characters that a URL outside a batch must percent-encode. `%` begins an escape and stays.
const NOT_IN_URL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// An entry that is ready to be answered.
#[derive(Debug)]
pub(super) struct Item {
    /// The id that the client gave it.
    pub(super) id: String,
    /// The places of the entries that must have succeeded before.
    pub(super) depends_on: Vec<usize>,
    /// Its request.
    pub(super) request: Request,
}

/// The request of an entry, in a batch below the version `root`; and its target, or why it has
/// none.
pub(super) fn prepare(entry: Entry<'_>, batch: &Request, root: &str) -> (Item, Result<Target>) {
    let id = batch.clock.request_id().unwrap_or_else(Uuid::new_v4);
    let headers = headers(&entry, batch);
    let client_id = headers.client_request_id(id).unwrap_or_else(|| batch.client_id.clone());
    let mut request = Request {
        id,
        client_id,
        method: method(&entry.method),
        path: String::new(),
        query: String::new(),
        headers,
        body: Bytes::new(),
        base: batch.base.clone(),
        address: batch.address,
        item: Some(BatchItem { batch: batch.id, id: entry.id.clone() }),
        clock: batch.clock.clone(),
    };
    let target = complete(&mut request, &entry, root);
    (Item { id: entry.id, depends_on: entry.depends_on, request }, target)
}

/// Adds the parts of the request in which the client may have made a mistake.
fn complete(request: &mut Request, entry: &Entry<'_>, root: &str) -> Result<Target> {
    let target = target(&entry.url, &request.base, root);
    let target = target.map_err(|reason| wrong(entry.index, "url", reason))?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let found = Target::of(path);
    if let Target::Protected(Ok(ProtectedTarget::Batch(_))) = found {
        return Err(wrong(entry.index, "url", ItemReason::NestedBatch));
    }
    (request.path, request.query) = (path.to_owned(), query.to_owned());
    if let Some(body) = &entry.body {
        let body = bytes(body, &request.headers);
        request.body = body.map_err(|reason| wrong(entry.index, "body", reason))?;
    }
    Ok(found)
}

/// The entry's own headers, with the `Authorization` of the batch. The replies of entries are parts of
/// one JSON text, so none of them is compressed.
fn headers(entry: &Entry<'_>, batch: &Request) -> Headers {
    let is_of_batch = |name: &str| {
        ["authorization", "accept-encoding"].iter().any(|it| it.eq_ignore_ascii_case(name))
    };
    let own = entry.headers.iter().filter(|(name, _)| !is_of_batch(name));
    let own = own.map(|(name, value)| (name.as_str(), value.as_str()));
    let shared = batch.headers.all("authorization").map(|value| ("authorization", value));
    own.chain(shared).collect()
}

/// The methods of JSON batches.
fn method(name: &str) -> Method {
    match name.to_ascii_uppercase().as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PATCH" => Method::Patch,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        _ => Method::Other,
    }
}

/// The path and query on this host, percent-encoded as outside a batch.
fn target(url: &str, base: &str, root: &str) -> std::result::Result<String, ItemReason> {
    if url.len() > MAX_TARGET {
        return Err(ItemReason::UrlTooLong { limit: MAX_TARGET });
    }
    if url.contains('#') {
        return Err(ItemReason::Fragment);
    }
    let target = match url.split_once("://") {
        Some((scheme, rest)) if is_http(scheme) => on_host(rest, base)?,
        _ => below(root, url),
    };
    Ok(utf8_percent_encode(&target, NOT_IN_URL).to_string())
}

fn is_http(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}

/// The part after the authority, which must be that of the batch. The scheme is not compared:
/// behind a proxy, the client may use another one than the server.
fn on_host(rest: &str, base: &str) -> std::result::Result<String, ItemReason> {
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    let own = base.split_once("://").map_or(base, |(_, own)| own);
    match authority.eq_ignore_ascii_case(own) {
        true if target.starts_with('/') => Ok(target.to_owned()),
        true => Ok(format!("/{target}")),
        false => Err(ItemReason::Host { found: authority.into(), expected: own.into() }),
    }
}

/// A relative URL below the version of the batch, unless it names a version itself.
fn below(root: &str, url: &str) -> String {
    let relative = url.strip_prefix('/').unwrap_or(url);
    let first = relative.split(['/', '?']).next().unwrap_or_default();
    match route::version(first).is_some() {
        true => format!("/{relative}"),
        false => format!("/{root}/{relative}"),
    }
}

/// The bytes of a body, as the request would have had them outside a batch: JSON in the charset
/// that its headers declare. A string stands for bytes in base64, or for itself where the headers
/// declare text.
fn bytes(body: &EntryBody<'_>, headers: &Headers) -> std::result::Result<Bytes, ItemReason> {
    let content_type = headers.all("content-type").next();
    let content_type = content_type.ok_or(ItemReason::ContentTypeMissing)?;
    match body {
        EntryBody::Json(written) => {
            // What does not declare JSON is refused when the request is answered.
            let charset = headers::json_charset(headers).unwrap_or(Charset::Utf8);
            Ok(charset.encode(written).into())
        }
        EntryBody::String(text) if content_type.to_ascii_lowercase().starts_with("text/") => {
            Ok(text.clone().into())
        }
        EntryBody::String(base64) => {
            decode_base64(base64).map(Bytes::from).ok_or(ItemReason::NotBase64)
        }
    }
}
