//! The query of a URL → its options. An option that cannot be parsed is refused by name. Knows not
//! which options a request supports: [`Options::check`] refuses the others.

mod expand;
mod order_by;
mod period;
#[cfg(test)]
mod tests;

pub use expand::{Expand, ExpandItem, MAX_EXPAND_DEPTH, MAX_EXPAND_ITEMS};
pub use order_by::{Direction, MAX_ORDER_KEYS, OrderKey};
pub use period::Period;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::decode;
use super::expression::{Aliases, Expression, Source, filter};
use crate::error::{Error, OptionReason, Result, UrlPart};
use expand::Expansion;
use order_by::order_by;

/// The largest page that a client may ask for, and the page without `$top`.
pub const MAX_TOP: u32 = 1000;

/// The options that are parsed, besides those of a [`Period`]. A list has all of them.
pub const OPTION_NAMES: [&str; 9] = [
    "$select",
    "$filter",
    "$orderby",
    "$expand",
    "$top",
    "$skip",
    "$count",
    "$skiptoken",
    "$format",
];

/// The options that are as if absent if nothing follows their `=`.
const MAY_BE_EMPTY: [&str; 4] = ["select", "filter", "orderby", "expand"];

/// The query options of a request, or those of an item of `$expand`. The `$` before a name is optional,
/// and names are case-insensitive.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// `$select`: the names, which may include `*`.
    pub select: Option<Vec<String>>,
    /// `$filter`: the condition on an entity.
    pub filter: Option<Expression>,
    /// `$orderby`: the keys of the order, the most significant first.
    pub order_by: Option<Vec<OrderKey>>,
    /// `$expand`: the navigation properties to follow.
    pub expand: Option<Expand>,
    /// `$top`: the page size, 0 to [`MAX_TOP`].
    pub top: Option<u32>,
    /// `$skip`: the number of entities to skip.
    pub skip: Option<u32>,
    /// `$count`: whether the total is wanted.
    pub count: Option<bool>,
    /// `$skiptoken`: the position of a page, as the server wrote it.
    pub skip_token: Option<String>,
    /// `$at`, `$from`, `$to` and `$toInclusive`: the time of versions.
    pub period: Period,
    /// `$format`: instead of an `Accept` header.
    pub format: Option<String>,
    /// Each option as the client wrote it, by its name without `$`, and each parameter alias in them,
    /// by its name with `@`. Links repeat them.
    pub texts: BTreeMap<String, String>,
    /// Where `$filter` and `$orderby` begin: the option of the URL, without `$`, and the column. That
    /// option is `expand` for the options of an item of `$expand`.
    starts: BTreeMap<String, (String, usize)>,
    /// The first option that no request supports, as the client wrote it.
    unknown: Option<String>,
}

impl Options {
    /// Parses the part of a URL after the `?`, still percent-encoded.
    pub fn parse(query: &str) -> Result<Self> {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pairs: Vec<_> = pairs.map(decoded_pair).collect::<Result<_>>()?;
        let (aliased, pairs): (Vec<_>, Vec<_>) =
            pairs.into_iter().partition(|(name, _)| Aliases::is_name(name));
        let mut aliases = Aliases::default();
        for (name, value) in aliased {
            aliases.add(&name, &value)?;
        }
        let mut options = Self::default();
        for (name, value) in &pairs {
            let source = Source::new(name, value)?.with_aliases(&aliases);
            options.set(name, source, &mut Expansion::default())?;
        }
        options.keep_aliases(&aliases);
        options.period.check()?;
        match aliases.names().find(|name| !options.texts.contains_key(*name)) {
            None => Ok(options),
            Some(name) => Err(OptionReason::AliasUnused { name: name.to_owned() }.into()),
        }
    }

    /// The text to which a `$skiptoken` is bound: the filter, with its aliases, the order, and the time
    /// of versions.
    #[must_use]
    pub fn scan(&self) -> String {
        let text = |name: &str| self.texts.get(name).map_or("", String::as_str);
        let mut scan = format!("{}\n{}", text("filter"), text("orderby"));
        for name in period::NAMES.iter().map(|name| name[1..].to_ascii_lowercase()) {
            if let Some(value) = self.texts.get(&name) {
                scan.push_str(&format!("\n{name}={value}"));
            }
        }
        for name in self.aliases_in(&["filter", "orderby"]) {
            if let Some(value) = self.texts.get(&name) {
                scan.push_str(&format!("\n{name}={value}"));
            }
        }
        scan
    }

    /// Adds to an error about the expression of an option, named without `$`, in which option it is,
    /// and which parameter alias is there.
    pub fn locate<Value>(&self, name: &str, result: Result<Value>) -> Result<Value> {
        result.map_err(|error| match (error, self.starts.get(name), self.texts.get(name)) {
            (Error::Option(mut reason), Some((option, start)), Some(text)) => {
                if let Some(place) = reason.place_mut() {
                    let alias = Aliases::name_at(text, *start, place.column);
                    place.alias = alias.map(str::to_owned);
                    place.option.clone_from(option);
                }
                Error::Option(reason)
            }
            (error, _, _) => error,
        })
    }

