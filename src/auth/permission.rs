//! Permissions. Only this file makes [`Permitted`] and [`Authorized`]; the store runs nothing else.

use uuid::Uuid;

use super::{Actor, Caller, CallerKind};
use crate::error::{Error, ForbiddenReason, Result};
use crate::message::Request;
use crate::model::permission::{Access, Permissions, Profile, SCRIPT_PERMISSIONS};
use crate::plan::{Operation, Plan};

/// An operation for which a caller has a permission.
#[derive(Debug)]
pub struct Permitted<'a> {
    profile: Profile,
    caller: &'a Caller,
    operation: Operation,
}

/// A plan for which a caller has all permissions: for the operation itself, and for every entity type
/// that `$expand`, `$filter` and `$orderby` read.
#[derive(Debug)]
pub struct Authorized {
    tenant: Uuid,
    subject: String,
    plan: Plan,
    actor: Option<Actor>,
}

/// The policies of retention of a tenant, which a caller may read or also write.
#[derive(Debug)]
pub struct PolicyAccess {
    tenant: Uuid,
    access: Access,
    actor: Actor,
}

/// Checks that the caller may read or write policies of retention: who may read or write scripts.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn permit_policy(
    profile: Profile,
    caller: &Caller,
    request: &Request,
    access: Access,
) -> Result<PolicyAccess> {
    check(profile, caller, &SCRIPT_PERMISSIONS, access)?;
    let actor = Actor::new(caller, request);
    Ok(PolicyAccess { tenant: caller.tenant, access, actor })
}

impl PolicyAccess {
    /// The tenant of the caller.
    #[must_use]
    pub fn tenant(&self) -> Uuid {
        self.tenant
    }

    /// The actor of a change.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Whether policies may be written.
    #[must_use]
    pub fn may_write(&self) -> bool {
        self.access == Access::Write
    }
}

/// Checks that the caller has a permission for the operation.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn permit(profile: Profile, caller: &Caller, operation: Operation) -> Result<Permitted<'_>> {
    check(profile, caller, operation.entity_type().permissions, operation.access())?;
    Ok(Permitted { profile, caller, operation })
}

impl Permitted<'_> {
    #[must_use]
    pub fn operation(&self) -> &Operation {
        &self.operation
    }

    /// Checks that the caller has a permission for every entity type that the plan reads.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Bug`] if the plan belongs to another operation.
    pub fn authorize(self, plan: Plan, request: &Request) -> Result<Authorized> {
        let Self { profile, caller, operation } = self;
        if *plan.operation() != operation {
            return Err(Error::Bug("the plan belongs to another operation than the permitted one"));
        }
        for (entity_type, access) in plan.reads() {
            check(profile, caller, entity_type.permissions, *access)?;
        }
        let is_recorded = !operation.is_read() && operation.entity_type().is_audited;
        let actor = is_recorded.then(|| Actor::new(caller, request));
        Ok(Authorized { tenant: caller.tenant, subject: caller.subject.clone(), plan, actor })
    }
}

impl Authorized {
    /// The tenant of the caller. The plan may read and write the rows of this tenant only.
    #[must_use]
    pub fn tenant(&self) -> Uuid {
        self.tenant
    }

    /// The [`Caller::subject`] of the caller, unique in the tenant.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The actor of the change, if the plan makes one that is recorded.
    #[must_use]
    pub fn actor(&self) -> Option<&Actor> {
        self.actor.as_ref()
    }
}

fn check(
    profile: Profile,
    caller: &Caller,
    permissions: &Permissions,
    access: Access,
) -> Result<()> {
    let is_application = matches!(caller.kind, CallerKind::Application { .. });
    let accepted = permissions.accepted(profile, access, is_application);
    match forbidden_reason(profile, caller, is_application, &accepted) {
        None => Ok(()),
        Some(reason) => {
            Err(Error::Forbidden { accepted, held: caller.permissions().to_vec(), reason })
        }
    }
}

fn forbidden_reason(
    profile: Profile,
    caller: &Caller,
    is_application: bool,
    accepted: &[&str],
) -> Option<ForbiddenReason> {
    // The comparison is case-sensitive, and a prefix is not sufficient.
    let holds_one = caller.permissions().iter().any(|held| accepted.contains(&held.as_str()));
    if caller.is_personal_account() {
        Some(ForbiddenReason::PersonalAccount)
    } else if is_application && profile == Profile::Seed {
        Some(ForbiddenReason::ApplicationToken)
    } else if !holds_one {
        Some(ForbiddenReason::NoPermission)
    } else {
        None
    }
}
