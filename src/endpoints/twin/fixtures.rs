//! Contents that come with the program: what `from` of a new tenant may name besides snapshots and tenants.

use crate::error::{Result, TwinReason};

/// What the names of fixtures begin with. No tenant and no snapshot has such a name.
pub(super) const PREFIX: &str = "fixture:";

/// The fixtures without the prefix, each with the contents as `PUT …/contents` takes them.
const FIXTURES: &[(&str, &str)] = &[("intune-small", include_str!("fixtures/intune-small.json"))];

/// The contents of a fixture; `None` if the name is not one of a fixture.
///
/// # Errors
/// If there is no such fixture.
pub(super) fn contents(name: &str) -> Result<Option<&'static str>> {
    let Some(own) = name.strip_prefix(PREFIX) else { return Ok(None) };
    match FIXTURES.iter().find(|(fixture, _)| *fixture == own) {
        Some((_, contents)) => Ok(Some(contents)),
        None => Err(TwinReason::Unknown { kind: "fixture", id: name.to_owned() }.into()),
    }
}
