//! The table of errors: status, code, headers and log entry of each, in one exhaustive match, so
//! that a new error does not compile without them. The only place that knows which status an error
//! has.

use super::{BodyReason, Error, SignInReason, TwinReason};

/// How an error is answered and logged.
#[derive(Clone, Debug)]
pub struct Row {
    /// The HTTP status.
    pub status: u16,
    /// Graph's `code`.
    pub code: &'static str,
    /// The message that the client reads.
    pub message: String,
    /// The headers that the status asks for.
    pub headers: Vec<(&'static str, String)>,
    /// Further members of the body's `innerError`, each with its name.
    pub details: Vec<(&'static str, Detail)>,
    /// The log entry; `None` where the mistake is the client's alone.
    pub log: Option<Log>,
}

/// A further member of `innerError`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    Text(&'static str),
    Texts(Vec<String>),
}

/// A log entry.
#[derive(Clone, Debug)]
pub struct Log {
    /// How urgent it is.
    pub level: Level,
    /// What happened, the same text for each error of this kind.
    pub event: &'static str,
    /// Why it happened; never sent to a client.
    pub cause: String,
}

/// The level of a log entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The program has to be fixed.
    Error,
    /// The operator should look at the database.
    Warn,
    /// Useful for configuring clients and their tokens.
    Info,
    /// Logged elsewhere already.
    Debug,
}

const INVALID_TOKEN: &str = "InvalidAuthenticationToken";
const INTERNAL: &str = "InternalServerError";
const UNAVAILABLE: &str = "ServiceUnavailable";
/// Seconds after which a client tries again if its tenant is being moved, which takes seconds to minutes.
const MOVING_RETRY_AFTER: u32 = 2;

impl Error {
    /// The row of this error.
    #[must_use]
    pub fn row(&self) -> Row {
        let (status, code, headers, log) = match self {
            Self::SegmentUnknown(_)
            | Self::Malformed(_)
            | Self::TlsMissing(_)
            | Self::BodyUnreadable(_)
            | Self::Url(_)
            | Self::Option(_)
            | Self::Header(_)
            | Self::Json(_)
            | Self::ReferenceMissing
            | Self::Batch(_)
            | Self::OutOfRange
            | Self::TooComplex => (400, "BadRequest", vec![], None),
            Self::Body(reason) => (400, code_of_body(reason), vec![], None),
            Self::SignIn(reason) => row_of_sign_in(reason),
            Self::Twin(reason) => row_of_twin(reason),
            Self::TokenMissing => (401, INVALID_TOKEN, bearer(""), None),
            Self::TokenRefused(cause) => {
                let log = Log::new(Level::Info, "token refused", cause);
                (401, INVALID_TOKEN, bearer(", error=\"invalid_token\""), Some(log))
            }
            Self::Throttled { retry_after } => row_of_throttled(retry_after.as_deref()),
            Self::Forbidden { .. } => (403, "Forbidden", vec![], None),
            Self::NotFound => (404, "ResourceNotFound", vec![], None),
            Self::MethodNotAllowed { allow } => {
                (405, "Request_BadRequest", vec![("Allow", allow.clone())], None)
            }
            Self::NotAcceptable(_) => (406, "NotAcceptable", vec![], None),
            Self::RequestTimeout => (408, "RequestTimeout", vec![], None),
            Self::Conflict { .. } => (409, "Conflict", vec![], None),
            Self::PreconditionFailed | Self::EntityExists => {
                (412, "PreconditionFailed", vec![], None)
            }
            Self::BodyTooLarge { .. } => (413, "RequestEntityTooLarge", vec![], None),
            Self::TargetTooLong { .. } => (414, "RequestUriTooLong", vec![], None),
            Self::MediaTypeUnsupported(_)
            | Self::CharsetUnsupported(_)
            | Self::MediaTypeMissing
            | Self::MediaTypeRepeated => (415, "UnsupportedMediaType", vec![], None),
            Self::ContentCoded => {
                (415, "UnsupportedMediaType", vec![("Accept-Encoding", "identity".into())], None)
            }
            Self::ExpectationFailed => (417, "ExpectationFailed", vec![], None),
            Self::TenantElsewhere { .. } => (421, "MisdirectedRequest", vec![], None),
            Self::IdempotencyKeyReused => (422, "UnprocessableEntity", vec![], None),
            Self::FailedDependency { .. } => (424, "FailedDependency", vec![], None),
            Self::HeadersTooLarge(_) => (431, "RequestHeaderFieldsTooLarge", vec![], None),
            Self::Internal(cause) => {
                let log = Log::new(Level::Error, "request failed", cause);
                (500, INTERNAL, vec![], Some(log))
            }
            Self::Bug(cause) => {
                let log = Log::new(Level::Error, "request failed because of a bug", cause);
                (500, INTERNAL, vec![], Some(log))
            }
            Self::Unavailable { retry_after, cause } => {
                let log = Log::new(Level::Warn, "database failed", cause);
                (503, UNAVAILABLE, retry_in(*retry_after), Some(log))
            }
            Self::RolledBack(cause) => {
                let log = Log::new(Level::Warn, "transaction rolled back", cause);
                (503, UNAVAILABLE, retry_in(1), Some(log))
            }
            Self::TenantMoving { .. } => (503, UNAVAILABLE, retry_in(MOVING_RETRY_AFTER), None),
            Self::Starting => (503, UNAVAILABLE, retry_in(1), None),
            Self::BatchReplyTooLarge { .. } => (507, "InsufficientStorage", vec![], None),
            Self::Logged(error) => return error.row().logged(),
        };
        Row { status, code, message: self.to_string(), headers, details: self.details(), log }
    }

