//! `$select` and `$expand` × entity type → the shape of the entities in a reply: which properties, and
//! which navigations expanded.

use super::page::Page;
use crate::error::{Error, OptionReason, Result};
use crate::model::{EntityType, Navigation, NavigationKind, Property, Surface};
use crate::odata::{
    Expand, ExpandItem, MAX_EXPAND_DEPTH, MAX_TOP, MetadataLevel, Name, Options, PropertyPath,
};
use crate::plan::expression::Planner;

/// The default page size of expanded collections, by the depth of the expansion.
const EXPANDED_PAGES: [u32; MAX_EXPAND_DEPTH] = [100, 20, 5];
/// The default page size of expanded versions.
const EXPANDED_VERSIONS: u32 = 20;
/// How many entities one reply shows at most, expanded ones included.
const MAX_ROWS: u64 = 20_000;

/// The form of an entity in a reply.
#[derive(Debug)]
pub struct Shape {
    pub entity_type: &'static EntityType,
    /// The properties, in the order of the type.
    pub properties: Vec<&'static Property>,
    /// Whether `$select` chose them.
    pub selected: bool,
    /// Whether the entity is read by its key, so that it has all properties.
    pub by_key: bool,
    pub level: MetadataLevel,
    /// The part of the API that the links lead to.
    pub surface: Surface,
    /// The expanded navigations.
    pub expansions: Vec<Expansion>,
}

/// An expanded navigation.
#[derive(Debug)]
pub struct Expansion {
    pub navigation: &'static Navigation,
    pub shape: Shape,
    /// The page; not used if the navigation leads to one entity.
    pub page: Page,
    /// The options of the next page, as a query without its position.
    pub query: String,
}

impl Shape {
    /// The shape that `$select` and `$expand` ask for: all properties without the one, no navigation
    /// without the other.
    pub(in crate::plan) fn new(
        entity_type: &'static EntityType,
        options: &Options,
        level: MetadataLevel,
        by_key: bool,
        planner: &mut Planner,
    ) -> Result<Self> {
        let names = options.select.as_ref().filter(|names| !names.iter().any(|name| name == "*"));
        let properties = match names {
            None => entity_type.properties.iter().collect(),
            Some(names) => selected(entity_type, names, planner.surface)?,
        };
        let expand = options.expand.as_ref();
        let expansions = expand.map(|expand| expansions(entity_type, expand, level, planner));
        let expansions = expansions.transpose()?.unwrap_or_default();
        let (selected, surface) = (names.is_some(), planner.surface);
        let shape = Self { entity_type, properties, selected, by_key, level, surface, expansions };
        match shape.rows() {
            rows if rows <= MAX_ROWS => Ok(shape),
            rows => Err(OptionReason::ExpandTooLarge { rows, limit: MAX_ROWS }.into()),
        }
    }

    /// The key alone, for a write whose reply nobody reads.
    #[must_use]
    pub fn of_key(entity_type: &'static EntityType) -> Self {
        let properties = vec![entity_type.key_property()];
        let (selected, by_key, expansions) = (true, true, Vec::new());
        let (level, surface) = (MetadataLevel::None, Surface::Graph);
        Self { entity_type, properties, selected, by_key, level, surface, expansions }
    }

    /// The largest page of entities of this shape.
    pub(in crate::plan) fn page_limit(&self) -> u32 {
        let fitting = MAX_ROWS / (1 + self.rows());
        u32::try_from(fitting).unwrap_or(MAX_TOP).clamp(1, MAX_TOP)
    }

    /// The largest number of expanded entities of each entity.
    fn rows(&self) -> u64 {
        let rows = self.expansions.iter().map(|expansion| {
            let many = expansion.navigation.is_collection();
            let size = if many { u64::from(expansion.page.size) } else { 1 };
            size.saturating_mul(1 + expansion.shape.rows())
        });
        rows.fold(0, u64::saturating_add)
    }
}

/// The expansions of the items, and of all other navigations if there is a `*`.
fn expansions(
    entity_type: &'static EntityType,
    expand: &Expand,
    level: MetadataLevel,
    planner: &mut Planner,
) -> Result<Vec<Expansion>> {
    let mut expansions: Vec<Expansion> = Vec::new();
    let contains = |expansions: &[Expansion], navigation: &Navigation| {
        expansions.iter().any(|other| other.navigation == navigation)
    };
    for ExpandItem { path, options } in &expand.items {
        let navigation = named(entity_type, path, planner.surface)?;
        if contains(&expansions, navigation) {
            return Err(OptionReason::ExpandRepeated { name: navigation.name }.into());
        }
        expansions.push(expansion(navigation, options, level, planner)?);
    }
    for navigation in planner.surface.navigations(entity_type).filter(|_| expand.all) {
        if !contains(&expansions, navigation) {
            expansions.push(expansion(navigation, &Options::default(), level, planner)?);
        }
    }
    Ok(expansions)
}

