//! What can go wrong with a request: one enum, whose `Display` is the message that a client reads.
//! `table` knows the status, the code, the headers and the log entry of each; `respond` knows how
//! the body looks. Texts are those of Graph's own replies, wherever one is known.

mod reasons;
mod table;

pub use reasons::{
    BatchReason, BodyReason, ExpressionReason, ForbiddenReason, FormatReason, HeaderReason,
    ItemReason, JsonFault, JsonReason, LiteralForm, OptionReason, Place, SignInReason,
    SyntaxReason, TwinReason, UrlPart, UrlReason, ValueReason,
};

pub use table::{Detail, Level, Log, Row};

use uuid::Uuid;

/// Every way in which a request can fail.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// No bearer token came with the request.
    #[error("Access token is empty.")]
    TokenMissing,
    /// The token is not valid; the reason is logged, never sent.
    #[error("Access token validation failure.")]
    TokenRefused(String),
    /// The token is valid, but permits less than the request needs.
    #[error(
        "Application is not authorized to perform this operation. {reason} \
         Application must have one of the following scopes: {}",
        accepted.join(", ")
    )]
    Forbidden {
        /// The permissions of which one would have been enough.
        accepted: Vec<&'static str>,
        /// The permissions that the token holds.
        held: Vec<String>,
        /// Why none of them counts.
        reason: ForbiddenReason,
    },
    /// A request to sign in at the local issuer is refused.
    #[error("AADSTS{}: {_0}", _0.code().1)]
    SignIn(Box<SignInReason>),
    /// A request to the control API of the test twin is refused.
    #[error(transparent)]
    Twin(Box<TwinReason>),
    /// The request is not well-formed HTTP/1; the text is that of the HTTP parser.
    #[error("{0}")]
    Malformed(String),
    /// The client does not use TLS on a port for TLS. The text is the base URL that it should use.
    #[error("This port speaks HTTPS only. Use {0}.")]
    TlsMissing(String),
    /// The body cannot be received; the text is that of the HTTP parser.
    #[error("The body cannot be read: {0}.")]
    BodyUnreadable(String),
    /// The URL cannot be decoded, or its path cannot be read.
    #[error(transparent)]
    Url(#[from] UrlReason),
    /// A query option cannot be read, or does not fit the model or the request.
    #[error(transparent)]
    Option(Box<OptionReason>),
    /// A header cannot be read, or does not fit the request.
    #[error(transparent)]
    Header(#[from] HeaderReason),
    /// The body is not JSON.
    #[error("The request body is not valid JSON: {0}.")]
    Json(#[from] Box<JsonFault>),
    /// The body does not fit the model.
    #[error(transparent)]
    Body(Box<BodyReason>),
    /// One of several references in the body names an entity that does not exist. A single one has
    /// [`BodyReason::ReferenceMissing`].
    #[error("An entity that the body names with '@odata.bind' does not exist.")]
    ReferenceMissing,
    /// The envelope of a batch, or one of its requests, cannot be read.
    #[error(transparent)]
    Batch(Box<BatchReason>),
    /// The database found a value out of range while it calculated.
    #[error("A calculation or a value in the request is out of the range of its type.")]
    OutOfRange,
    /// The request is more than the database can plan or run.
    #[error("The request is too complex: remove some of its expressions.")]
    TooComplex,
    /// The path names a resource that the model does not have.
    #[error("Resource not found for the segment '{0}'.")]
    SegmentUnknown(String),
    /// No entity has this key (in this tenant, under this parent).
    #[error("The requested resource does not exist.")]
    NotFound,
    /// The resource exists, but does not have this method.
    #[error("Specified HTTP method is not allowed for the request target.")]
    MethodNotAllowed {
        /// The methods that it has, as an `Allow` header lists them.
        allow: String,
    },
    /// The client accepts none of the formats that the service offers.
    #[error(transparent)]
    NotAcceptable(#[from] FormatReason),
    /// The entity has another `ETag` than the client expects.
    #[error("The entity has changed: its ETag is not the one in the request.")]
    PreconditionFailed,
    /// A write for an entity that must not exist (`If-None-Match: *`) found one.
    #[error(
        "The entity exists already, and nothing was changed. If-None-Match: * asks for an entity \
         that does not exist."
    )]
    EntityExists,
    /// An entity with this key exists already.
    #[error("A {entity_type} with the id '{id}' exists already; nothing was changed.")]
    Conflict {
        /// The entity type.
        entity_type: &'static str,
        /// The key.
        id: String,
    },
    /// The `Idempotency-Key` of a write belongs to another request.
    #[error(
        "The Idempotency-Key was already used with another request: with another path, body or \
         format of the reply."
    )]
    IdempotencyKeyReused,
    /// The client did not send the rest of its request in time.
    #[error("The request did not arrive in time.")]
    RequestTimeout,
    /// The body is larger than `limit` bytes.
    #[error("The request body is larger than the limit of {limit} bytes.")]
    BodyTooLarge {
        /// The largest body that is read, in bytes.
        limit: usize,
    },
    /// The path and the query are longer than `limit` bytes.
    #[error("The URL is longer than the limit of {limit} bytes.")]
    TargetTooLong {
        /// The longest that is read, in bytes.
        limit: usize,
    },
    /// The caller's tenant is served by another server, or was moved to another database.
    #[error("This server does not serve the tenant of the request. Nothing was read or changed.")]
    TenantElsewhere {
        /// The tenant.
        tenant: Uuid,
    },
    /// The caller's tenant is being moved to another database, and cannot be written until it is there.
    #[error(
        "The tenant of the request is being moved to another server, and nothing was changed. Please \
         retry after the time that Retry-After gives."
    )]
    TenantMoving { tenant: Uuid },
    /// The server is starting, and its database is not ready.
    #[error("The server is starting. Please retry after the time that Retry-After gives.")]
    Starting,
    /// The `Expect` header names anything but `100-continue`.
    #[error("The Expect header may only be '100-continue'.")]
    ExpectationFailed,
    /// The headers, chunk extensions or trailers are too many or too long; the text says which.
    #[error("{0}")]
    HeadersTooLarge(String),
    /// A request of a batch was not run, because a request that it depends on has failed.
    #[error("The request was not run, because the request '{id}', on which it depends, failed.")]
    FailedDependency {
        /// The id of the request that failed.
        id: String,
    },
    /// A request of a batch was not run, because the replies before it fill the batch's reply.
    #[error(
        "The request was not run, because the replies of this batch have reached the limit of \
         {limit} bytes. Send it in another batch."
    )]
    BatchReplyTooLarge {
        /// From this size on no further request is run, in bytes.
        limit: usize,
    },
    /// The body has a media type that the service does not read.
    #[error("The Content-Type '{0}' is not supported. Send application/json.")]
    MediaTypeUnsupported(String),
    /// The body is written in a charset that the service does not read.
    #[error("The charset '{0}' is not supported. Send UTF-8, UTF-16 or UTF-32.")]
    CharsetUnsupported(String),
    /// The body has no media type.
    #[error("The Content-Type header is missing. Send application/json.")]
    MediaTypeMissing,
    /// The body has several media types, even if they are equal.
    #[error("The Content-Type header is given more than once. Send it once.")]
    MediaTypeRepeated,
    /// The body is compressed.
    #[error("A Content-Encoding is not supported. Send the body without one.")]
    ContentCoded,
    /// The throttle of a tenant of the test twin refuses the request.
    #[error("Please retry again later.")]
    Throttled {
        /// The value of `Retry-After`; `None` for no header.
        retry_after: Option<String>,
    },
    /// The database cannot answer now; the cause is logged, never sent.
    #[error("The service cannot answer now. Please retry after the time that Retry-After gives.")]
    Unavailable {
        /// Whole seconds after which a client may try again.
        retry_after: u32,
        /// What the database or its driver reported.
        cause: String,
    },
    /// The database rolled a transaction back, because of a deadlock, a conflict of serialization or a new
    /// partition. It can be repeated.
    /// The cause is logged, never sent.
    #[error("The service cannot answer now. Please retry after the time that Retry-After gives.")]
    RolledBack(String),
    /// Something that should work did not; the cause is logged, never sent.
    #[error("The service met an unexpected condition.")]
    Internal(String),
    /// A mistake in this program: a state that the code before should have excluded. The text is
    /// logged, never sent.
    #[error("The service met an unexpected condition.")]
    Bug(&'static str),
    /// A failure that several requests share and whose cause is logged already.
    #[error("{0}")]
    Logged(Box<Self>),
}