    /// What a client may know besides the text.
    fn details(&self) -> Vec<(&'static str, Detail)> {
        match self {
            Self::Forbidden { accepted, held, .. } => {
                let accepted = accepted.iter().map(|it| (*it).to_owned()).collect();
                let held = Detail::Texts(held.clone());
                vec![("acceptedPermissions", Detail::Texts(accepted)), ("heldPermissions", held)]
            }
            // As Graph's documentation of throttling shows it.
            Self::Throttled { .. } => vec![
                ("code", Detail::Text("429")),
                ("message", Detail::Text("Please retry after")),
                ("status", Detail::Text("429")),
            ],
            _ => Vec::new(),
        }
    }
}

impl Row {
    /// The row of an error whose cause is logged already.
    fn logged(self) -> Self {
        let cause = self.log.map(|log| log.cause).unwrap_or_default();
        Self { log: Some(Log::new(Level::Debug, "failed with others", &cause)), ..self }
    }
}

impl Log {
    /// Whether the log does not have it yet.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.level != Level::Debug
    }

    fn new(level: Level, event: &'static str, cause: &str) -> Self {
        Self { level, event, cause: cause.to_owned() }
    }
}

fn retry_in(seconds: u32) -> Vec<(&'static str, String)> {
    vec![("Retry-After", seconds.to_string())]
}

/// The code of a body that does not fit the model, or that refers to nothing.
fn code_of_body(reason: &BodyReason) -> &'static str {
    match reason.innermost() {
        BodyReason::ReferenceInvalid { .. } | BodyReason::ReferenceMissing { .. } => "BadRequest",
        _ => "ModelValidationFailure",
    }
}

/// The row of a request that is one too many.
fn row_of_throttled(
    retry_after: Option<&str>,
) -> (u16, &'static str, Vec<(&'static str, String)>, Option<Log>) {
    let headers = retry_after.map(|it| ("Retry-After", it.to_owned()));
    (429, "TooManyRequests", headers.into_iter().collect(), None)
}

/// The status and code of a request to sign in.
fn row_of_sign_in(
    reason: &SignInReason,
) -> (u16, &'static str, Vec<(&'static str, String)>, Option<Log>) {
    let code = reason.code().0;
    (if code == "invalid_client" { 401 } else { 400 }, code, vec![], None)
}

/// The status and code of a request to the twin's control API.
fn row_of_twin(
    reason: &TwinReason,
) -> (u16, &'static str, Vec<(&'static str, String)>, Option<Log>) {
    let (status, code) = match reason {
        TwinReason::PathUnknown | TwinReason::Unknown { .. } => (404, "ResourceNotFound"),
        TwinReason::Taken { .. }
        | TwinReason::ClockBack { .. }
        | TwinReason::Full { .. }
        | TwinReason::StaleFull { .. }
        | TwinReason::TooLarge { .. } => (409, "Conflict"),
        TwinReason::QueryUnknown { .. }
        | TwinReason::QueryRepeated { .. }
        | TwinReason::CountTwice
        | TwinReason::BodyNotObject { .. }
        | TwinReason::MemberUnknown { .. }
        | TwinReason::MemberMissing { .. }
        | TwinReason::ContentsUnreadable { .. }
        | TwinReason::Member { .. } => (400, "BadRequest"),
    };
    (status, code, vec![], None)
}

fn bearer(parameters: &str) -> Vec<(&'static str, String)> {
    vec![("WWW-Authenticate", format!("Bearer realm=\"\"{parameters}"))]
}
