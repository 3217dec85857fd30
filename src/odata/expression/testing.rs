//! For tests: a tree → a compact text without columns, a tree → OData text, and random trees.

use std::fmt::Debug;

use proptest::prelude::*;

use crate::error::{Result, Row};
use crate::odata::{
    Arithmetic, Comparison, Expression, ExpressionKind as Kind, List, ListItem, Literal, Name,
    Predicate, PropertyPath,
};

/// The message of a refusal, which must be a 400.
pub(crate) fn refusal<T: Debug>(result: Result<T>, option: &str) -> String {
    let Row { status, message, .. } = result.expect_err("is valid").row();
    assert_eq!(status, 400);
    assert!(message.starts_with(&format!("The value of {option} ")), "{message}");
    message
}

/// `(eq a 1)`, `contains[a 'b']`, `(any c x x)`, `(in a {1 2})`; columns are left out.
pub(crate) fn tree(expression: &Expression) -> String {
    let all = |many: &[Expression]| many.iter().map(tree).collect::<Vec<_>>().join(" ");
    let two = |word, left, right| format!("({word} {} {})", tree(left), tree(right));
    match &expression.kind {
        Kind::Literal(it) => literal(it),
        Kind::Path(it) => path(it),
        Kind::Count { collection, filter: None } => format!("{}/$count", path(collection)),
        Kind::Count { collection, filter: Some(it) } => {
            format!("{}/$count[{}]", path(collection), tree(it))
        }
        Kind::Call { name, arguments } => format!("{}[{}]", name.text, all(arguments)),
        Kind::Any { collection, predicate: None } => format!("(any {})", path(collection)),
        Kind::Any { collection, predicate: Some(Predicate { variable, condition }) } => {
            format!("(any {} {} {})", path(collection), variable.text, tree(condition))
        }
        Kind::All { collection, predicate: Predicate { variable, condition } } => {
            format!("(all {} {} {})", path(collection), variable.text, tree(condition))
        }
        Kind::Negate(it) => format!("(- {})", tree(it)),
        Kind::Not(it) => format!("(not {})", tree(it)),
        Kind::Compare { operator, left, right } => two(operator.word(), left, right),
        Kind::Calculate { operator, left, right } => two(operator.word(), left, right),
        Kind::Has { left, right } => two("has", left, right),
        Kind::In { value, list: List::Path(it) } => format!("(in {} {})", tree(value), path(it)),
        Kind::In { value, list: List::Items(items) } => {
            format!("(in {} {{{}}})", tree(value), literals(items, " "))
        }
        Kind::And(many) => format!("(and {})", all(many)),
        Kind::Or(many) => format!("(or {})", all(many)),
    }
}

/// The OData text of a tree, with no more parentheses than it needs.
pub(crate) fn odata(expression: &Expression) -> String {
    let own = power(expression);
    let two =
        |word, left, right| format!("{} {word} {}", at_least(own, left), at_least(own + 1, right));
    let chain = |many: &[Expression], word: &str| {
        many.iter().map(|it| at_least(own + 1, it)).collect::<Vec<_>>().join(word)
    };
    match &expression.kind {
        Kind::Literal(it) => literal(it),
        Kind::Path(it) => path(it),
        Kind::Count { collection, filter: None } => format!("{}/$count", path(collection)),
        Kind::Count { collection, filter: Some(it) } => {
            format!("{}/$count($filter={})", path(collection), odata(it))
        }
        Kind::Call { name, arguments } => {
            let arguments: Vec<_> = arguments.iter().map(odata).collect();
            format!("{}({})", name.text, arguments.join(","))
        }
        Kind::Any { collection, predicate: None } => format!("{}/any()", path(collection)),
        Kind::Any { collection, predicate: Some(Predicate { variable, condition }) } => {
            format!("{}/any({}:{})", path(collection), variable.text, odata(condition))
        }
        Kind::All { collection, predicate: Predicate { variable, condition } } => {
            format!("{}/all({}:{})", path(collection), variable.text, odata(condition))
        }
        Kind::Negate(it) => format!("- {}", at_least(own, it)),
        Kind::Not(it) => format!("not {}", at_least(own, it)),
        Kind::Compare { operator, left, right } => two(operator.word(), left, right),
        Kind::Calculate { operator, left, right } => two(operator.word(), left, right),
        Kind::Has { left, right } => two("has", left, right),
        Kind::In { value, list: List::Path(it) } => {
            format!("{} in {}", at_least(own, value), path(it))
        }
        Kind::In { value, list: List::Items(items) } => {
            format!("{} in ({})", at_least(own, value), literals(items, ","))
        }
        Kind::And(many) => chain(many, " and "),
        Kind::Or(many) => chain(many, " or "),
    }
}

/// A path as it is written.
pub(crate) fn path(path: &PropertyPath) -> String {
    path.names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join("/")
}

