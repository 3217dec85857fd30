//! Options × entity type → what a reply shows: which properties, and which page of a collection.

use super::{Address, Value, skip_token};
use crate::error::{Error, Result};
use crate::model::{EntityType, Property};
use crate::odata::{MAX_TOP, MetadataLevel, Options};

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
}

/// A page of a collection, in the order of keys.
#[derive(Debug)]
pub struct Page {
    /// At most so many entities.
    pub size: u32,
    /// So many entities are left out first.
    pub skip: u32,
    /// The page starts after this key.
    pub after: Option<Value>,
    /// Whether the total is wanted.
    pub count: bool,
}

impl Shape {
    /// Shows what `$select` names, everything where it names nothing.
    pub(super) fn new(
        entity_type: &'static EntityType,
        select: Option<&[String]>,
        level: MetadataLevel,
        by_key: bool,
    ) -> Result<Self> {
        let all = entity_type.properties.iter();
        let Some(names) = select.filter(|names| *names != ["*"]) else {
            return Ok(Self {
                entity_type,
                properties: all.collect(),
                selected: false,
                by_key,
                level,
            });
        };
        let mut chosen: Vec<&'static Property> = Vec::new();
        for name in names {
            chosen.push(entity_type.property(name).ok_or_else(|| unknown(entity_type, name))?);
        }
        let is_chosen = |own: &&Property| chosen.iter().any(|other| std::ptr::eq(*own, *other));
        let properties = all.filter(is_chosen).collect();
        Ok(Self { entity_type, properties, selected: true, by_key, level })
    }
}

impl Page {
    /// The page that the options ask for.
    pub(super) fn new(address: &Address, options: &Options) -> Result<Self> {
        let token = options.skip_token.as_deref();
        Ok(Self {
            size: options.top.unwrap_or(MAX_TOP),
            skip: options.skip.unwrap_or(0),
            after: token.map(|token| skip_token::position(address, token)).transpose()?,
            count: options.count.unwrap_or(false),
        })
    }
}

fn unknown(entity_type: &EntityType, name: &str) -> Error {
    let names: Vec<&str> = entity_type.properties.iter().map(|property| property.name).collect();
    Error::BadRequest(format!(
        "Could not find a property named '{name}' on type '{}', in $select. It has {}.",
        entity_type.qualified_name(),
        names.join(", ")
    ))
}
