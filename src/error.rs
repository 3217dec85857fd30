//! What can go wrong, and what a client is told of it: one enum, one table of status, code and
//! message. Only this room knows which status an error has; how the body looks, `respond` knows.
//! Codes and texts are those that Graph's own replies carry, wherever one is known.

use std::error::Error as Cause;

/// Every way in which a request can fail.
#[derive(Debug)]
pub enum Error {
    /// No bearer token came with the request.
    TokenMissing,
    /// The token does not hold; why is for the log alone.
    TokenRefused(String),
    /// The token holds, but permits less than the request needs.
    Forbidden {
        /// The permissions of which one would have been enough.
        accepted: Vec<&'static str>,
        /// The permissions that the token holds.
        held: Vec<String>,
        /// Why none of them counts.
        reason: &'static str,
    },
    /// The body does not fit the entity type; the text names the property.
    ModelValidation(String),
    /// The path, an option, a header or the body cannot be understood; the text says where.
    BadRequest(String),
    /// The path names a resource that the model does not have.
    SegmentUnknown(String),
    /// No entity has this key (in this tenant, under this parent).
    NotFound,
    /// The resource exists, but not for this verb.
    MethodNotAllowed {
        /// The verbs that it has, as an `Allow` header lists them.
        allow: String,
    },
    /// The client accepts none of the formats that the service speaks.
    NotAcceptable(String),
    /// The entity has another tag than the client says.
    PreconditionFailed,
    /// An entity with this key exists already.
    Conflict(String),
    /// The key of a write that may be retried belongs to another request.
    IdempotencyKeyReused,
    /// The client did not send the rest of its request in time.
    RequestTimeout,
    /// The body is larger than `limit` bytes.
    BodyTooLarge {
        /// The largest body that is read, in bytes.
        limit: usize,
    },
    /// The path and the query are longer than `limit` bytes.
    TargetTooLong {
        /// The longest that is read, in bytes.
        limit: usize,
    },
    /// The client expects something that no request can be given.
    ExpectationFailed,
    /// The headers, or what else surrounds a body, are too many or too long; the text says which.
    HeadersTooLarge(String),
    /// The request of a batch was not carried out, since one that it depends on has failed.
    FailedDependency {
        /// The id of that one.
        id: String,
    },
    /// The request of a batch was not carried out, since the replies before it fill the batch's.
    BatchReplyTooLarge {
        /// From how many bytes on nothing more is carried out.
        limit: usize,
    },
    /// The body is of a media type that the service does not read.
    MediaTypeUnsupported(String),
    /// The body is compressed.
    ContentCoded,
    /// The database cannot answer now; the cause is logged, never sent.
    Unavailable {
        /// Whole seconds after which a client may try again.
        retry_after: u32,
        /// What the database or the driver said.
        cause: Box<dyn Cause + Send + Sync>,
    },
    /// A mistake of ours; the cause is logged, never sent.
    Internal(Box<dyn Cause + Send + Sync>),
    /// A failure whose cause the log has already: several requests share it.
    Logged(Box<Self>),
}

/// What every room returns.
pub type Result<T> = std::result::Result<T, Error>;

const KEY_REUSED: &str = "The header Idempotency-Key has a key that another request was sent with: \
                          its path, its body or the format of its reply was not the same.";
const UNAVAILABLE: &str =
    "The service cannot answer now. Please retry after the time that Retry-After names.";

impl Error {
    /// The row of the table: HTTP status, Graph's `code`, and the message that a client reads.
    #[must_use]
    pub fn describe(&self) -> (u16, &'static str, String) {
        match self {
            Self::TokenMissing => {
                (401, "InvalidAuthenticationToken", "Access token is empty.".into())
            }
            Self::TokenRefused(_) => {
                (401, "InvalidAuthenticationToken", "Access token validation failure.".into())
            }
            Self::Forbidden { accepted, reason, .. } => {
                (403, "Forbidden", forbidden(reason, accepted))
            }
            Self::ModelValidation(text) => (400, "ModelValidationFailure", text.clone()),
            Self::BadRequest(text) => (400, "BadRequest", text.clone()),
            Self::SegmentUnknown(segment) => {
                (400, "BadRequest", format!("Resource not found for the segment '{segment}'."))
            }
            Self::NotFound => {
                (404, "ResourceNotFound", "The requested resource does not exist.".into())
            }
            Self::MethodNotAllowed { .. } => (
                405,
                "Request_BadRequest",
                "Specified HTTP method is not allowed for the request target.".into(),
            ),
            Self::NotAcceptable(text) => (406, "NotAcceptable", text.clone()),
            Self::RequestTimeout => {
                (408, "RequestTimeout", "The request did not arrive in time.".into())
            }
            Self::Conflict(text) => (409, "Conflict", text.clone()),
            Self::PreconditionFailed => (
                412,
                "PreconditionFailed",
                "The entity has changed: it has another ETag than the request says.".into(),
            ),
            Self::BodyTooLarge { limit } => (
                413,
                "RequestEntityTooLarge",
                format!("The request body is larger than the limit of {limit} bytes."),
            ),
            Self::TargetTooLong { limit } => (
                414,
                "RequestUriTooLong",
                format!("The URL is longer than the limit of {limit} bytes."),
            ),
            Self::ExpectationFailed => {
                (417, "ExpectationFailed", "Only '100-continue' can be expected.".into())
            }
            Self::IdempotencyKeyReused => (422, "UnprocessableEntity", KEY_REUSED.into()),
            Self::FailedDependency { id } => (
                424,
                "FailedDependency",
                format!(
                    "The request was not carried out, since '{id}', on which it depends, failed."
                ),
            ),
            Self::HeadersTooLarge(text) => (431, "RequestHeaderFieldsTooLarge", text.clone()),
            Self::BatchReplyTooLarge { limit } => (507, "InsufficientStorage", reply_full(*limit)),
            Self::MediaTypeUnsupported(text) => (415, "UnsupportedMediaType", text.clone()),
            Self::ContentCoded => (
                415,
                "UnsupportedMediaType",
                "A Content-Encoding is not supported. Send the body as it is.".into(),
            ),
            Self::Unavailable { .. } => (503, "ServiceUnavailable", UNAVAILABLE.into()),
            Self::Internal(_) => {
                (500, "InternalServerError", "The service met an unexpected condition.".into())
            }
            Self::Logged(error) => error.describe(),
        }
    }
}

fn reply_full(limit: usize) -> String {
    format!(
        "The request was not carried out, since the replies of this batch have reached {limit} \
         bytes. Send it in another batch."
    )
}

impl Error {
    /// The same failure for each request that shared the statement which failed, once the log has
    /// its cause.
    #[must_use]
    pub fn shared(&self) -> Self {
        let logged = |error| Self::Logged(Box::new(error));
        match self {
            Self::Unavailable { retry_after, cause } => logged(Self::Unavailable {
                retry_after: *retry_after,
                cause: cause.to_string().into(),
            }),
            Self::Logged(error) => error.shared(),
            Self::BadRequest(text) => Self::BadRequest(text.clone()),
            _ => logged(Self::Internal("a statement that others share has failed".into())),
        }
    }
}

fn forbidden(reason: &str, accepted: &[&str]) -> String {
    format!(
        "Application is not authorized to perform this operation. {reason} \
         Application must have one of the following scopes: {}",
        accepted.join(", ")
    )
}
