//! Statements about policies of retention. `holder` is what a policy is for, and absent for the tenant
//! as a whole. What the policies mean is in `migrations/0008_retention.sql`.

use uuid::Uuid;

use super::statement::{Cells, Statement, Writer};
use crate::retention::{Change, HistoryDays, Limit, Policy};

/// One row: the policy in force. No row if the holder does not exist.
#[must_use]
pub fn policy(tenant: Uuid, holder: Option<Uuid>) -> Statement {
    let mut writer = Writer::default();
    let place = place(&mut writer, tenant, holder);
    writer.statement(format!("SELECT * FROM retention_in_force({place})"))
}

/// Changes a policy. One row: whether the holder exists.
#[must_use]
pub fn change_policy(tenant: Uuid, change: &Change) -> Statement {
    let mut writer = Writer::default();
    let place = place(&mut writer, tenant, change.holder());
    let text = match change {
        Change::Merge(policy) | Change::Replace(_, policy) => {
            format!("SELECT set_retention({place}, {})", values(&mut writer, policy))
        }
        Change::Remove(_) => format!("SELECT remove_retention({place})"),
    };
    writer.statement(text)
}

fn place(writer: &mut Writer, tenant: Uuid, holder: Option<Uuid>) -> String {
    let tenant = writer.bind_one(Cells::Guids(vec![Some(tenant)]));
    format!("{tenant}, {}", writer.bind_one(Cells::Guids(vec![holder])))
}

fn values(writer: &mut Writer, policy: &Policy) -> String {
    let days = Cells::Smallints(vec![policy.history_days.map(HistoryDays::stored)]);
    let limits = [policy.history_versions, policy.report_days];
    let [versions, states] = limits.map(|limit| Cells::Integers(vec![limit.map(Limit::stored)]));
    [days, versions, states].map(|cell| writer.bind_one(cell)).join(", ")
}
