//! Permissions. The only room that makes [`Permitted`] and [`Authorized`]; the store runs nothing
//! else.

use uuid::Uuid;

use super::{Caller, CallerKind};
use crate::error::{Error, ForbiddenReason, Result};
use crate::model::permission::Profile;
use crate::plan::{Operation, Plan};

/// An operation that a caller may ask for.
#[derive(Debug)]
pub struct Permitted<'a> {
    profile: Profile,
    caller: &'a Caller,
    operation: Operation,
}

/// A plan that a caller may carry out: the operation is permitted, and everything that is read for
/// it besides.
#[derive(Debug)]
pub struct Authorized {
    tenant: Uuid,
    subject: String,
    plan: Plan,
}

/// Permits an operation, or reports the permissions that it needs.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn permit(profile: Profile, caller: &Caller, operation: Operation) -> Result<Permitted<'_>> {
    let permissions = operation.entity_type().permissions;
    check(profile, caller, permissions.accepted(profile, operation.access()))?;
    Ok(Permitted { profile, caller, operation })
}

impl Permitted<'_> {
    /// The operation.
    #[must_use]
    pub fn operation(&self) -> &Operation {
        &self.operation
    }

    /// Authorizes the plan of the operation, or reports the permissions that `$expand`, `$filter` or
    /// `$orderby` need.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Bug`] if the plan is that of another operation.
    pub fn authorize(self, plan: Plan) -> Result<Authorized> {
        let Self { profile, caller, operation } = self;
        if *plan.operation() != operation {
            return Err(Error::Bug("a plan is that of another operation than the permitted one"));
        }
        for (entity_type, access) in plan.reads() {
            check(profile, caller, entity_type.permissions.accepted(profile, *access))?;
        }
        Ok(Authorized { tenant: caller.tenant, subject: caller.subject.clone(), plan })
    }
}

impl Authorized {
    /// The tenant of the caller: the only one whose rows may be touched.
    #[must_use]
    pub fn tenant(&self) -> Uuid {
        self.tenant
    }

    /// The [`Caller::subject`] of the caller, unique in the tenant.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
}

fn check(profile: Profile, caller: &Caller, accepted: &[&'static str]) -> Result<()> {
    match refusal(profile, caller, accepted) {
        None => Ok(()),
        Some(reason) => Err(Error::Forbidden {
            accepted: accepted.to_vec(),
            held: caller.held().to_vec(),
            reason,
        }),
    }
}

fn refusal(profile: Profile, caller: &Caller, accepted: &[&str]) -> Option<ForbiddenReason> {
    let application = matches!(caller.kind, CallerKind::Application { .. });
    // Permissions are compared whole and in their exact case.
    let holds_one = caller.held().iter().any(|held| accepted.contains(&held.as_str()));
    if caller.is_personal() {
        Some(ForbiddenReason::PersonalAccount)
    } else if application && profile == Profile::Seed {
        Some(ForbiddenReason::ApplicationToken)
    } else if !holds_one {
        Some(ForbiddenReason::NoPermission)
    } else {
        None
    }
}
