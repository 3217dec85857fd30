//! The query of a URL → its options. Each option is read or refused by name; none is passed over.

use std::collections::BTreeMap;

mod expand;
mod order_by;

pub use expand::{ExpandItem, MAX_EXPAND_DEPTH, MAX_EXPAND_ITEMS};
pub use order_by::{Direction, MAX_ORDER_KEYS, OrderKey};

use super::decode;
use super::expression::{Expression, Source, filter};
use crate::error::{OptionReason, Result, UrlPart};
use expand::Expansion;
use order_by::order_by;

/// The largest page that a client may ask for, and the page it gets without asking.
pub const MAX_TOP: u32 = 1000;

/// What is supported, as error messages list it.
const SUPPORTED: &str =
    "$select, $filter, $orderby, $expand, $top, $skip, $count, $skiptoken, $format";

/// The query options of a request, or those of an item of `$expand`; the `$` before a name is
/// optional, its case free.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// `$select`: the names, `*` among them perhaps.
    pub select: Option<Vec<String>>,
    /// `$filter`: what an entity must satisfy.
    pub filter: Option<Expression>,
    /// `$orderby`: the keys of the order, the first one foremost.
    pub order_by: Option<Vec<OrderKey>>,
    /// `$expand`: the navigation properties to follow.
    pub expand: Option<Vec<ExpandItem>>,
    /// `$top`: the page size, 1 to [`MAX_TOP`].
    pub top: Option<u32>,
    /// `$skip`: how many entities to leave out.
    pub skip: Option<u32>,
    /// `$count`: whether the total is wanted.
    pub count: Option<bool>,
    /// `$skiptoken`: where the next page starts, as the server once wrote it.
    pub skip_token: Option<String>,
    /// `$format`: instead of an `Accept` header.
    pub format: Option<String>,
    /// Each option as the client wrote it, by its name without `$`; for links that repeat it.
    pub texts: BTreeMap<String, String>,
}

impl Options {
    /// Reads what followed the `?`, still percent-encoded.
    pub fn parse(query: &str) -> Result<Self> {
        let mut options = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name, || UrlPart::OptionName)?.to_ascii_lowercase();
            let name = name.strip_prefix('$').unwrap_or(&name);
            let value = value.replace('+', " ");
            let value = decode(&value, || UrlPart::OptionValue { name: name.to_owned() })?;
            let source = Source::new(name, &value)?.trim();
            options.set(name, source, &mut Expansion::default())?;
        }
        Ok(options)
    }

    /// The text to which a `$skiptoken` is bound: another filter or order is another scan.
    #[must_use]
    pub fn scan(&self) -> String {
        let text = |name: &str| self.texts.get(name).map_or("", String::as_str);
        format!("{}\n{}", text("filter"), text("orderby"))
    }

    /// The names of the options that were given.
    pub fn given(&self) -> impl Iterator<Item = &'static str> {
        let given = [
            ("$select", self.select.is_some()),
            ("$filter", self.filter.is_some()),
            ("$orderby", self.order_by.is_some()),
            ("$expand", self.expand.is_some()),
            ("$top", self.top.is_some()),
            ("$skip", self.skip.is_some()),
            ("$count", self.count.is_some()),
            ("$skiptoken", self.skip_token.is_some()),
            ("$format", self.format.is_some()),
        ];
        given.into_iter().filter(|(_, given)| *given).map(|(name, _)| name)
    }

    /// Reads the value of one option; an `expansion` goes on where it stands inside `$expand`.
    fn set(&mut self, name: &str, source: Source<'_>, expansion: &mut Expansion) -> Result<()> {
        let value = source.text;
        self.texts.insert(name.to_owned(), value.to_owned());
        match name {
            "select" => once(&mut self.select, name, names(value)?),
            "filter" => once(&mut self.filter, name, filter(source)?),
            "orderby" => once(&mut self.order_by, name, order_by(source)?),
            "expand" => once(&mut self.expand, name, expansion.items(source)?),
            "top" => once(&mut self.top, name, whole_number(name, value, 1, MAX_TOP)?),
            "skip" => once(&mut self.skip, name, whole_number(name, value, 0, i32::MAX as u32)?),
            "count" => once(&mut self.count, name, boolean(name, value)?),
            "skiptoken" => once(&mut self.skip_token, name, value.to_owned()),
            "format" => once(&mut self.format, name, value.to_owned()),
            _ => Err(OptionReason::Unknown { name: name.into(), supported: SUPPORTED }.into()),
        }
    }
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

fn whole_number(name: &str, value: &str, least: u32, most: u32) -> Result<u32> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse().ok().filter(|number| digits && (least..=most).contains(number));
    number.ok_or_else(|| {
        let (name, value) = (name.into(), value.into());
        OptionReason::NotWholeNumber { name, value, least, most }.into()
    })
}

fn boolean(name: &str, value: &str) -> Result<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(OptionReason::NotBoolean { name: name.into(), value: value.into() }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Row;

    #[test]
    fn the_dollar_and_the_case_are_free() {
        let options = Options::parse("%24top=5&SKIP=2&$Count=True&select=id,+runState").unwrap();
        assert_eq!((options.top, options.skip, options.count), (Some(5), Some(2), Some(true)));
        assert_eq!(options.select.unwrap(), ["id", "runState"]);
    }

    #[test]
    fn columns_count_in_the_decoded_value() {
        let options =
            Options::parse("filter=++%C3%A9+eq+%27a%2B%26b%27&$OrderBy=+a+desc&expand=+b");
        let options = options.unwrap();
        assert_eq!(options.filter.unwrap().at, 5);
        assert_eq!(options.order_by.unwrap()[0].expression.at, 2);
        assert_eq!(options.expand.unwrap()[0].path.names[0].at, 2);
    }

    #[test]
    fn all_that_is_given_is_known() {
        let query = "$format=json&$skiptoken=a&$count=true&$skip=1&$top=1&$expand=a&$orderby=a\
                     &$filter=a&$select=a";
        let options = Options::parse(query).unwrap();
        assert_eq!(options.given().collect::<Vec<_>>().join(", "), SUPPORTED);
        assert_eq!(Options::default().given().count(), 0);
    }

    #[test]
    fn what_does_not_work_is_refused_by_name() {
        let cases = [
            ("$top=0", "$top"),
            ("$top=1001", "$top"),
            ("$top=+5", "$top"),
            ("$top=1&top=1", "$top"),
            ("$skip=-1", "$skip"),
            ("$count=yes", "$count"),
            ("$select=", "$select"),
            ("$search=x", "$search"),
            ("$apply=x", "$apply"),
            ("$compute=x", "$compute"),
            ("$deltatoken=x", "$deltatoken"),
            ("nonsense=1", "$nonsense"),
            ("filter=a+eqq+1", "$filter is not valid at column 3"),
            ("$filter=a&filter=a", "$filter"),
            ("$orderby=a,", "$orderby is not valid at column 3"),
            ("$expand=a($top=0)", "$top"),
            ("$top=%", "$top"),
        ];
        for (query, name) in cases {
            let refused = Options::parse(query);
            if query == "$top=+5" {
                assert_eq!(refused.unwrap().top, Some(5)); // a plus is a space
                continue;
            }
            let Row { status, message, .. } = refused.unwrap_err().row();
            assert_eq!(status, 400);
            assert!(message.contains(name), "{query}: {message}");
        }
    }
}
