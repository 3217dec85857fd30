//! What is wrong with a header of a request, and which formats a reply can have.

use super::{NAME, cut};

/// What is wrong with a header.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HeaderReason {
    #[error(
        "The header {name} is not supported on this request. If-Match is honoured on PATCH and \
         DELETE, If-None-Match on GET of one entity, and If-None-Match: * without If-Match on PATCH \
         with Prefer: create-if-missing, of an entity whose id the client may choose."
    )]
    Condition { name: &'static str },
    #[error(
        "The header Idempotency-Key must be given once, with a key of 1 to {limit} printable ASCII \
         characters. A key with a space, comma, semicolon, quotation mark or backslash must stand in \
         quotation marks."
    )]
    IdempotencyKey { limit: usize },
    #[error(
        "The header Idempotency-Key is not supported on this request. It is supported on POST that \
         creates an entity or calls an action that writes. Every other request can be repeated \
         without it."
    )]
    IdempotencyKeyUnsupported,
    #[error(
        "The header Idempotency-Key is not supported on $batch. Give each request of the batch a \
         key of its own, in its headers."
    )]
    IdempotencyKeyOnBatch,
    #[error(
        "The header OData-Version must be 4.0 or 4.01; the request has '{}'.",
        cut(found, NAME)
    )]
    ODataVersion { found: String },
    #[error(
        "The header OData-MaxVersion must be 4.0 or a later version of OData; the request has \
         '{}'. Replies are OData 4.0.",
        cut(found, NAME)
    )]
    ODataMaxVersion { found: String },
}

/// Why no reply has a format that the client accepts.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FormatReason {
    #[error(
        "A supported MIME type could not be found that matches the acceptable MIME types for the \
         request. The request asks for '{asked}'; application/json with odata.metadata=none, \
         minimal or full is supported."
    )]
    NotJson { asked: String },
    #[error(
        "A supported MIME type could not be found that matches the acceptable MIME types for the \
         request. The request asks for '{asked}'; {supported} is supported."
    )]
    MediaType { asked: String, supported: String },
    #[error("$format '{asked}' is not supported. Supported formats are xml and json.")]
    Metadata { asked: String },
}
