//! Properties of reading: what is written from a tree reads back as that tree, each node stands
//! where it says, and no text whatever makes it panic.

use proptest::prelude::*;

use super::testing::{expressions, odata, path, tree};
use crate::odata::{Expression, ExpressionKind as Kind, Options, Path};

/// Pieces of which most texts are nearly valid.
const PIECES: [&str; 37] = [
    "a",
    "b/c",
    "any",
    "/all(x:",
    "/$count",
    "/$count($filter=",
    "&@a=",
    "=",
    "(",
    ")",
    ",",
    ";",
    "'",
    "''",
    " ",
    "-",
    "1",
    "1.5e+3",
    " eq ",
    " and ",
    " in (",
    " not ",
    " has ",
    " add ",
    " desc",
    "$expand=",
    "$filter=",
    "top=",
    "$it",
    "@a",
    "é",
    ":",
    "/",
    "*",
    "null",
    "%",
    "2017-01-01T00:00:00Z",
];

/// Whether each node's column is that of its operator or first name, in this text.
fn stands_where_it_says(expression: &Expression, text: &str) -> bool {
    let rest: String = text.chars().skip(expression.at - 1).collect();
    let here = match &expression.kind {
        Kind::Literal(_) => true,
        Kind::Path(names) | Kind::Count { collection: names, .. } => rest.starts_with(&path(names)),
        Kind::Any { collection, .. } | Kind::All { collection, .. } => {
            rest.starts_with(&path(collection)) && collection.names[0].at == expression.at
        }
        Kind::Call { name, .. } => rest.starts_with(&name.text) && name.at == expression.at,
        Kind::Negate(_) => rest.starts_with('-'),
        Kind::Not(_) => rest.starts_with("not "),
        Kind::Compare { operator, .. } => rest.starts_with(operator.word()),
        Kind::Calculate { operator, .. } => rest.starts_with(operator.word()),
        Kind::Has { .. } => rest.starts_with("has "),
        Kind::In { .. } => rest.starts_with("in "),
        Kind::And(_) => rest.starts_with("and "),
        Kind::Or(_) => rest.starts_with("or "),
    };
    here && expression.kind.operands().all(|operand| stands_where_it_says(operand, text))
}

proptest! {
    #[test]
    fn what_is_written_from_a_tree_reads_back_as_it(expression in expressions()) {
        let text = odata(&expression);
        let parsed = Expression::parse(&text).map_err(|error| error.row().message);
        prop_assert_eq!(parsed.as_ref().map(tree), Ok(tree(&expression)), "{}", text);
        let parsed = parsed.unwrap();
        prop_assert_eq!(parsed.height(), expression.height());
        prop_assert!(stands_where_it_says(&parsed, &text), "{}", text);
    }

    #[test]
    fn no_text_makes_reading_panic(text in any::<String>(), option in "(filter|orderby|expand|.*)") {
        let _ = Expression::parse(&text);
        let _ = Path::parse(&text);
        let _ = Options::parse(&format!("{option}={text}"));
    }

    #[test]
    fn no_nearly_valid_text_makes_reading_panic(
        pieces in prop::collection::vec(prop::sample::select(&PIECES), 0..30),
        option in "filter|orderby|expand",
    ) {
        let text = pieces.concat();
        let _ = Expression::parse(&text);
        let _ = Options::parse(&format!("{option}={text}"));
    }
}
