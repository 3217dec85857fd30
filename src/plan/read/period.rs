//! `$at`, `$from`, `$to` and `$toInclusive` × a navigation to versions → the condition on a version.

use crate::model::{Navigation, NavigationKind, Versions};
use crate::odata::{Comparison, DateTimeOffset, Period};
use crate::plan::expression::{Condition, Term, TermKind, Type};

/// Versions of an entity by the time when they were valid.
#[derive(Debug)]
pub struct ValidVersions {
    /// Where the versions are.
    pub versions: &'static Versions,
    /// The condition on the properties of a version.
    pub condition: Condition,
}

impl ValidVersions {
    /// The versions of a period; `None` if the navigation leads to no versions, or the period is empty
    /// of options.
    pub(in crate::plan) fn of(navigation: &'static Navigation, period: Period) -> Option<Self> {
        let NavigationKind::Versions(versions) = navigation.kind else { return None };
        let time = |name| {
            let property = navigation.target.property(name)?;
            Some(Term::property(navigation.target, property, Type::Instant))
        };
        let compare = |name, comparison, at: DateTimeOffset| {
            let at = Term { of: Type::Instant, kind: TermKind::Ticks(at.ticks, at.offset) };
            Some(Condition::Compare(comparison, time(name)?, at))
        };
        let begins = |comparison, at| compare(versions.start, comparison, at);
        let ends_after = |at| {
            let is_current = Condition::IsNull(time(versions.end)?);
            let ended_after = compare(versions.end, Comparison::Gt, at)?;
            Some(Condition::Or(vec![is_current, ended_after]))
        };
        let parts = [
            period.at.and_then(|at| begins(Comparison::Le, at)),
            period.to.and_then(|at| begins(Comparison::Lt, at)),
            period.to_inclusive.and_then(|at| begins(Comparison::Le, at)),
            period.at.or(period.from).and_then(ends_after),
        ];
        let parts: Vec<Condition> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then_some(Self { versions, condition: Condition::And(parts) })
    }
}
