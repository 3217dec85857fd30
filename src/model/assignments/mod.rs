//! The assignments of scripts to groups, users and devices.

mod assignment;
mod assignment_target;
mod group_assignment;

pub(super) use assignment::ASSIGNMENT;
pub(super) use group_assignment::GROUP_ASSIGNMENT;
