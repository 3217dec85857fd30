//! A plan as statements. The only room that writes SQL besides the migrations; it runs none.
//! Every value of a client's is a bind, every name comes from the model.
//!
//! All statements have one form: `input` is a relation of the tenant, the keys of the path and the
//! values of the body; the steps of the path are joined to it one by one, each bound to the tenant;
//! what is addressed is `entity`. A create takes many rows of input, so that creates which wait
//! for the database together can go as one statement.

mod condition;
mod expansion;
mod function;
mod idempotency_key;
mod input;
mod json;
mod page;
mod read;
mod term;
mod write;

pub use idempotency_key::{keep_reply, kept_reply, take_key};
pub use input::Cells;
pub use read::{count, get, list, payload_links};
pub use write::{clear, create, delete, lock, update};

use crate::model::{Counter, EntityType, Link, Navigation, Rows};
use crate::plan::{Address, Step};

/// SQL text and what is bound to `$1`, `$2`, …: a column of cells each.
#[derive(Debug)]
pub struct Statement {
    /// The text; the same for every plan of the same form, so that it can stay prepared.
    pub text: String,
    /// The binds.
    pub binds: Vec<Cells>,
}

/// What is bound so far, and how many aliases have been given away.
#[derive(Debug, Default)]
struct Writer {
    binds: Vec<Cells>,
    aliases: usize,
}

impl Writer {
    /// Binds a column of cells: an expression that is an array.
    fn bind(&mut self, cells: Cells) -> String {
        let sql_type = cells.sql_type();
        self.binds.push(cells);
        format!("${}::{sql_type}[]", self.binds.len())
    }

    /// Binds one cell: an expression that is its value, which the planner takes for a constant.
    fn bind_one(&mut self, cell: Cells) -> String {
        format!("({})[1]", self.bind(cell))
    }

    fn bind_text(&mut self, text: &str) -> String {
        self.bind_one(Cells::Texts(vec![Some(text.to_owned())]))
    }

    /// An alias that nothing else in the statement has.
    fn alias(&mut self, prefix: &str) -> String {
        self.aliases += 1;
        format!("{prefix}_{}", self.aliases)
    }

    fn statement(self, text: String) -> Statement {
        Statement { text, binds: self.binds }
    }
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
    joined(&address.steps[..address.steps.len().saturating_sub(1)])
}

/// Joins steps from the root on.
fn joined(steps: &[Step]) -> String {
    let join = |(index, step): (usize, &Step)| {
        let (place, table) = (index + 1, step.navigation.target.table);
        let own = step_name(place);
        let links = links(step.navigation, &step_name(index), &own);
        format!(" JOIN {table} AS {own} ON {links}{}", is_chosen(step, place, &own))
    };
    steps.iter().enumerate().map(join).collect()
}

/// The condition that rows of `target` are the entities which a navigation leads to from `source`.
fn links(navigation: &Navigation, source: &str, target: &str) -> String {
    linked(navigation.links, source, target) + &is_of(navigation.target, target)
}

/// ` AND …`: the condition that rows of `alias` are entities of a type; nothing where its table has no
/// others.
fn is_of(entity_type: &EntityType, alias: &str) -> String {
    match entity_type.rows {
        Rows::All => String::new(),
        Rows::With { column, value } => format!(" AND {alias}.{column} = '{value}'"),
        Rows::Having { column } => format!(" AND {alias}.{column} IS NOT NULL"),
    }
}

/// The condition that `target` holds what links repeat of `source`, tenant included.
fn linked(links: &[Link], source: &str, target: &str) -> String {
    let mut condition = format!("{target}.tenant_id = {source}.tenant_id");
    for link in links {
        condition.push_str(&format!(" AND {target}.{} = {source}.{}", link.target, link.source));
    }
    condition
}

/// How many entities a navigation leads to from `source`, or how many of them pass a filter on
/// `alias`, which is empty or starts with ` AND `.
fn number(navigation: &Navigation, source: &str, alias: &str, filter: &str) -> String {
    match navigation.counter {
        Some(Counter { table, column, links }) if filter.is_empty() => {
            let links = linked(links, source, "counter");
            format!("(SELECT counter.{column} FROM {table} AS counter WHERE {links})")
        }
        _ => {
            let links = links(navigation, source, alias);
            let table = navigation.target.table;
            format!("(SELECT count(*) FROM {table} AS {alias} WHERE {links}{filter})")
        }
    }
}

/// The condition that rows of `alias` are those which the last step leads to.
fn last_links(address: &Address, alias: &str) -> String {
    let place = address.steps.len();
    let last = address.steps.last().map(|step| step.navigation);
    last.map_or_else(String::new, |navigation| {
        links(navigation, &step_name(place.saturating_sub(1)), alias)
    })
}

/// The condition that `entity` is what the last step leads to.
fn is_addressed(address: &Address) -> String {
    let place = address.steps.len();
    let chosen = address.steps.last().map(|step| is_chosen(step, place, "entity"));
    format!("{}{}", last_links(address, "entity"), chosen.unwrap_or_default())
}

fn is_chosen(step: &Step, place: usize, alias: &str) -> String {
    match step.key {
        Some(_) => format!(" AND {alias}.id = input.{}", key_name(place)),
        None => String::new(),
    }
}
