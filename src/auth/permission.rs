//! May the caller do it? The only maker of [`Permitted`], without which nothing runs.

use uuid::Uuid;

use super::{Caller, CallerKind};
use crate::error::{Error, ForbiddenReason, Result};
use crate::model::permission::Profile;
use crate::plan::{Addressed, Plan};

/// Something that a caller may do, who they are, and the tenant in which they may.
#[derive(Debug)]
pub struct Permitted<What> {
    tenant: Uuid,
    caller: String,
    what: What,
}

impl<What> Permitted<What> {
    /// The tenant of the caller: the only one whose rows may be touched.
    #[must_use]
    pub fn tenant(&self) -> Uuid {
        self.tenant
    }

    /// The [`Caller::subject`] of the caller, unique in their tenant.
    #[must_use]
    pub fn caller(&self) -> &str {
        &self.caller
    }

    /// What is permitted.
    #[must_use]
    pub fn what(&self) -> &What {
        &self.what
    }

    /// Says more exactly what is permitted, such as the plan behind an address.
    ///
    /// # Errors
    /// That of `make`.
    pub fn try_map<More>(self, make: impl FnOnce(What) -> Result<More>) -> Result<Permitted<More>> {
        Ok(Permitted { tenant: self.tenant, caller: self.caller, what: make(self.what)? })
    }
}

/// Lets the caller do what is addressed, or says which permissions would be needed.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn permit(
    profile: Profile,
    caller: &Caller,
    addressed: Addressed,
) -> Result<Permitted<Addressed>> {
    let target = addressed.address.target();
    let accepted = target.permissions.accepted(profile, addressed.operation());
    check(profile, caller, accepted)?;
    Ok(Permitted { tenant: caller.tenant, caller: caller.subject.clone(), what: addressed })
}

/// Lets the caller read what the plan reads besides what it addresses, by `$expand` or `$filter`.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn permit_reads(
    profile: Profile,
    caller: &Caller,
    plan: Permitted<Plan>,
) -> Result<Permitted<Plan>> {
    for (entity_type, operation) in &plan.what().touched {
        check(profile, caller, entity_type.permissions.accepted(profile, *operation))?;
    }
    Ok(plan)
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
