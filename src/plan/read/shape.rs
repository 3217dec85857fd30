//! Options × entity type → what a reply shows: which properties, which navigations expanded, and
//! which page of a collection in which order.

use super::skip_token;
use crate::error::{Error, Result};
use crate::headers::Preferences;
use crate::model::{EntityType, Navigation, NavigationKind, Property};
use crate::odata::{
    Direction, ExpandItem, MAX_EXPAND_DEPTH, MAX_TOP, MetadataLevel, Options,
    OrderKey as WrittenKey,
};
use crate::plan::Address;
use crate::plan::expression::{Condition, Reader, Term, condition, order_term};

/// The pages of expanded collections where the client asks for none, by the depth of the expansion.
const EXPANDED_PAGES: [u32; MAX_EXPAND_DEPTH] = [100, 20, 5];
/// How many entities one reply shows at most, expanded ones included.
const MAX_ROWS: u64 = 20_000;

/// How an entity is shown.
#[derive(Debug)]
pub struct Shape {
    /// Its type.
    pub entity_type: &'static EntityType,
    /// The properties shown, in the order of the type.
    pub properties: Vec<&'static Property>,
    /// Whether `$select` chose them.
    pub selected: bool,
    /// Whether properties that are only shown by key are.
    pub by_key: bool,
    /// How many annotations there are.
    pub level: MetadataLevel,
    /// The navigations that are shown with it.
    pub expansions: Vec<Expansion>,
}

/// A navigation that is shown with its source.
#[derive(Debug)]
pub struct Expansion {
    /// The navigation.
    pub navigation: &'static Navigation,
    /// How each entity is shown.
    pub shape: Shape,
    /// Which page; of no meaning where the navigation leads to one entity.
    pub page: Page,
    /// The options of the page that follows, as a query without its place.
    pub query: String,
}

/// A page of a collection.
#[derive(Debug)]
pub struct Page {
    /// At most so many entities.
    pub size: u32,
    /// So many entities are left out first.
    pub skip: u32,
    /// Which entities there are.
    pub filter: Option<Condition>,
    /// In which order; the last key is the entity's own, so that no two are alike.
    pub order: Vec<OrderKey>,
    /// The page starts after this place: the value of each key, as text.
    pub after: Option<Vec<Option<String>>>,
    /// Whether the total is wanted.
    pub count: bool,
    /// What a token of this page is bound to, besides the collection.
    pub scan: String,
}

/// A key of an order; nulls are lowest.
#[derive(Debug)]
pub struct OrderKey {
    /// By what.
    pub term: Term,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl Shape {
    /// Shows what `$select` and `$expand` name, everything and nothing where they are absent.
    pub(in crate::plan) fn new(
        entity_type: &'static EntityType,
        options: &Options,
        level: MetadataLevel,
        by_key: bool,
        reader: &mut Reader,
    ) -> Result<Self> {
        let names = options.select.as_ref().filter(|names| !names.iter().any(|name| name == "*"));
        let properties = match names {
            None => entity_type.properties.iter().collect(),
            Some(names) => selected(entity_type, names)?,
        };
        let items = options.expand.iter().flatten();
        let expansions: Vec<Expansion> =
            items.map(|item| expansion(entity_type, item, level, reader)).collect::<Result<_>>()?;
        for (index, one) in expansions.iter().enumerate() {
            let same = |other: &Expansion| std::ptr::eq(other.navigation, one.navigation);
            if expansions[..index].iter().any(same) {
                let name = one.navigation.name;
                return Err(Error::BadRequest(format!("'{name}' stands twice in $expand.")));
            }
        }
        let selected = names.is_some();
        let shape = Self { entity_type, properties, selected, by_key, level, expansions };
        match shape.rows() {
            rows if rows <= MAX_ROWS => Ok(shape),
            rows => Err(Error::BadRequest(format!(
                "$expand asks for up to {rows} entities with each one, and {MAX_ROWS} is the limit. \
                 Lower $top inside it."
            ))),
        }
    }

    /// Shows nothing but the key, where nobody reads the reply.
    #[must_use]
    pub fn of_key(entity_type: &'static EntityType) -> Self {
        let properties = entity_type.property("id").into_iter().collect();
        let (selected, by_key, level) = (true, true, MetadataLevel::None);
        Self { entity_type, properties, selected, by_key, level, expansions: Vec::new() }
    }

    /// How many entities are shown with each one, at most.
    fn rows(&self) -> u64 {
        let rows = self.expansions.iter().map(|expansion| {
            let many = expansion.navigation.kind == NavigationKind::Contained;
            let size = if many { u64::from(expansion.page.size) } else { 1 };
            size.saturating_mul(1 + expansion.shape.rows())
        });
        rows.fold(0, u64::saturating_add)
    }
}

impl Page {
    /// The page that the options ask for.
    pub(in crate::plan) fn new(
        address: &Address,
        shape: &Shape,
        options: &Options,
        preferences: Preferences,
        key: &[u8],
        reader: &mut Reader,
    ) -> Result<Self> {
        let fitting = MAX_ROWS / (1 + shape.rows());
        let most = u32::try_from(fitting).unwrap_or(MAX_TOP).clamp(1, MAX_TOP);
        let most = preferences.max_page_size.unwrap_or(most).min(most);
        let page = Self::of(address.target(), options, most, reader)?;
        let Some(token) = &options.skip_token else { return Ok(page) };
        let after = skip_token::position(address, &page.scan, key, token)?;
        let fits = after.len() == page.order.len();
        Ok(Self { after: Some(after).filter(|_| fits), ..page })
    }

