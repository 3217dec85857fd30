//! A plan as one statement. The only room that writes SQL besides the migrations; it runs none.
//! Every value of a client's is a bind, every name comes from the model.
//!
//! All statements have one form: `input` is a relation of the tenant, the keys of the path and the
//! values of the body; the steps of the path are joined to it one by one, each bound to the tenant;
//! what is addressed is `entity`. A create takes many rows of input, so that creates which wait
//! for the database together can go as one statement.

mod input;
mod json;
mod read;
mod write;

pub use input::Cells;
pub use read::{count, get, list};
pub use write::{NewEntity, create, delete, update};

use crate::plan::Address;

/// SQL text and what is bound to `$1`, `$2`, …: a column of cells each.
#[derive(Debug)]
pub struct Statement {
    /// The text; the same for every plan of the same form, so that it can stay prepared.
    pub text: String,
    /// The binds.
    pub binds: Vec<Cells>,
}

/// How a key reads in `input`, by the place of its step in the path.
fn key_name(place: usize) -> String {
    format!("key_{place}")
}

/// How an ancestor is called, by the place of its step in the path; `input` stands before all.
fn step_name(place: usize) -> String {
    if place == 0 { "input".into() } else { format!("step_{place}") }
}

/// Joins the ancestors of what is addressed: every step but the last.
fn ancestors(address: &Address) -> String {
    let ancestors = &address.steps[..address.steps.len() - 1];
    let join = |(index, step): (usize, &crate::plan::Step)| {
        let (place, table) = (index + 1, step.navigation.target.table);
        let own = step_name(place);
        let links = links(address, place, &own);
        format!(" JOIN {table} AS {own} ON {links} AND {own}.id = input.{}", key_name(place))
    };
    ancestors.iter().enumerate().map(join).collect()
}

/// The condition that rows of `alias` are those which the step at this place leads to.
fn links(address: &Address, place: usize, alias: &str) -> String {
    let source = step_name(place - 1);
    let navigation = address.steps[place - 1].navigation;
    let mut condition = format!("{alias}.tenant_id = {source}.tenant_id");
    for link in navigation.links {
        condition.push_str(&format!(" AND {alias}.{} = {source}.{}", link.target, link.source));
    }
    condition
}

/// The condition that `entity` is what the last step leads to, by key.
fn is_addressed(address: &Address) -> String {
    let place = address.steps.len();
    format!("{} AND entity.id = input.{}", links(address, place, "entity"), key_name(place))
}
