//! The record of changes.

mod audit_event;
mod audit_types;

pub(super) use audit_event::AUDIT_EVENT;
