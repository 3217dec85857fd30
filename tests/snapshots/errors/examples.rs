//! An example of each error, and of each reason that an error can have.

use std::any::type_name;
use std::fmt::Debug;

use runstate::error::{
    BatchReason, BodyReason, Error, ForbiddenReason, FormatReason, HeaderReason, JsonFault,
    JsonReason, OptionReason, SignInReason, TwinReason, UrlPart, UrlReason,
};
use uuid::Uuid;

use super::{batch_reasons, body_reasons, option_reasons, sign_in_reasons, twin_reasons};
use runstate::retention::Address;

/// An error for each variant of an enum.
pub(super) struct Examples {
    /// The name of the enum.
    pub(super) of: &'static str,
    /// The names of the variants.
    pub(super) variants: Vec<String>,
    /// The errors.
    pub(super) errors: Vec<Error>,
}

/// The examples of all enums.
pub(super) fn examples() -> Vec<Examples> {
    let mut examples = vec![
        errors(),
        of(&forbidden_reasons(), |reason| Error::Forbidden {
            accepted: vec!["A.Read.All", "A.ReadWrite.All"],
            held: vec!["B.Read.All".into()],
            reason,
        }),
        of(&format_reasons(), Error::from),
        of(&header_reasons(), Error::from),
        of(&json_reasons(), |reason| json_fault(None, reason).into()),
        of(&url_parts(), |part| UrlReason::Escape { part }.into()),
        of(&url_reasons(), Error::from),
    ];
    examples.extend(option_reasons::examples());
    examples.extend(body_reasons::examples());
    examples.extend(batch_reasons::examples());
    examples.push(sign_in_reasons::examples());
    examples.push(twin_reasons::examples());
    examples
}

/// The examples of one enum, with the error that each variant makes.
pub(super) fn of<Reason: Clone + Debug>(
    reasons: &[Reason],
    error: impl Fn(Reason) -> Error,
) -> Examples {
    Examples {
        of: type_name::<Reason>().rsplit("::").next().unwrap(),
        variants: reasons.iter().map(variant_name).collect(),
        errors: reasons.iter().cloned().map(error).collect(),
    }
}

fn variant_name(value: &impl Debug) -> String {
    format!("{value:?}").chars().take_while(|character| character.is_alphanumeric()).collect()
}

fn errors() -> Examples {
    let unavailable =
        || Error::Unavailable { retry_after: 1, cause: "the database does not answer".into() };
    let errors = [
        Error::Throttled { retry_after: Some("10".into()) },
        Error::TokenMissing,
        Error::TokenRefused("the token has expired".into()),
        Error::Forbidden {
            accepted: vec!["A.Read.All"],
            held: vec!["B.Read.All".into()],
            reason: ForbiddenReason::NoPermission,
        },
        SignInReason::PasswordWrong.into(),
        TwinReason::PathUnknown.into(),
        Error::Malformed("The Host header is missing.".into()),
        Error::TlsMissing("https://localhost:8443".into()),
        Error::BodyUnreadable("payload reached EOF before completing".into()),
        Error::Url(UrlReason::NoRoute),
        OptionReason::NotNames.into(),
        Error::Header(HeaderReason::IdempotencyKeyOnBatch),
        json_fault(Some("runState"), JsonReason::OpenString).into(),
        BodyReason::TypeNotString.into(),
        Error::ReferenceMissing,
        BatchReason::QueryOptions.into(),
        Error::OutOfRange,
        Error::TooComplex,
        Error::SegmentUnknown("nonsense".into()),
        Error::NotFound,
        Error::MethodNotAllowed { allow: "GET, HEAD, OPTIONS".into() },
        Error::NotAcceptable(FormatReason::NotJson { asked: "text/html".into() }),
        Error::PreconditionFailed,
        Error::EntityExists,
        Error::RolledBack("deadlock detected (SQLSTATE 40P01)".into()),
        Error::Conflict { entity_type: "managedDevice", id: "pc".into() },
        Error::IdempotencyKeyReused,
        Error::RequestTimeout,
        Error::BodyTooLarge { limit: 4_194_304 },
        Error::TargetTooLong { limit: 65_534 },
        Error::ExpectationFailed,
        Error::TenantElsewhere { tenant: Uuid::nil() },
        Error::TenantMoving { tenant: Uuid::nil() },
        Error::Starting,
        Error::HeadersTooLarge("The request has more headers than the limit of 64.".into()),
        Error::FailedDependency { id: "1".into() },
        Error::BatchReplyTooLarge { limit: 33_554_432 },
        Error::MediaTypeUnsupported("text/plain".into()),
        Error::CharsetUnsupported("latin1".into()),
        Error::MediaTypeMissing,
        Error::MediaTypeRepeated,
        Error::ContentCoded,
        unavailable(),
        Error::Internal("a reply could not be read".into()),
        Error::Bug("a plan has no statement"),
        Error::Logged(Box::new(unavailable())),
    ];
    of(&errors, |error| error)
}

