//! Reads. A page is joined to the entity that contains it: no row means that there is no such
//! entity, one row without a page means that its collection is empty.

use uuid::Uuid;

use super::input::{Cells, Input};
use super::json::{self, Place};
use super::{
    Statement, Writer, ancestors, condition, is_addressed, last_links, links, number, page,
    step_name,
};
use crate::model::{Navigation, NavigationKind};
use crate::plan::{Address, Condition, Page, Plan};

/// A row with the JSON and the tag of the entity, both null where a navigation leads to none; no
/// row if what is addressed does not exist.
#[must_use]
pub fn get(tenant: Uuid, plan: &Plan) -> Statement {
    let address = &plan.address;
    let mut writer = Writer::default();
    let input = Input::of_path(tenant, address).one(&mut writer);
    let place = place(&mut writer, plan);
    let json = json::entity(&mut writer, &plan.shape, "entity", &place);
    let referenced = address.steps.last().map(|step| step.navigation.kind);
    let join = if referenced == Some(NavigationKind::Referenced) { "LEFT JOIN" } else { "JOIN" };
    let text = format!(
        "SELECT CASE WHEN entity.id IS NOT NULL THEN {json} END, \
         CASE WHEN entity.id IS NOT NULL THEN {tag} END \
         FROM {input}{ancestors} {join} {table} AS entity ON {is_addressed}",
        tag = json::tag(address.target(), "entity"),
        ancestors = ancestors(address),
        table = address.target().table,
        is_addressed = is_addressed(address),
    );
    writer.statement(text)
}

/// One row: the entities as JSON with commas between them, null where there are none; the total, if
/// that was asked; the token of the next page, if more follow. No row if the collection's parent is
/// absent.
#[must_use]
pub fn list(tenant: Uuid, plan: &Plan, page: &Page) -> Statement {
    let address = &plan.address;
    let mut writer = Writer::default();
    let input = Input::of_path(tenant, address).one(&mut writer);
    let place = place(&mut writer, plan);
    let json = json::entity(&mut writer, &plan.shape, "entity", &place);
    let filter = condition::of_page(&mut writer, page, "entity");
    let collection = writer.bind_text(&address.canonical());
    let scan = writer.bind_text(&page.scan);
    let total = if page.count { total(address, &filter) } else { "NULL::bigint".into() };
    let (table, links) = (address.target().table, last_links(address, "entity"));
    let source = format!("{table} AS entity WHERE {links}{filter}");
    let text = format!(
        "SELECT page.entities, {total}, \
         CASE WHEN page.goes_on THEN skip_token(input.tenant_id, {collection}, {scan}, page.position) END \
         FROM {input}{ancestors} CROSS JOIN LATERAL ({page}) AS page",
        ancestors = ancestors(address),
        page = page::one(&mut writer, page, &json, &source, "entity"),
    );
    writer.statement(text)
}

/// The number of entities in a collection; no row if its parent is absent.
#[must_use]
pub fn count(tenant: Uuid, address: &Address, filter: Option<&Condition>) -> Statement {
    let mut writer = Writer::default();
    let input = Input::of_path(tenant, address).one(&mut writer);
    let filter = condition::and(&mut writer, filter, "entity");
    let text = format!("SELECT {} FROM {input}{}", total(address, &filter), ancestors(address));
    writer.statement(text)
}

/// For each id, in their order, a row of JSON that tells whether the entity of that id has anything
/// where the navigation leads.
#[must_use]
pub fn payload_links(
    tenant: Uuid,
    address: &Address,
    ids: &[String],
    navigation: &'static Navigation,
) -> Statement {
    let mut writer = Writer::default();
    let input = Input::of_path(tenant, address).one(&mut writer);
    let ids = writer.bind(Cells::Texts(ids.iter().cloned().map(Some).collect()));
    let text = format!(
        "SELECT (SELECT row_to_json(told)::text FROM (SELECT asked.id AS \"payloadId\", \
         linked.it AS \"hasLink\", '' AS error, \
         CASE WHEN linked.it THEN ARRAY['direct'] ELSE '{{}}'::text[] END AS sources) AS told) \
         FROM {input}{ancestors}, unnest({ids}) WITH ORDINALITY AS asked (id, place), \
         LATERAL (SELECT EXISTS (SELECT FROM {table} AS entity JOIN {target} AS link ON {links} \
         WHERE {of} AND entity.id::text = asked.id) AS it) AS linked ORDER BY asked.place",
        ancestors = ancestors(address),
        table = address.target().table,
        target = navigation.target.table,
        links = links(navigation, "entity", "link"),
        of = last_links(address, "entity"),
    );
    writer.statement(text)
}

/// Where the entity that a plan addresses or lists stands.
pub(super) fn place(writer: &mut Writer, plan: &Plan) -> Place {
    let address = &plan.address;
    let root = writer.bind_text(&plan.root);
    let mut collection = address.clone();
    if let Some(last) = collection.steps.last_mut() {
        last.key = None;
    }
    let collection = writer.bind_text(&collection.canonical());
    let navigation = address.steps.last().map(|step| step.navigation);
    let path = navigation.map_or_else(String::new, |navigation| {
        json::entity_path(navigation, &collection, "entity")
    });
    Place { root, path }
}

fn total(address: &Address, filter: &str) -> String {
    let place = address.steps.len();
    let last = address.steps.last().map(|step| step.navigation);
    last.map_or_else(String::new, |navigation| {
        number(navigation, &step_name(place - 1), "entity", filter)
    })
}
