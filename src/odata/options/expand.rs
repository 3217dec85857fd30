//! The value of `$expand` → navigation properties, each with its own options.
//!
//! ```text
//! expand = item *( "," item )
//! item   = "*"                                            ; all others
//!        / path [ "(" option *( ";" option ) ")" ]
//! option = [ "$" ] name "=" value                         ; OPTIONS has the names, in any case
//! ```

use super::Options;
use crate::error::{Result, SyntaxReason};
use crate::odata::expression::{Parser, PropertyPath, Source, TokenKind};

/// The largest number of nested `$expand`.
pub const MAX_EXPAND_DEPTH: usize = 3;

/// The largest number of items in a `$expand`, nested ones included.
pub const MAX_EXPAND_ITEMS: usize = 20;

/// The options that an item can have.
const OPTIONS: [&str; 7] = ["select", "filter", "orderby", "top", "skip", "count", "expand"];

/// The value of `$expand`.
#[derive(Clone, Debug, PartialEq)]
pub struct Expand {
    /// The navigation properties that it names.
    pub items: Vec<ExpandItem>,
    /// `*`: whether all others are expanded, too.
    pub all: bool,
}

/// A navigation property to expand.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpandItem {
    /// Its name, or a path.
    pub path: PropertyPath,
    /// Its options, without `$skiptoken` and `$format`.
    pub options: Options,
}

/// The depth and the number of items so far.
#[derive(Default)]
pub(super) struct Expansion {
    depth: usize,
    items: usize,
}

impl Expansion {
    /// `expand`
    pub(super) fn expand(&mut self, source: Source<'_>) -> Result<Expand> {
        if self.depth == MAX_EXPAND_DEPTH {
            let reason = SyntaxReason::ExpandTooDeep { limit: MAX_EXPAND_DEPTH };
            return Err(source.refuse(source.at, reason));
        }
        self.depth += 1;
        let mut expand = Expand { items: Vec::new(), all: false };
        for item in source.split(',')? {
            self.item(item.trim(), &mut expand)?;
        }
        self.depth -= 1;
        Ok(expand)
    }

    /// `item`
    fn item(&mut self, item: Source<'_>, expand: &mut Expand) -> Result<()> {
        self.items += 1;
        if self.items > MAX_EXPAND_ITEMS {
            let reason = SyntaxReason::TooManyItems { limit: MAX_EXPAND_ITEMS };
            return Err(item.refuse(item.at, reason));
        }
        if item.text.starts_with('*') {
            let rest = item.split_at(1).1.trim();
            return match (rest.text, expand.all) {
                ("", false) => {
                    expand.all = true;
                    Ok(())
                }
                ("", true) => Err(item.refuse(item.at, SyntaxReason::StarRepeated)),
                (text, _) if text.starts_with('(') => {
                    Err(item.refuse(rest.at, SyntaxReason::StarOptions))
                }
                (text, _) => Err(item.unexpected(rest.at, text, "',' or the end")),
            };
        }
        expand.items.push(self.navigation(item)?);
        Ok(())
    }

    /// `item` other than `*`
    fn navigation(&mut self, item: Source<'_>) -> Result<ExpandItem> {
        let (open, close) = match (item.text.find('('), item.text.rfind(')')) {
            (Some(open), Some(close)) if open < close => (open, close),
            _ => return Ok(ExpandItem { path: path(item)?, options: Options::default() }),
        };
        let (before, rest) = item.split_at(close + 1);
        if !rest.text.is_empty() {
            let rest = rest.trim();
            return Err(item.unexpected(rest.at, rest.text, "',' or the end"));
        }
        let path = path(before.split_at(open).0)?;
        let inner = before.split_at(close).0.split_at(open + 1).1;
        let name = before.split_at(open).0.trim().text;
        let options = self.options(inner).map_err(|error| error.in_expand(name))?;
        Ok(ExpandItem { path, options })
    }

    /// The options of an item, without the parentheses.
    fn options(&mut self, source: Source<'_>) -> Result<Options> {
        let mut options = Options::default();
        for option in source.split(';')? {
            let option = option.trim_start();
            let Some(equals) = option.text.find('=') else {
                let found = option.text.trim_end();
                return Err(option.unexpected(option.at, found, "an option with its value"));
            };
            let (name, value) = option.split_at(equals);
            let lower = name.text.trim_end().to_ascii_lowercase();
            let lower = lower.strip_prefix('$').unwrap_or(&lower);
            if !OPTIONS.contains(&lower) {
                return Err(name.refuse(name.at, unsupported(name.text.trim_end())));
            }
            options.set(lower, value.split_at(1).1, self)?;
        }
        if let Some(aliases) = source.aliases {
            options.keep_aliases(aliases);
        }
        Ok(options)
    }
}

/// The path of an item.
fn path(source: Source<'_>) -> Result<PropertyPath> {
    let mut parser = Parser::new(source);
    let path = parser.path("a navigation property")?;
    parser.expect(TokenKind::End, "'/', '(', ',' or the end")?;
    Ok(path)
}

