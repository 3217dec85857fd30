//! Replies as faults change them, and what the record keeps of a reply.

use std::borrow::Cow;

use bytes::Bytes;

use super::is_whole;
use crate::message::{Body, Delivery, Request, Response};
use crate::odata::Json;
use crate::respond;
use crate::twin::{Cut, Ending, Fault, Quirk, StatusFault, rewrite};

/// The page of a gateway.
const PAGE: &str = "<html>\r\n<head><title>{}</title></head>\r\n<body>\r\n<center><h1>{}</h1>\
                    </center>\r\n</body>\r\n</html>\r\n";

/// The error that a rule makes.
pub(super) fn status(request: &Request, fault: &StatusFault) -> Response {
    let StatusFault { code, error, message, headers, is_html } = fault;
    let mut response = respond::made_error(request, *code, error, message);
    if *is_html {
        let page = PAGE.replace("{}", &format!("{code} {message}"));
        response.headers = vec![("Content-Type".into(), "text/html".into())];
        response.body = page.into();
    }
    for (name, value) in headers {
        response.headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        response.headers.push((Cow::Owned(name.clone()), value.clone()));
    }
    response
}

/// No reply, since the connection is reset. Metrics count the status, which nobody is sent.
pub(super) fn refused() -> Response {
    let body = Body::Broken(Bytes::new(), Delivery::Refuse);
    Response { status: 503, headers: Vec::new(), body }
}

/// The same reply, of which not everything arrives.
pub(super) fn broken(response: Response, delivery: Delivery) -> Response {
    let body = match response.body {
        Body::Whole(content) => Body::Broken(content, delivery),
        other => other,
    };
    Response { body, ..response }
}

/// The same reply, whose body ends early. One that is no longer than that arrives as a whole.
pub(super) fn cut(response: Response, cut: Cut) -> Response {
    let Body::Whole(content) = &response.body else { return response };
    let bytes = match cut {
        Cut::Bytes(bytes) => bytes,
        Cut::Half => content.len() / 2,
    };
    match bytes < content.len() {
        true => broken(response, Delivery::Cut(bytes)),
        false => response,
    }
}

/// The same reply with other headers or other JSON, as the fault says.
pub(super) fn rewritten(mut response: Response, fault: &Fault) -> Response {
    if *fault == Fault::Quirk(Quirk::NoRetryAfter) {
        response.headers.retain(|(name, _)| name != "Retry-After");
    }
    let is_json = header(&response, "Content-Type").is_some_and(|it| it.contains("json"));
    if let (true, Body::Whole(content)) = (is_json, &response.body)
        && let Some(other) = rewrite(fault, &String::from_utf8_lossy(content))
    {
        response.body = other.into();
    }
    response
}

/// Adds to the ending of a request what its reply says.
pub(super) fn describe(response: &Response, ending: &mut Ending) {
    let is_refused = matches!(response.body, Body::Broken(_, Delivery::Refuse));
    ending.status = Some(response.status).filter(|_| !is_refused);
    ending.retry_after = header(response, "Retry-After").map(str::to_owned);
    ending.delivery = match response.body {
        Body::Broken(_, Delivery::Refuse) => Some("refuse"),
        Body::Broken(_, Delivery::Close) => Some("close"),
        Body::Broken(_, Delivery::Reset) => Some("reset"),
        Body::Broken(_, Delivery::Silence) => Some("timeout"),
        Body::Broken(_, Delivery::Cut(_)) => Some("cut"),
        Body::Broken(_, Delivery::Drip(_)) => Some("drip"),
        Body::Whole(_) | Body::Stream(_) => None,
    };
    if is_whole(response) {
        ending.next_link = next_link(response);
    }
}

fn next_link(response: &Response) -> Option<String> {
    let Body::Whole(content) = &response.body else { return None };
    let text = std::str::from_utf8(content).ok()?;
    if !text.contains("\"@odata.nextLink\"") {
        return None;
    }
    let Ok(Json::Object(members)) = Json::parse(text) else { return None };
    members.into_iter().find_map(|(name, value)| match value {
        Json::String(link) if name == "@odata.nextLink" => Some(link),
        _ => None,
    })
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    let mut headers = response.headers.iter();
    headers.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
