//! What the families of scripts have in common: properties, navigations, where scripts run as whom.

use crate::model::assignments::{ASSIGNMENT, GROUP_ASSIGNMENT};
use crate::model::runs::{DEVICE_STATE, RUN_SUMMARY, USER_STATE};
use crate::model::vocabulary::permission::SCRIPT_PERMISSIONS;
use crate::model::vocabulary::{
    Counter, CountersByValue, Edm, EntityType, EnumType, Key, Link, Navigation, NavigationKind,
    Property, Rows, Source, ValueCounter,
};

static RUN_AS_ACCOUNT_TYPE: EnumType = EnumType {
    name: "runAsAccountType",
    column_type: "run_as_account_type",
    members: &[("system", 0), ("user", 1)],
};

pub(in crate::model) const DISPLAY_NAME: Property =
    Property::new("displayName", "display_name", Edm::String);
pub(in crate::model) const DESCRIPTION: Property =
    Property::new("description", "description", Edm::String);
pub(in crate::model) const SCRIPT_CONTENT: Property =
    Property::new("scriptContent", "script_content", Edm::Binary).by_key_only();
pub(in crate::model) const CREATED: Property =
    Property::new("createdDateTime", "created", Edm::DateTimeOffset)
        .non_null()
        .set_by(Source::Created);
pub(in crate::model) const LAST_MODIFIED: Property =
    Property::new("lastModifiedDateTime", "last_modified", Edm::DateTimeOffset)
        .non_null()
        .set_by(Source::Modified);
pub(in crate::model) const RUN_AS_ACCOUNT: Property =
    Property::new("runAsAccount", "run_as_account", Edm::Enum(&RUN_AS_ACCOUNT_TYPE)).non_null();
pub(in crate::model) const FILE_NAME: Property =
    Property::new("fileName", "file_name", Edm::String);
pub(in crate::model) const ROLE_SCOPE_TAG_IDS: Property =
    Property::new("roleScopeTagIds", "role_scope_tag_ids", Edm::Strings)
        .non_null()
        .set_by(Source::ClientOr(&["0"]));

const NAVIGATIONS: &[&Navigation] = &[
    &ASSIGNMENTS,
    &DEVICE_RUN_STATES,
    &GROUP_ASSIGNMENTS,
    &RUN_SUMMARY_OF_SCRIPT,
    &USER_RUN_STATES,
];

pub(in crate::model) static ASSIGNMENTS: Navigation = Navigation {
    name: "assignments",
    target: &ASSIGNMENT,
    kind: NavigationKind::Contained,
    links: OF_SCRIPT,
    counter: None,
};

static DEVICE_RUN_STATES: Navigation = Navigation {
    name: "deviceRunStates",
    target: &DEVICE_STATE,
    kind: NavigationKind::Contained,
    links: OF_SCRIPT,
    counter: Some(&Counter {
        by_value: Some(&CountersByValue {
            property: "runState",
            counters: &[
                ValueCounter::new("unknown", "counted_unknown_devices"),
                ValueCounter::new("success", "counted_success_devices"),
                ValueCounter::new("fail", "counted_error_devices")
                    .less("counted_script_error_devices"),
                ValueCounter::new("scriptError", "counted_script_error_devices"),
                ValueCounter::new("pending", "counted_pending_devices"),
                ValueCounter::new("notApplicable", "counted_not_applicable_devices"),
            ],
        }),
        ..counter("counted_device_states")
    }),
};

pub(in crate::model) static GROUP_ASSIGNMENTS: Navigation = Navigation {
    name: "groupAssignments",
    target: &GROUP_ASSIGNMENT,
    kind: NavigationKind::Contained,
    links: OF_SCRIPT,
    counter: None,
};

static RUN_SUMMARY_OF_SCRIPT: Navigation = Navigation {
    name: "runSummary",
    target: &RUN_SUMMARY,
    kind: NavigationKind::Attached,
    links: COUNTS,
    counter: None,
};

static USER_RUN_STATES: Navigation = Navigation {
    name: "userRunStates",
    target: &USER_STATE,
    kind: NavigationKind::Contained,
    links: OF_SCRIPT,
    counter: Some(&counter("counted_user_states")),
};

const OF_SCRIPT: &[Link] = &[Link { target: "script_id", source: "id" }];

/// The counts of a script have the script's id.
const COUNTS: &[Link] = &[Link { target: "id", source: "id" }];

/// The scripts of one family, without their properties and actions.
pub(in crate::model) const fn family(name: &'static str) -> EntityType {
    EntityType {
        name,
        table: "script",
        rows: Rows::With { column: "family", value: name },
        key: Key::Server,
        is_audited: true,
        navigations: NAVIGATIONS,
        permissions: &SCRIPT_PERMISSIONS,
        ..EntityType::BASE
    }
}

/// A counter among those that each script has.
const fn counter(column: &'static str) -> Counter {
    Counter { table: "script_counts", column, links: COUNTS, by_value: None }
}