fn forbidden_reasons() -> [ForbiddenReason; 3] {
    [
        ForbiddenReason::PersonalAccount,
        ForbiddenReason::ApplicationToken,
        ForbiddenReason::NoPermission,
    ]
}

fn format_reasons() -> [FormatReason; 3] {
    [
        FormatReason::NotJson { asked: "text/html".into() },
        FormatReason::MediaType {
            asked: "text/html".into(),
            supported: "application/xml or application/json".into(),
        },
        FormatReason::Metadata { asked: "csv".into() },
    ]
}

fn header_reasons() -> [HeaderReason; 6] {
    [
        HeaderReason::Condition { name: "if-match" },
        HeaderReason::IdempotencyKey { limit: 255 },
        HeaderReason::IdempotencyKeyUnsupported,
        HeaderReason::IdempotencyKeyOnBatch,
        HeaderReason::ODataVersion { found: "3.0".into() },
        HeaderReason::ODataMaxVersion { found: "3.0".into() },
    ]
}

fn json_fault(property: Option<&str>, reason: JsonReason) -> Box<JsonFault> {
    Box::new(JsonFault { property: property.map(str::to_owned), reason, line: 1, column: 2 })
}

fn json_reasons() -> [JsonReason; 12] {
    [
        JsonReason::Unexpected { found: 'N', expected: "a value" },
        JsonReason::End { expected: "a value" },
        JsonReason::OpenString,
        JsonReason::Trailing,
        JsonReason::ControlCharacter { code: 10 },
        JsonReason::Escape { found: '\'' },
        JsonReason::UnicodeEscape,
        JsonReason::LoneSurrogate,
        JsonReason::NumberOutOfRange,
        JsonReason::TooDeep { limit: 32 },
        JsonReason::NameRepeated { name: "runState".into() },
        JsonReason::Charset { charset: "UTF-8" },
    ]
}

fn url_parts() -> [UrlPart; 3] {
    [UrlPart::Path, UrlPart::OptionName, UrlPart::OptionValue { name: "filter".into() }]
}

fn url_reasons() -> [UrlReason; 9] {
    [
        UrlReason::Escape { part: UrlPart::Path },
        UrlReason::NotUtf8 { part: UrlPart::Path },
        UrlReason::TooManySegments { limit: 16 },
        UrlReason::Key { segment: "managedDevices(x)".into() },
        UrlReason::NoRawValue { property: "target" },
        UrlReason::Cast {
            segment: "microsoft.graph.managedDevice".into(),
            of: "microsoft.graph.deviceManagementScript".into(),
        },
        UrlReason::NoRoute,
        UrlReason::PolicyPath { root: Address::ROOT, paths: Address::PATHS },
        UrlReason::Version { found: "v2.0".into(), expected: "beta" },
    ]
}
