//! The fault `status`: an error reply that a rule makes, in the form of Graph or as the page of a
//! gateway.

use crate::error::Result;
use crate::odata::Json;
use crate::twin::limits::{MAX_ADDED_HEADERS, MAX_ERROR_TEXT};
use crate::twin::members::{Members, wrong};

/// The error reply of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusFault {
    /// 400 to 599.
    pub code: u16,
    /// The `code` of Graph's error.
    pub error: String,
    pub message: String,
    /// Besides those that every reply has.
    pub headers: Vec<(String, String)>,
    /// Whether the body is a gateway's page instead.
    pub is_html: bool,
}

const HEADERS: &str = "an object of at most 20 headers, whose names and values a reply can have";

impl StatusFault {
    pub(super) fn read(then: &mut Members) -> Result<Option<Self>> {
        let Some(mut members) = then.object("status")? else { return Ok(None) };
        let code = members.number("code", 400..=599, "a status from 400 to 599")?;
        let error = text(&mut members, "error")?;
        let message = text(&mut members, "message")?;
        let is_html = members.word("body", &[("graph", false), ("html", true)])?;
        let headers = headers(&mut members)?;
        let code = members.given("code", code.and_then(|code| u16::try_from(code).ok()))?;
        members.end()?;
        let (usual_error, usual_message) = usual(code);
        Ok(Some(Self {
            code,
            error: error.unwrap_or_else(|| usual_error.into()),
            message: message.unwrap_or_else(|| usual_message.into()),
            headers,
            is_html: is_html.unwrap_or_default(),
        }))
    }
}

fn text(members: &mut Members, property: &'static str) -> Result<Option<String>> {
    members.value(property, "a text of 1 to 1000 characters", |json| match json {
        Json::String(text) if (1..=MAX_ERROR_TEXT).contains(&text.chars().count()) => {
            Some(text.clone())
        }
        _ => None,
    })
}

fn headers(members: &mut Members) -> Result<Vec<(String, String)>> {
    let Some(json) = members.json("headers") else { return Ok(Vec::new()) };
    let refused = || wrong("then.status.headers", &json, HEADERS);
    let Json::Object(pairs) = &json else { return Err(refused()) };
    if pairs.len() > MAX_ADDED_HEADERS {
        return Err(refused());
    }
    let header = |(name, value): &(String, Json)| match value {
        Json::String(value) if is_name(name) && is_value(value) => {
            Ok((name.clone(), value.clone()))
        }
        _ => Err(refused()),
    };
    pairs.iter().map(header).collect()
}

/// Whether a reply can have the header: the framing and the ids are the server's.
fn is_name(name: &str) -> bool {
    const OWN: [&str; 5] =
        ["content-length", "transfer-encoding", "connection", "request-id", "client-request-id"];
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !name.is_empty()
        && name.bytes().all(is_token)
        && !OWN.iter().any(|own| name.eq_ignore_ascii_case(own))
}

fn is_value(value: &str) -> bool {
    value.len() <= MAX_ERROR_TEXT && value.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// The code and the message that Graph has for a status.
fn usual(status: u16) -> (&'static str, &'static str) {
    match status {
        400 => ("BadRequest", "The request is malformed."),
        401 => ("InvalidAuthenticationToken", "Access token is empty."),
        403 => ("Forbidden", "Insufficient privileges to complete the operation."),
        404 => ("ResourceNotFound", "Resource not found."),
        409 => ("Conflict", "The resource exists already."),
        412 => ("PreconditionFailed", "A precondition failed."),
        429 => ("TooManyRequests", "Please retry again later."),
        501 => ("NotImplemented", "The feature is not implemented."),
        502 => ("BadGateway", "The gateway received an invalid reply."),
        503 => ("ServiceUnavailable", "The service is temporarily unavailable."),
        504 => ("GatewayTimeout", "The gateway received no reply in time."),
        500.. => ("InternalServerError", "The request failed."),
        _ => ("BadRequest", "The request was refused."),
    }
}