/// The navigation that an item names.
fn named(
    entity_type: &'static EntityType,
    path: &PropertyPath,
    surface: Surface,
) -> Result<&'static Navigation> {
    let names = match &path.names[..] {
        [cast, rest @ ..] if cast.text.contains('.') => {
            check_cast(entity_type, &cast.text, "expand")?;
            rest
        }
        names => names,
    };
    let find = |name: &Name| {
        let navigation = surface.navigation(entity_type, &name.text);
        navigation.ok_or_else(|| no_navigation(entity_type, &name.text, surface))
    };
    match names {
        [name] => find(name),
        [name, cast] if cast.text.contains('.') => {
            let navigation = find(name)?;
            check_cast(navigation.target, &cast.text, "expand").map(|()| navigation)
        }
        names => {
            let name = |index: usize| names.get(index).map_or("", |name| &name.text).to_owned();
            Err(OptionReason::ExpandPath { first: name(0), second: name(1) }.into())
        }
    }
}

fn expansion(
    navigation: &'static Navigation,
    options: &Options,
    level: MetadataLevel,
    planner: &mut Planner,
) -> Result<Expansion> {
    let single = !navigation.is_collection();
    let supported: &'static [&'static str] = &["$select", "$expand"];
    let misplaced = options.given().find(|name| single && !supported.contains(name));
    if let Some(name) = misplaced {
        let navigation = navigation.name;
        return Err(OptionReason::NotInExpand { name, navigation, supported }.into());
    }
    planner.note_read(navigation);
    let target = navigation.target;
    let most = EXPANDED_PAGES.get(planner.depth).copied().unwrap_or(1);
    let most = match navigation.kind {
        NavigationKind::Versions(_) => most.min(EXPANDED_VERSIONS),
        _ => most,
    };
    planner.depth += 1;
    let inside = |error: Error| error.in_expand(navigation.name);
    let shape = Shape::new(target, options, level, single, planner).map_err(inside)?;
    planner.depth -= 1;
    let page = Page::of(target, options, options.top.unwrap_or(most), planner).map_err(inside)?;
    Ok(Expansion { navigation, shape, page, query: query(options) })
}

/// The options of an item of `$expand` as a query of their own, without the position.
fn query(options: &Options) -> String {
    let encode = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let texts = options.texts.iter().filter(|(name, _)| *name != "skip");
    let pairs = texts.map(|(name, text)| match name.strip_prefix('@') {
        Some(alias) => format!("@{}={}&", encode(alias), encode(text)),
        None => format!("${name}={}&", encode(text)),
    });
    pairs.collect()
}

/// Refuses a type cast in `$select` or `$expand` to another type than that of the entities.
fn check_cast(entity_type: &EntityType, name: &str, option: &'static str) -> Result<()> {
    let of = || entity_type.qualified_name();
    match entity_type.is_named(name) {
        true => Ok(()),
        false => Err(OptionReason::EntityCast { option, name: name.to_owned(), of: of() }.into()),
    }
}

fn selected(
    entity_type: &'static EntityType,
    names: &[String],
    surface: Surface,
) -> Result<Vec<&'static Property>> {
    let mut chosen: Vec<&'static Property> = Vec::new();
    for name in names {
        let name = match name.split_once('/') {
            Some((cast, name)) if cast.contains('.') => {
                check_cast(entity_type, cast, "select")?;
                name
            }
            _ => name,
        };
        // The name of a navigation is allowed, and has no effect without `$expand`.
        if surface.navigation(entity_type, name).is_some() {
            continue;
        }
        chosen.push(entity_type.property(name).ok_or_else(|| unknown(entity_type, name))?);
    }
    // Without any property, a client could not tell the object from an error.
    if chosen.is_empty() {
        chosen.push(entity_type.key_property());
    }
    let is_chosen = |own: &&Property| chosen.iter().any(|other| std::ptr::eq(*own, *other));
    Ok(entity_type.properties.iter().filter(is_chosen).collect())
}

fn unknown(entity_type: &EntityType, name: &str) -> Error {
    let names: Vec<&str> = entity_type.properties.iter().map(|property| property.name).collect();
    let (name, of) = (name.to_owned(), entity_type.qualified_name());
    OptionReason::SelectUnknown { name, of, properties: names.join(", ") }.into()
}

fn no_navigation(entity_type: &EntityType, name: &str, surface: Surface) -> Error {
    let names: Vec<&str> = surface.navigations(entity_type).map(|it| it.name).collect();
    let navigations = if names.is_empty() { "none".into() } else { names.join(", ") };
    let (name, of) = (name.to_owned(), entity_type.qualified_name());
    OptionReason::ExpandUnknown { name, of, navigations }.into()
}
