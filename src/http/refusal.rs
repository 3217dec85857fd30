//! A request that is not well-formed HTTP/1, or too large, or too slow, as an error of the service.

use strict_http1::Refusal;

use crate::error::Error;

/// The error of a refused request.
pub(super) fn error(refusal: &Refusal) -> Error {
    match refusal {
        Refusal::Malformed(reason) => Error::Malformed(reason.to_string()),
        Refusal::Timeout => Error::RequestTimeout,
        Refusal::BodyTooLarge { limit } => Error::BodyTooLarge { limit: *limit },
        Refusal::TargetTooLong { limit } => Error::TargetTooLong { limit: *limit },
        Refusal::UnknownExpectation => Error::ExpectationFailed,
        Refusal::HeadersTooLarge(reason) => Error::HeadersTooLarge(reason.to_string()),
    }
}
