//! Reads. A page is joined to the entity that contains it: no row means that there is no such
//! entity, one row without a page means that its collection is empty.

use uuid::Uuid;

use super::input::Input;
use super::{Statement, ancestors, is_addressed, json, links};
use crate::plan::{Address, Page, Shape};

/// The number of entities in a collection; no row if its parent is absent.
#[must_use]
pub fn count(tenant: Uuid, address: &Address) -> Statement {
    let (input, binds) = Input::of_paths(&[(tenant, address)]).one();
    let (ancestors, total) = (ancestors(address), total(address));
    Statement { text: format!("SELECT {total} FROM {input}{ancestors}"), binds }
}

/// A row with the JSON of the entity, or none.
#[must_use]
pub fn get(tenant: Uuid, address: &Address, shape: &Shape) -> Statement {
    let (input, binds) = Input::of_paths(&[(tenant, address)]).one();
    let text = format!(
        "SELECT {} FROM {input}{} JOIN {} AS entity ON {}",
        json::entity(shape, "entity"),
        ancestors(address),
        address.target().table,
        is_addressed(address)
    );
    Statement { text, binds }
}

/// Rows of JSON, key and total (JSON and key are null where the page is empty), one more than the
/// page's size if more follow; no row if the collection's parent is absent.
#[must_use]
pub fn list(tenant: Uuid, address: &Address, shape: &Shape, page: &Page) -> Statement {
    let mut input = Input::of_paths(&[(tenant, address)]);
    if let Some(key) = &page.after {
        input.add_key("after", address.target(), key);
    }
    let after = if page.after.is_some() { " AND entity.id > input.after" } else { "" };
    let (input, binds) = input.one();
    let total = if page.count { total(address) } else { "NULL::bigint".into() };
    let text = format!(
        "SELECT page.entity, page.id, {total} FROM {input}{ancestors} LEFT JOIN LATERAL \
         (SELECT {json} AS entity, entity.id::text AS id FROM {table} AS entity \
         WHERE {links}{after} ORDER BY entity.id LIMIT {limit} OFFSET {skip}) AS page ON true",
        ancestors = ancestors(address),
        json = json::entity(shape, "entity"),
        table = address.target().table,
        links = links(address, address.steps.len(), "entity"),
        limit = page.size + 1,
        skip = page.skip,
    );
    Statement { text, binds }
}

fn total(address: &Address) -> String {
    let links = links(address, address.steps.len(), "entity");
    format!("(SELECT count(*) FROM {} AS entity WHERE {links})", address.target().table)
}