/// Functions that call themselves pass errors on, and each call keeps room for one on the stack. So
/// large reasons are boxed.
const _: () = assert!(size_of::<Error>() <= 64);

impl From<OptionReason> for Error {
    fn from(reason: OptionReason) -> Self {
        Self::Option(Box::new(reason))
    }
}

impl From<BodyReason> for Error {
    fn from(reason: BodyReason) -> Self {
        Self::Body(Box::new(reason))
    }
}

impl From<SignInReason> for Error {
    fn from(reason: SignInReason) -> Self {
        Self::SignIn(Box::new(reason))
    }
}

impl From<TwinReason> for Error {
    fn from(reason: TwinReason) -> Self {
        Self::Twin(Box::new(reason))
    }
}

impl From<BatchReason> for Error {
    fn from(reason: BatchReason) -> Self {
        Self::Batch(Box::new(reason))
    }
}

/// The result of every function that can fail a request.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The same error for each request of a shared statement, once its cause is logged.
    #[must_use]
    pub fn shared(&self) -> Self {
        match self.row().log {
            Some(_) => Self::Logged(Box::new(self.clone())),
            None => self.clone(),
        }
    }

    /// Whether the database rolled the transaction back, so that the server can repeat it.
    #[must_use]
    pub fn is_rolled_back(&self) -> bool {
        match self {
            Self::RolledBack(_) => true,
            Self::Logged(error) => error.is_rolled_back(),
            _ => false,
        }
    }

    /// The tenant because of which the database refused the statement, if it is closed there.
    #[must_use]
    pub fn closed_tenant(&self) -> Option<Uuid> {
        match self {
            Self::TenantElsewhere { tenant } | Self::TenantMoving { tenant } => Some(*tenant),
            _ => None,
        }
    }

    /// The same error about an option inside of the expansion of `navigation`.
    #[must_use]
    pub fn in_expand(self, navigation: &str) -> Self {
        match self {
            Self::Option(reason) => reason.in_expand(navigation).into(),
            other => other,
        }
    }

    /// Whether the service cannot answer now, so that the same request may succeed later.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        self.row().status == 503
    }
}
