//! An example of each reason for which a request to the control API of the test twin is refused.

use runstate::error::{Error, TwinReason};

use super::examples::{Examples, of};

pub(super) fn examples() -> Examples {
    let reasons = [
        TwinReason::PathUnknown,
        TwinReason::QueryUnknown { name: "$top".into(), allowed: "It is 'name'." },
        TwinReason::QueryRepeated { name: "prefix".into() },
        TwinReason::BodyNotObject { found: "an array" },
        TwinReason::MemberUnknown { name: "clock.speed".into(), members: "now, rate".into() },
        TwinReason::MemberMissing { name: "name".into() },
        TwinReason::Member {
            name: "ttl".into(),
            found: "'soon'".into(),
            expected: "a duration such as PT90S or 90s".into(),
        },
        TwinReason::CountTwice,
        TwinReason::ContentsUnreadable { reason: "EOF while parsing at line 1 column 2".into() },
        TwinReason::Unknown { kind: "tenant", id: "t1".into() },
        TwinReason::Taken { kind: "tenant", id: "t1".into() },
        TwinReason::ClockBack {
            now: "2026-01-31T08:00:00Z".into(),
            to: "2026-01-30T08:00:00Z".into(),
        },
        TwinReason::TooLarge { limit: 1_000_000 },
        TwinReason::Full { place: "twin", kind: "tenant", limit: 2000 },
        TwinReason::StaleFull { limit: 4 },
    ];
    of(&reasons, Error::from)
}