fn unsupported(name: &str) -> SyntaxReason {
    let supported = OPTIONS.map(|name| format!("${name}")).join(", ");
    SyntaxReason::ExpandOption { name: name.to_owned(), supported }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::odata::expression::testing::{self, tree};

    fn parse(text: &str) -> Result<Vec<ExpandItem>> {
        Expansion::default().expand(Source::new("expand", text)?.trim()).map(|it| it.items)
    }

    fn refusal(text: &str) -> String {
        testing::refusal(parse(text), "$expand")
    }

    #[test]
    fn an_item_is_a_path_with_options_of_its_own() {
        let text = "assignments, userRunStates( $select=id,name; FILTER=id eq ';),(' ;$orderby=a \
                    desc,b;top=5;$skip=1;$count=TRUE;expand=a/b($top=1),c)";
        let items = parse(text).unwrap();
        assert_eq!(testing::path(&items[0].path), "assignments");
        assert_eq!(items[0].options, Options::default());
        let options = &items[1].options;
        assert_eq!(options.select.as_deref().unwrap(), ["id", "name"]);
        assert_eq!(tree(options.filter.as_ref().unwrap()), "(eq id ';),(')");
        assert_eq!(options.order_by.as_ref().unwrap().len(), 2);
        assert_eq!((options.top, options.skip, options.count), (Some(5), Some(1), Some(true)));
        let inner = &options.expand.as_ref().unwrap().items;
        assert_eq!(testing::path(&inner[0].path), "a/b");
        assert_eq!(inner[0].options.top, Some(1));
        assert_eq!(testing::path(&inner[1].path), "c");
    }

    #[test]
    fn a_star_is_all_others() {
        let expand = |text: &str| {
            let source = Source::new("expand", text).unwrap();
            let expand = Expansion::default().expand(source).unwrap();
            (expand.items.iter().map(|it| testing::path(&it.path)).collect::<Vec<_>>(), expand.all)
        };
        assert_eq!(expand("*"), (vec![], true));
        assert_eq!(expand(" a( $top=1), * ,b"), (vec!["a".into(), "b".into()], true));
        assert_eq!(expand("a"), (vec!["a".into()], false));
    }

    #[test]
    fn columns_count_from_the_start_of_the_whole_value() {
        let items = parse("é,a($expand= b( $filter=x eq 1))").unwrap();
        let inner = &items[1].options.expand.as_ref().unwrap().items[0];
        assert_eq!((items[1].path.names[0].at, inner.path.names[0].at), (3, 14));
        let filter = inner.options.filter.as_ref().unwrap();
        assert_eq!((filter.at, filter.kind.operands().next().unwrap().at), (27, 25));
    }

    #[test]
    fn an_error_says_where_and_what() {
        let options = "$select, $filter, $orderby, $top, $skip, $count, $expand";
        let cases = [
            ("", 1, "found the end where a navigation property was expected"),
            ("a,,b", 3, "found the end where a navigation property was expected"),
            (
                "*($select=id)",
                2,
                "'*' has no options: name the navigation property that they are for",
            ),
            (
                "* ($levels=1)",
                3,
                "'*' has no options: name the navigation property that they are for",
            ),
            ("*()", 2, "'*' has no options: name the navigation property that they are for"),
            ("a,*/$ref", 4, "found '/$ref' where ',' or the end was expected"),
            ("**", 2, "found '*' where ',' or the end was expected"),
            ("*,a, *", 6, "'*' is given more than once"),
            ("a/*", 3, "found '*' where a name was expected"),
            ("a/$ref", 3, "'$ref' is not supported"),
            ("a/$count", 3, "'$count' is not supported"),
            ("a b", 3, "found 'b' where '/', '(', ',' or the end was expected"),
            ("a($top=1)b", 10, "found 'b' where ',' or the end was expected"),
            ("a'('", 1, "found 'a'('' where a navigation property was expected"),
            ("a($top=1", 2, "there is no ')' for this '('"),
            ("a($filter=b eq 'x)", 16, "the string that begins here has no closing quote"),
            ("a()", 3, "found the end where an option with its value was expected"),
            ("a($top=1;)", 10, "found the end where an option with its value was expected"),
            ("a(top)", 3, "found 'top' where an option with its value was expected"),
            ("a($filter=b eqq 1)", 13, "found 'eqq' where an operator or the end was expected"),
            (
                "a($orderby=b,)",
                14,
                "found the end where a property, a literal, a function or '(' was expected",
            ),
            (
                "a(b=$it)",
                3,
                &format!("the option 'b' is not supported here. Supported options are {options}"),
            ),
            (
                "a($levels=2)",
                3,
                &format!(
                    "the option '$levels' is not supported here. Supported options are {options}"
                ),
            ),
        ];
        for (text, column, why) in cases {
            let expected = format!("The value of $expand is not valid at column {column}: {why}.");
            assert_eq!(refusal(text), expected, "{text}");
        }
        for name in ["search", "skiptoken", "format", "compute"] {
            assert!(refusal(&format!("a({name}=1)")).contains(&format!("option '{name}' is")));
        }
        let twice = parse("a($top=1;top=2)").unwrap_err().row().message;
        assert_eq!(twice, "In $expand=a: The query option '$top' is given more than once.");
    }

    #[test]
    fn depth_and_items_are_bounded() {
        assert!(parse("a($expand=b($expand=c($top=1)))").is_ok());
        let refused = refusal("a($expand=b($expand=c($expand=d)))");
        assert!(refused.contains("column 31: $expand nests deeper than 3"), "{refused}");
        let items = |number| vec!["a"; number].join(",");
        assert!(parse(&items(MAX_EXPAND_ITEMS)).is_ok());
        assert!(refusal(&items(21)).contains("column 41: there are more than 20 items"));
        let inside = format!("a($expand={}),b($expand={})", items(9), items(10));
        assert!(refusal(&inside).contains("there are more than 20 items"));
        assert!(refusal(&"a($expand=".repeat(3000)).contains("there is no ')'"));
    }
}