    fn of(
        entity_type: &'static EntityType,
        options: &Options,
        most: u32,
        reader: &mut Reader,
    ) -> Result<Self> {
        let filter = options.filter.as_ref();
        let filter = filter.map(|it| condition(it, entity_type, reader)).transpose()?;
        let keys = options.order_by.iter().flatten();
        let mut order: Vec<OrderKey> =
            keys.map(|key| order_key(key, entity_type, reader)).collect::<Result<_>>()?;
        order.push(OrderKey { term: Term::key(entity_type), descending: false });
        Ok(Self {
            size: options.top.unwrap_or(most).min(most),
            skip: options.skip.unwrap_or(0),
            filter,
            order,
            after: None,
            count: options.count.unwrap_or(false),
            scan: options.scan(),
        })
    }
}

fn order_key(
    key: &WrittenKey,
    entity_type: &'static EntityType,
    reader: &mut Reader,
) -> Result<OrderKey> {
    let term = order_term(&key.expression, entity_type, reader)?;
    Ok(OrderKey { term, descending: key.direction == Direction::Descending })
}

fn expansion(
    entity_type: &'static EntityType,
    item: &ExpandItem,
    level: MetadataLevel,
    reader: &mut Reader,
) -> Result<Expansion> {
    let name = match &item.path.names[..] {
        [name] => &name.text,
        names => {
            return Err(Error::BadRequest(format!(
                "$expand takes one name at a time: write '{}($expand={}…)' instead of a path.",
                names.first().map_or("", |name| &name.text),
                names.get(1).map_or("", |name| &name.text),
            )));
        }
    };
    let navigation =
        entity_type.navigation(name).ok_or_else(|| no_navigation(entity_type, name))?;
    let single = navigation.kind != NavigationKind::Contained;
    let options = &item.options;
    let misplaced = options.given().find(|name| single && !["$select", "$expand"].contains(name));
    if let Some(option) = misplaced {
        return Err(Error::BadRequest(format!(
            "The query option '{option}' is not supported inside $expand={}, which leads to one \
             entity. Supported there are $select, $expand.",
            navigation.name
        )));
    }
    reader.reads(navigation);
    let target = navigation.target;
    let most = EXPANDED_PAGES.get(reader.depth).copied().unwrap_or(1);
    reader.depth += 1;
    let shape = Shape::new(target, options, level, single, reader)?;
    reader.depth -= 1;
    let page = Page::of(target, options, options.top.unwrap_or(most), reader)?;
    Ok(Expansion { navigation, shape, page, query: query(options) })
}

/// The options of an item of `$expand` as a query of their own, without the place.
fn query(options: &Options) -> String {
    let encode = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let texts = options.texts.iter().filter(|(name, _)| *name != "skip");
    texts.map(|(name, text)| format!("${name}={}&", encode(text))).collect()
}

fn selected(entity_type: &'static EntityType, names: &[String]) -> Result<Vec<&'static Property>> {
    let mut chosen: Vec<&'static Property> = Vec::new();
    for name in names {
        // A navigation may be named beside what is expanded; it shows nothing by itself.
        if entity_type.navigation(name).is_some() {
            continue;
        }
        chosen.push(entity_type.property(name).ok_or_else(|| unknown(entity_type, name))?);
    }
    // An object without any property would not be one that a client can tell from an error.
    chosen.extend(entity_type.property("id").filter(|_| chosen.is_empty()));
    let is_chosen = |own: &&Property| chosen.iter().any(|other| std::ptr::eq(*own, *other));
    Ok(entity_type.properties.iter().filter(is_chosen).collect())
}

fn unknown(entity_type: &EntityType, name: &str) -> Error {
    let names: Vec<&str> = entity_type.properties.iter().map(|property| property.name).collect();
    Error::BadRequest(format!(
        "Could not find a property named '{name}' on type '{}', in $select. It has {}.",
        entity_type.qualified_name(),
        names.join(", ")
    ))
}

fn no_navigation(entity_type: &EntityType, name: &str) -> Error {
    let names: Vec<&str> = entity_type.navigations.iter().map(|it| it.name).collect();
    let names = if names.is_empty() { "none".into() } else { names.join(", ") };
    Error::BadRequest(format!(
        "Could not find a navigation property named '{name}' on type '{}', in $expand. It has \
         {names}.",
        entity_type.qualified_name()
    ))
}
