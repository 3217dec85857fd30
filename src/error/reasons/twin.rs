//! What is wrong with a request to the control API of the test twin. A `name` is that of a member as the
//! client wrote it, with its place, such as `clock.rate`.

use super::{NAME, cut};

/// What is wrong with a request below `/twin/v1`.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TwinReason {
    #[error("The twin has no resource at this path.")]
    PathUnknown,
    #[error("The query option '{}' is not supported here. {allowed}", cut(name, NAME))]
    QueryUnknown { name: String, allowed: &'static str },
    #[error("The query option '{}' is given more than once.", cut(name, NAME))]
    QueryRepeated { name: String },
    #[error("The request body must be an object, not {found}.")]
    BodyNotObject { found: &'static str },
    #[error("The member '{}' does not exist here. The members are {members}.", cut(name, NAME))]
    MemberUnknown { name: String, members: String },
    #[error("The member '{name}' must be given.")]
    MemberMissing { name: String },
    #[error("The member '{name}' is {}, and must be {expected}.", cut(found, NAME))]
    Member { name: String, found: String, expected: String },
    #[error(
        "The member 'count' has 'exactly' beside 'atLeast' or 'atMost'. Give 'exactly' alone, or leave \
         it out."
    )]
    CountTwice,
    #[error("The contents must be an object with an array for each entity set: {reason}.")]
    ContentsUnreadable { reason: String },
    #[error("There is no {kind} '{}'.", cut(id, NAME))]
    Unknown { kind: &'static str, id: String },
    #[error("A {kind} '{}' exists already; nothing was changed.", cut(id, NAME))]
    Taken { kind: &'static str, id: String },
    #[error("The clock shows {now} and cannot be set back to {to}. Reset the tenant instead.")]
    ClockBack { now: String, to: String },
    #[error("The contents have more than {limit} rows, which is the limit.")]
    TooLarge { limit: i64 },
    #[error("The {place} has {limit} {kind}s already, which is the limit. Delete some.")]
    Full { place: &'static str, kind: &'static str, limit: usize },
    #[error(
        "{limit} tenants have stale reads already, which is the limit. Wait until the stale reads of \
         one of them end, or reset that tenant."
    )]
    StaleFull { limit: usize },
}