    /// Refuses an option that is not one of these.
    ///
    /// # Errors
    /// [`OptionReason::Unsupported`].
    pub fn check(&self, supported: &'static [&'static str]) -> Result<()> {
        let unknown = self.unknown.as_deref();
        match unknown.or_else(|| self.given().find(|name| !supported.contains(name))) {
            None => Ok(()),
            Some(name) => {
                Err(OptionReason::Unsupported { name: name.to_owned(), supported }.into())
            }
        }
    }

    /// The names of the options that were given.
    pub fn given(&self) -> impl Iterator<Item = &'static str> {
        let given = [
            self.select.is_some(),
            self.filter.is_some(),
            self.order_by.is_some(),
            self.expand.is_some(),
            self.top.is_some(),
            self.skip.is_some(),
            self.count.is_some(),
            self.skip_token.is_some(),
            self.format.is_some(),
        ];
        let given =
            OPTION_NAMES.into_iter().zip(given).filter(|(_, given)| *given).map(|(name, _)| name);
        given.chain(self.period.given())
    }

    /// Parses the value of one option. `expansion` continues to count inside `$expand`.
    fn set(&mut self, name: &str, source: Source<'_>, expansion: &mut Expansion) -> Result<()> {
        // Blanks do not matter, except beside a number.
        let (number, source) = (source.text, source.trim());
        let value = source.text;
        if value.is_empty() && MAY_BE_EMPTY.contains(&name) {
            return Ok(());
        }
        self.texts.insert(name.to_owned(), value.to_owned());
        if matches!(name, "filter" | "orderby") {
            self.starts.insert(name.to_owned(), (source.option.to_owned(), source.at));
        }
        match name {
            "select" => once(&mut self.select, name, names(value)?),
            "filter" => once(&mut self.filter, name, filter(source)?),
            "orderby" => once(&mut self.order_by, name, order_by(source)?),
            "expand" => once(&mut self.expand, name, expansion.expand(source)?),
            "top" => once(&mut self.top, name, whole_number(name, number, MAX_TOP)?),
            "skip" => once(&mut self.skip, name, whole_number(name, number, i32::MAX as u32)?),
            "count" => once(&mut self.count, name, boolean(name, value)?),
            "skiptoken" => once(&mut self.skip_token, name, value.to_owned()),
            "at" => once(&mut self.period.at, name, period::instant(name, value)?),
            "from" => once(&mut self.period.from, name, period::instant(name, value)?),
            "to" => once(&mut self.period.to, name, period::instant(name, value)?),
            "toinclusive" => {
                once(&mut self.period.to_inclusive, name, period::instant("toInclusive", value)?)
            }
            "format" => once(&mut self.format, name, value.to_owned()),
            _ => {
                self.unknown.get_or_insert_with(|| name.to_owned());
                Ok(())
            }
        }
    }

    /// Keeps the texts of the aliases that the options use.
    fn keep_aliases(&mut self, aliases: &Aliases) {
        for name in self.aliases_in(&["filter", "orderby", "expand"]) {
            if let Some(value) = aliases.text(&name) {
                self.texts.insert(name, value.to_owned());
            }
        }
    }

    /// The names of the parameter aliases in the values of these options.
    fn aliases_in(&self, options: &[&str]) -> BTreeSet<String> {
        let texts = options.iter().filter_map(|name| self.texts.get(*name));
        texts.flat_map(|text| Aliases::names_in(text)).map(str::to_owned).collect()
    }
}

/// The name of an option, from the query of a URL: a known one in lower case and without its `$`, another
/// one as it is written.
///
/// # Errors
/// If the name is not percent-encoded UTF-8.
pub fn option_name(encoded: &str) -> Result<String> {
    let written = decode(encoded, || UrlPart::OptionName)?;
    let lower = written.strip_prefix('$').unwrap_or(&written).to_ascii_lowercase();
    let is_known = OPTION_NAMES
        .into_iter()
        .chain(period::NAMES)
        .any(|own| own.strip_prefix('$').is_some_and(|own| own.eq_ignore_ascii_case(&lower)));
    Ok(if is_known { lower } else { written.into_owned() })
}

/// A name and a value, percent-decoded. The name of a known option is in lower case and without
/// `$`; any other name is as the client wrote it.
fn decoded_pair(pair: &str) -> Result<(String, Cow<'_, str>)> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let name = option_name(name)?;
    let part = || UrlPart::OptionValue { name: name.clone() };
    let value = match value.contains('+') {
        true => Cow::Owned(decode(&value.replace('+', " "), part)?.into_owned()),
        false => decode(value, part)?,
    };
    Ok((name, value))
}

fn once<Value>(slot: &mut Option<Value>, name: &str, value: Value) -> Result<()> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(OptionReason::Repeated { name: name.into() }.into()),
    }
}

fn names(value: &str) -> Result<Vec<String>> {
    let names: Vec<String> = value.split(',').map(|name| name.trim().to_owned()).collect();
    match names.iter().any(String::is_empty) {
        false => Ok(names),
        true => Err(OptionReason::NotNames.into()),
    }
}

fn whole_number(name: &str, value: &str, most: u32) -> Result<u32> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse().ok().filter(|number| digits && *number <= most);
    number.ok_or_else(|| {
        let (name, value) = (name.into(), value.into());
        OptionReason::NotWholeNumber { name, value, most }.into()
    })
}

fn boolean(name: &str, value: &str) -> Result<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(OptionReason::NotBoolean { name: name.into(), value: value.into() }.into()),
    }
}