/// Random trees, with every kind of node; all columns are 0.
pub(crate) fn expressions() -> impl Strategy<Value = Expression> {
    let leaf = prop_oneof![
        a_literal().prop_map(Kind::Literal),
        a_path().prop_map(Kind::Path),
        a_path().prop_map(|collection| Kind::Count { collection, filter: None }),
        a_path().prop_map(|collection| Kind::Any { collection, predicate: None }),
    ];
    leaf.prop_map(node).prop_recursive(6, 60, 4, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        let several = |least| prop::collection::vec(inner.clone(), least..4);
        let predicate = || {
            (a_name("[a-zA-Z_][a-z0-9_]{0,4}"), boxed())
                .prop_map(|(variable, condition)| Predicate { variable, condition })
        };
        let two = || (boxed(), boxed());
        prop_oneof![
            (a_name(QUALIFIED), several(0))
                .prop_map(|(name, arguments)| Kind::Call { name, arguments }),
            (a_path(), predicate()).prop_map(|(collection, predicate)| Kind::Any {
                collection,
                predicate: Some(predicate)
            }),
            (a_path(), predicate())
                .prop_map(|(collection, predicate)| Kind::All { collection, predicate }),
            (a_path(), boxed())
                .prop_map(|(collection, filter)| Kind::Count { collection, filter: Some(filter) }),
            boxed().prop_map(Kind::Negate),
            boxed().prop_map(Kind::Not),
            (a_comparison(), two()).prop_map(|(operator, (left, right))| Kind::Compare {
                operator,
                left,
                right
            }),
            (an_arithmetic(), two()).prop_map(|(operator, (left, right))| Kind::Calculate {
                operator,
                left,
                right
            }),
            two().prop_map(|(left, right)| Kind::Has { left, right }),
            (boxed(), a_list()).prop_map(|(value, list)| Kind::In { value, list }),
            several(2).prop_map(Kind::And),
            several(2).prop_map(Kind::Or),
        ]
        .prop_map(node)
    })
}

/// One name or several with dots; operators and keywords among them.
const QUALIFIED: &str = "(and|eq|in|has|asc|any|[a-zA-Z_é][a-z0-9_]{0,4})(\\.[a-z_]{1,3}){0,2}";

fn node(kind: Kind) -> Expression {
    Expression::new(kind, 0)
}

fn a_name(pattern: &'static str) -> impl Strategy<Value = Name> {
    let reserved = ["not", "null", "true", "false", "inf", "nan"];
    let is_free = move |text: &String| !reserved.contains(&text.to_ascii_lowercase().as_str());
    pattern.prop_filter("a keyword", is_free).prop_map(|text| Name { text, at: 0 })
}

fn a_path() -> impl Strategy<Value = PropertyPath> {
    prop::collection::vec(a_name(QUALIFIED), 1..4).prop_map(|names| PropertyPath { names })
}

fn a_literal() -> impl Strategy<Value = Literal> {
    let number = "-?[0-9]{1,3}(\\.[0-9]{1,2})?(e[+-]?[0-9])?|INF|-INF|NaN";
    let word = "-?[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(Z|[+-]01:00))?\
                |[0-9]{2}:[0-9]{2}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
    // Of GUIDs that are also numbers (00000000…e…) there are none: they have four hyphens.
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Boolean),
        number.prop_map(Literal::Number),
        word.prop_map(Literal::Word),
        any::<String>().prop_map(Literal::String),
        (a_name(QUALIFIED), "[a-z',)(]{0,5}")
            .prop_map(|(name, text)| Literal::Typed { type_name: name.text, text }),
    ]
}

fn a_list() -> impl Strategy<Value = List> {
    let item = a_literal().prop_map(|literal| ListItem { literal, at: 0 });
    prop_oneof![
        prop::collection::vec(item, 1..4).prop_map(List::Items),
        a_path().prop_map(List::Path),
    ]
}

fn a_comparison() -> impl Strategy<Value = Comparison> {
    use Comparison::*;
    prop::sample::select(&[Eq, Ne, Gt, Ge, Lt, Le])
}

fn an_arithmetic() -> impl Strategy<Value = Arithmetic> {
    use Arithmetic::*;
    prop::sample::select(&[Add, Sub, Mul, Div, DivBy, Mod])
}

/// How tightly a node binds, told apart from the parser's table so that one proves the other.
fn power(expression: &Expression) -> u8 {
    match &expression.kind {
        Kind::Or(_) => 1,
        Kind::And(_) => 2,
        Kind::Compare { operator: Comparison::Eq | Comparison::Ne, .. } => 3,
        Kind::Compare { .. } => 4,
        Kind::Calculate { operator: Arithmetic::Add | Arithmetic::Sub, .. } => 5,
        Kind::Calculate { .. } => 6,
        Kind::Negate(_) | Kind::Not(_) => 7,
        Kind::Has { .. } | Kind::In { .. } => 8,
        _ => 9,
    }
}

fn at_least(least: u8, expression: &Expression) -> String {
    match power(expression) >= least {
        true => odata(expression),
        false => format!("({})", odata(expression)),
    }
}

fn literal(literal: &Literal) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    match literal {
        Literal::Null => "null".into(),
        Literal::Boolean(value) => value.to_string(),
        Literal::Number(text) | Literal::Word(text) => text.clone(),
        Literal::String(text) => quoted(text),
        Literal::Typed { type_name, text } => format!("{type_name}{}", quoted(text)),
    }
}

fn literals(items: &[ListItem], separator: &str) -> String {
    items.iter().map(|item| literal(&item.literal)).collect::<Vec<_>>().join(separator)
}
