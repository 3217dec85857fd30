//! What is wrong with a batch: with its envelope, or with one of its requests.

use super::{NAME, cut};

/// What is wrong with a batch.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BatchReason {
    #[error("$batch has no query options. Put them into the requests of the batch.")]
    QueryOptions,
    #[error("The body of a batch must be an object with the member 'requests', not {found}.")]
    NotObject { found: &'static str },
    #[error(
        "The names '{}' and '{}' in the body of the batch differ only in case. Give one of them.",
        cut(first, NAME),
        cut(second, NAME)
    )]
    NamesAlike { first: String, second: String },
    #[error("requests: must be a list of 1 to {limit} requests, but is missing.")]
    NoRequests { limit: usize },
    #[error("requests: must be a list of 1 to {limit} requests, not {found}.")]
    NotList { limit: usize, found: &'static str },
    #[error("requests: must be a list of 1 to {limit} requests, not of {count}.")]
    Count { limit: usize, count: usize },
    #[error("requests[{index}]: must be an object, not {found}.")]
    RequestNotObject { index: usize, found: &'static str },
    #[error(
        "requests[{index}]: the names '{}' and '{}' differ only in case. Give one of them.",
        cut(first, NAME),
        cut(second, NAME)
    )]
    RequestNamesAlike { index: usize, first: String, second: String },
    #[error("requests[{index}].{member}: {reason}")]
    Member { index: usize, member: &'static str, reason: ItemReason },
    #[error("The reply is a stream, which cannot be part of a batch.")]
    StreamedReply,
}

/// What is wrong with a member of a request in a batch.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ItemReason {
    #[error("is missing.")]
    Missing,
    #[error("must not be empty.")]
    Empty,
    #[error("must be {expected}, not {found}.")]
    Kind { expected: &'static str, found: &'static str },
    #[error("each id {0}")]
    EachId(Box<Self>),
    #[error("the value of '{name}' must be a string, not {found}.")]
    HeaderValue { name: String, found: &'static str },
    #[error("is not supported: the requests of a batch are independent of each other.")]
    AtomicityGroup,
    #[error("'{id}' is already the id of requests[{other}]; case makes no difference.")]
    IdRepeated { id: String, other: usize },
    #[error("no request has the id '{id}'.")]
    IdUnknown { id: String },
    #[error("a request cannot depend on itself.")]
    DependsOnItself,
    #[error("the request depends on itself through other requests.")]
    Cycle,
    #[error("is longer than {limit} bytes.")]
    UrlTooLong { limit: usize },
    #[error("has a fragment. Write %23 for a '#' that belongs to the path or the query.")]
    Fragment,
    #[error("'{found}' is not the host of this batch, '{expected}'.")]
    Host { found: String, expected: String },
    #[error("a batch cannot contain another batch.")]
    NestedBatch,
    #[error("needs a Content-Type in the headers of its request.")]
    ContentTypeMissing,
    #[error(
        "is a string that is not base64. Send JSON as an object, bytes in base64, or text with a \
         Content-Type of text."
    )]
    NotBase64,
}
