//! `$filter`, `$orderby`, `$top`, `$skip`, `$count` and `$skiptoken` × entity type → a page of a
//! collection.

use super::{ValidVersions, skip_token};
use crate::error::{OptionReason, Result};
use crate::model::{EntityType, Order};
use crate::odata::{Direction, Options, OrderKey as WrittenKey};
use crate::plan::CollectionAddress;
use crate::plan::expression::{Condition, Planner, Term, Type, condition, order_term};

/// A page of a collection.
#[derive(Debug)]
pub struct Page {
    /// The largest number of entities.
    pub size: u32,
    /// How many entities are skipped first.
    pub skip: u32,
    pub filter: Option<Condition>,
    /// The order that the pages follow. Its last key is the key of the entity, so no two positions
    /// are equal.
    pub order: Vec<OrderKey>,
    /// Whether the entities of one page are in the order of their keys, not in the order above.
    pub sorted_by_key: bool,
    /// The page starts after this position: the value of each key of the order, as text.
    pub after: Option<Vec<Option<String>>>,
    /// Whether the total is wanted.
    pub count: bool,
    /// The filter and order to which a token of this page is bound, besides the collection.
    pub scan: String,
}

/// A key of an order; nulls are lowest.
#[derive(Debug)]
pub struct OrderKey {
    pub term: Term,
    pub descending: bool,
}

impl Page {
    /// The page that the options ask for.
    pub(in crate::plan) fn new(
        collection: &CollectionAddress,
        options: &Options,
        most: u32,
        token_key: &[u8],
        planner: &mut Planner,
    ) -> Result<Self> {
        let mut page = Self::of(collection.entity_type(), options, most, planner)?;
        let valid = ValidVersions::of(collection.navigation, options.period);
        page.filter = Condition::both(page.filter, valid.map(|valid| valid.condition));
        let Some(token) = &options.skip_token else { return Ok(page) };
        let after = skip_token::position(collection, &page.scan, token_key, token)?;
        // Another version of the server may have written it.
        match after.len() == page.order.len() {
            true => Ok(Self { after: Some(after), ..page }),
            false => Err(OptionReason::SkipToken.into()),
        }
    }

    pub(super) fn of(
        entity_type: &'static EntityType,
        options: &Options,
        most: u32,
        planner: &mut Planner,
    ) -> Result<Self> {
        let filter = options.filter.as_ref();
        let filter = filter.map(|it| condition(it, entity_type, planner)).transpose();
        let filter = options.locate("filter", filter)?;
        let keys = options.order_by.iter().flatten();
        let order = keys.map(|key| order_key(key, entity_type, planner)).collect();
        let mut order: Vec<OrderKey> = options.locate("orderby", order)?;
        // Nothing comes after a key that is unique.
        let unique = order.iter().position(|key| key.term.is_key());
        order.truncate(unique.map_or(order.len(), |place| place + 1));
        // A range of an index is read in the order of the index, so that a page costs as much as it
        // shows. Without `$orderby`, a client cannot expect any order from page to page.
        let range = filter.as_ref().filter(|_| order.is_empty()).and_then(Condition::range);
        let sorted_by_key = range.is_some();
        order.extend(range.map(|term| OrderKey { term: term.clone(), descending: false }));
        if order.is_empty() {
            order.extend(default_order(entity_type));
        }
        if unique.is_none() {
            order.push(OrderKey { term: Term::key(entity_type), descending: false });
        }
        Ok(Self {
            size: options.top.unwrap_or(most).min(most),
            skip: options.skip.unwrap_or(0),
            filter,
            order,
            sorted_by_key,
            after: None,
            count: options.count.unwrap_or(false),
            scan: options.scan(),
        })
    }
}

/// The order of the type, without the key.
fn default_order(entity_type: &'static EntityType) -> Option<OrderKey> {
    let Order::Descending(name) = entity_type.order else { return None };
    let term = Term::property(entity_type, entity_type.property(name)?, Type::Number);
    Some(OrderKey { term, descending: true })
}

fn order_key(
    key: &WrittenKey,
    entity_type: &'static EntityType,
    planner: &mut Planner,
) -> Result<OrderKey> {
    let term = order_term(&key.expression, entity_type, planner)?;
    Ok(OrderKey { term, descending: key.direction == Direction::Descending })
}
