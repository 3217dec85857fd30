//! Reads. A page is joined to the entity that contains it: no row means that there is no such
//! entity, one row without a page means that its collection is empty.

mod page;

pub(super) use page::{one as page, token_payload};

use serde_json::Value as Json;
use uuid::Uuid;

use super::expression;
use super::input::Input;
use super::json::{self, Place};
use super::number::number;
use super::path::{in_collection, is_addressed, joined, step_name};
use super::statement::{Cells, Statement, Writer};
use crate::model::Property;
use crate::odata::MetadataLevel;
use crate::plan::{
    CollectionAddress, Condition, EntityAddress, Page, Plan, Step, ValidVersions, ValueForm,
};

/// One row of [`Reading::Entity`](super::Reading): the entity as it is, or as a version was.
pub(super) fn get(
    tenant: Uuid,
    plan: &Plan,
    entity: &EntityAddress,
    version: Option<&ValidVersions>,
) -> Statement {
    let mut writer = Writer::default();
    let input = Input::of_path(tenant, entity.steps()).one(&mut writer);
    let place = place_of_entity(&mut writer, plan, entity);
    let json = json::entity(&mut writer, plan.shape(), "entity", &place);
    let join = if entity.last.navigation.is_reference() { "LEFT JOIN" } else { "JOIN" };
    let table = version.map_or(entity.entity_type().table, |it| it.versions.table);
    let is_valid = expression::and(&mut writer, version.map(|it| &it.condition), "entity");
    let text = format!(
        "SELECT CASE WHEN entity.id IS NOT NULL THEN {json} END, \
         CASE WHEN entity.id IS NOT NULL THEN {tag} END \
         FROM {input}{ancestors} {join} {table} AS entity ON {is_addressed}{is_valid}",
        tag = json::tag(entity.entity_type(), "entity"),
        ancestors = joined(&entity.ancestors),
        is_addressed = is_addressed(entity, "entity"),
    );
    writer.statement(text)
}

/// One row of [`Reading::Value`](super::Reading); no row, too, if a navigation leads to no entity.
pub(super) fn property(
    tenant: Uuid,
    entity: &EntityAddress,
    property: &Property,
    form: ValueForm,
    level: MetadataLevel,
) -> Statement {
    let mut writer = Writer::default();
    let input = Input::of_path(tenant, entity.steps()).one(&mut writer);
    let value = json::property_bytes(property, "entity", form, level);
    let text = format!(
        "SELECT {value}, {tag} FROM {input}{ancestors} JOIN {table} AS entity ON {is_addressed}",
        tag = json::tag(entity.entity_type(), "entity"),
        ancestors = joined(&entity.ancestors),
        table = entity.entity_type().table,
        is_addressed = is_addressed(entity, "entity"),
    );
    writer.statement(text)
}

/// One row of [`Reading::Page`](super::Reading).
pub(super) fn list(
    tenant: Uuid,
    plan: &Plan,
    collection: &CollectionAddress,
    page: &Page,
) -> Statement {
    let mut writer = Writer::default();
    let input = Input::of_path(tenant, &collection.ancestors).one(&mut writer);
    let canonical = collection.canonical();
    let place = Place::of_entity(&mut writer, plan, collection.navigation, &canonical);
    let json = json::entity(&mut writer, plan.shape(), "entity", &place);
    let filter = expression::of_page(&mut writer, page, "entity");
    let (canonical, scan) = (writer.bind_text(&canonical), writer.bind_text(&page.scan));
    let total = match page.count {
        true => total(collection, page.filter.as_ref(), || filter.clone()),
        false => "NULL::bigint".into(),
    };
    let (table, links) = (collection.entity_type().table, in_collection(collection, "entity"));
    let source = format!("{table} AS entity WHERE {links}{filter}");
    let text = format!(
        "SELECT page.entities, {total}, \
         CASE WHEN page.goes_on THEN {token} END \
         FROM {input}{ancestors} CROSS JOIN LATERAL ({page}) AS page",
        ancestors = joined(&collection.ancestors),
        token = page::token_payload(&canonical, &scan, "page.position"),
        page = page::one(&mut writer, page, &json, &source, "entity"),
    );
    writer.statement(text)
}

/// One row of [`Reading::Count`](super::Reading).
pub(super) fn count(
    tenant: Uuid,
    collection: &CollectionAddress,
    filter: Option<&Condition>,
) -> Statement {
    let mut writer = Writer::default();
    let input = Input::of_path(tenant, &collection.ancestors).one(&mut writer);
    let total = total(collection, filter, || expression::and(&mut writer, filter, "entity"));
    let ancestors = joined(&collection.ancestors);
    writer.statement(format!("SELECT {total} FROM {input}{ancestors}"))
}

/// The rows of [`Reading::Items`](super::Reading): those that a function returns for the tenant,
/// the keys of the path and the arguments; `types` are the annotations inside each item.
pub(super) fn call(
    tenant: Uuid,
    steps: &[Step],
    function: &str,
    arguments: &[Vec<String>],
    types: Option<&Json>,
) -> Statement {
    let mut writer = Writer::default();
    let input = Input::of_path(tenant, steps).one(&mut writer);
    let mut given = vec!["input.tenant_id".to_owned()];
    let keyed = (1..).zip(steps).filter(|(_, step)| step.key.is_some());
    given.extend(keyed.map(|(place, _)| format!("{}.id", step_name(place))));
    given.extend(
        arguments
            .iter()
            .map(|texts| writer.bind(Cells::Texts(texts.iter().cloned().map(Some).collect()))),
    );
    let text = format!(
        "SELECT {item}::text FROM {input}{ancestors} LEFT JOIN LATERAL {function}({given}) \
         WITH ORDINALITY AS item (json, place) ON true ORDER BY item.place",
        item = json::annotated("item.json", types),
        ancestors = joined(steps),
        given = given.join(", "),
    );
    writer.statement(text)
}

/// The place of the addressed entity.
pub(super) fn place_of_entity(writer: &mut Writer, plan: &Plan, entity: &EntityAddress) -> Place {
    Place::of_entity(writer, plan, entity.last.navigation, &entity.canonical_collection())
}

fn total(
    collection: &CollectionAddress,
    condition: Option<&Condition>,
    filter: impl FnOnce() -> String,
) -> String {
    let source = step_name(collection.ancestors.len());
    number(collection.navigation, &source, "entity", condition, filter)
}
