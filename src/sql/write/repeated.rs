//! Updates that repeat what is stored, as most reports do. They are found when their row is locked, and
//! are answered with what was read: no row is written, and no trigger compares it again.

use super::rows::ancestor_keys;
use crate::plan::{EntityAddress, Shape};
use crate::sql::json::{self, Place};
use crate::sql::statement::Writer;

/// Refuses the statement if one of its tenants is closed, as the policies of row-level security do for
/// new rows (`migrations/0018_closed_tenants.sql`).
const TENANTS_ARE_OPEN: &str = "(SELECT refuse_closed_tenant(closed.tenant, closed.state) \
    FROM closed_tenant AS closed \
    WHERE array_position(session_tenants(), closed.tenant) IS NOT NULL) IS NULL";

/// The clauses of a statement by which updates that repeat what is stored are not written.
pub(super) struct Repeated {
    /// The columns that are read of the locked row `own`.
    pub(super) row: String,
    /// Columns of `addressed`, each after a comma. If the update repeats the row `entity`, they have its
    /// JSON and tag.
    pub(super) answer: String,
    /// ` AND …`: the condition on `addressed` that the row has to be written.
    pub(super) differs: &'static str,
    /// The JSON and the tag of the result.
    pub(super) result: &'static str,
}

impl Repeated {
    /// The clauses of a statement that writes every row, and reads these columns of it.
    pub(super) fn never(columns: String) -> Self {
        let result = "changed.json, changed.tag";
        Self { row: columns, answer: String::new(), differs: "", result }
    }

    /// The clauses for entities of which one is `address`. `day` is the column with the day of the last
    /// report, and `set` has the columns that are set, with their new values.
    pub(super) fn new(
        writer: &mut Writer,
        address: &EntityAddress,
        (day, set): (&str, &[(String, String)]),
        (shape, root): (&Shape, &str),
    ) -> Self {
        let entity_type = address.entity_type();
        let place = Place::of_rows(root, "entity", &address.ancestors, address.last.navigation);
        let keys = ancestor_keys(&address.ancestors);
        Self {
            row: format!("own.*, {keys}{} AS is_repeated", is_repeated(day, set)),
            answer: format!(
                ", entity.is_repeated, CASE WHEN entity.is_repeated THEN {json} END AS json, \
                 CASE WHEN entity.is_repeated THEN {tag} END AS tag",
                json = json::entity(writer, shape, "entity", &place),
                tag = json::tag(entity_type, "entity"),
            ),
            differs: " AND NOT addressed.is_repeated",
            result: "coalesce(changed.json, addressed.json), coalesce(changed.tag, addressed.tag)",
        }
    }
}

/// Whether the row `own` has all values that are set, and was reported on this day.
fn is_repeated(day: &str, set: &[(String, String)]) -> String {
    let (own, new): (Vec<String>, Vec<&str>) =
        set.iter().map(|(column, value)| (format!("own.{column}"), value.as_str())).unzip();
    let (own, new) = (own.join(", "), new.join(", "));
    let values = match set {
        [] => String::new(),
        _ => format!("({own}) IS NOT DISTINCT FROM ({new}) AND "),
    };
    format!("({values}own.{day} = present_day(own.tenant_id) AND {TENANTS_ARE_OPEN})")
}
