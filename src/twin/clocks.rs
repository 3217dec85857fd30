//! Changes the clocks of tenants: forward only, in the database first and in memory then.

use chrono::{DateTime, SubsecRound, Utc};

use super::Twin;
use super::tenant::Tenant;
use crate::clock::Course;
use crate::error::{Result, TwinReason};
use crate::store::Store;

/// What a clock is to show from now on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NewCourse {
    pub now: DateTime<Utc>,
    /// Virtual seconds in a real one; 0 freezes the clock.
    pub rate: f64,
}

impl Twin {
    /// Changes the clock of a tenant. `change` gets what the clock shows now.
    ///
    /// # Errors
    /// Those of `change`; [`TwinReason::ClockBack`]; if the database fails.
    pub async fn change_clock(
        &self,
        store: &Store,
        tenant: &Tenant,
        change: impl FnOnce(NewCourse) -> Result<NewCourse>,
    ) -> Result<()> {
        let _control = tenant.control().await?;
        let before = tenant.clock.course();
        let since = Utc::now().trunc_subsecs(6);
        let now = before.map_or(since, |course| course.at_real(since));
        let rate = before.map_or(1.0, |course| course.rate);
        let changed = change(NewCourse { now, rate })?;
        if changed.now < now {
            let (now, to) = (now.to_rfc3339(), changed.now.to_rfc3339());
            return Err(TwinReason::ClockBack { now, to }.into());
        }
        let course = Course { at: changed.now.trunc_subsecs(6), since, rate: changed.rate };
        store.change_twin_tenant(&tenant.row_with(Some(course))).await?;
        tenant.clock.set_course(Some(course));
        // What the policies of the tenant have removed by the new time. Only now: until here, clients
        // saw the old time.
        if changed.now > now && store.expire_twin_tenant(tenant.id).await? > 0 {
            tenant.note_change();
        }
        Ok(())
    }
}
