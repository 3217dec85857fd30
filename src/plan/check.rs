//! Refuses the options and the headers that have no meaning for an operation. Knows no value of them.

use super::{Operation, write};
use crate::error::{HeaderReason, Result};
use crate::headers::{EntityTags, Wishes};
use crate::model::Surface;
use crate::odata::{OPTION_NAMES, Options};

/// The options of a list of versions.
const VERSION_LIST_OPTIONS: &[&str] = &[
    "$select",
    "$filter",
    "$orderby",
    "$top",
    "$skip",
    "$count",
    "$skiptoken",
    "$at",
    "$from",
    "$to",
    "$toInclusive",
    "$format",
];

/// Refuses the options that have no meaning for the operation.
pub(super) fn check_options(
    options: &Options,
    operation: &Operation,
    surface: Surface,
) -> Result<()> {
    let has_versions = || surface.versions(operation.entity_type()).is_some();
    let supported: &'static [&'static str] = match operation {
        Operation::List(it) if it.navigation.leads_to_versions() => VERSION_LIST_OPTIONS,
        Operation::List(_) => &OPTION_NAMES,
        Operation::Get(_) if options.period.at.is_some() && has_versions() => {
            &["$at", "$select", "$format"]
        }
        Operation::Get(_) if has_versions() => &["$select", "$expand", "$at", "$format"],
        Operation::Get(_) => &["$select", "$expand", "$format"],
        Operation::Count(it) if it.navigation.leads_to_versions() => {
            &["$filter", "$at", "$from", "$to", "$toInclusive", "$format"]
        }
        Operation::Count(_) => &["$filter", "$format"],
        Operation::GetProperty(..)
        | Operation::GetRawValue(..)
        | Operation::Create(_)
        | Operation::Update(_)
        | Operation::Delete(_)
        | Operation::CallOnCollection(..)
        | Operation::CallOnEntity(..) => &["$format"],
    };
    options.check(supported)
}

/// Refuses the conditions that the operation does not support.
pub(super) fn check_conditions(wishes: &Wishes, operation: &Operation) -> Result<()> {
    let Wishes { if_match, if_none_match, .. } = wishes;
    let takes_if_match = matches!(operation, Operation::Update(_) | Operation::Delete(_));
    let takes_if_none_match = match operation {
        Operation::Get(_) | Operation::GetProperty(..) | Operation::GetRawValue(..) => true,
        Operation::Update(entity) => {
            let create_only = if_match.is_none() && *if_none_match == Some(EntityTags::Any);
            create_only && write::may_create(entity, wishes)
        }
        _ => false,
    };
    let name = match (if_match, if_none_match) {
        (Some(_), _) if !takes_if_match => "if-match",
        (_, Some(_)) if !takes_if_none_match => "if-none-match",
        _ => return Ok(()),
    };
    Err(HeaderReason::Condition { name }.into())
}
