//! Do random `$filter` and `$orderby` options return the same rows as an evaluation in Rust, and does a
//! filtered `/$count` count them?

use std::cmp::Ordering;

use chrono::{DateTime, FixedOffset};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value as Json, json};

use crate::harness::{Client, SCRIPTS, Server, encoded};

const CASES: u32 = 80;
const MOMENTS: [&str; 5] = [
    "2019-12-31T23:59:59.9999999Z",
    "2020-01-01T00:00:00Z",
    "2020-01-01T01:00:00+01:00",
    "2020-01-01T12:00:00Z",
    "2020-01-02T00:00:00.0000001Z",
];
const DATES: [&str; 3] = ["2020-01-01", "2020-01-02", "2020-01-03"];

/// A filter, in a form that is easy to evaluate.
#[derive(Clone, Debug)]
enum Filter {
    Number(&'static str, i64),
    Text(&'static str, Option<String>),
    TextIn(Vec<Option<String>>),
    Contains(String),
    Longer(i64),
    State(&'static str),
    /// A date-time beside a date.
    At(&'static str, &'static str),
    /// A date beside a date-time.
    DateAt(&'static str, &'static str),
    AtIn(Vec<&'static str>),
    /// A number cast to a text.
    NumberAsText(&'static str, i64),
    /// A text cast to a number.
    TextAsNumber(&'static str, i64),
    Not(Box<Filter>),
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
}

fn literal(text: Option<&String>) -> String {
    text.map_or("null".into(), |text| format!("'{}'", text.replace('\'', "''")))
}

impl Filter {
    fn written(&self) -> String {
        match self {
            Self::Number(operator, number) => format!("errorCode {operator} {number}"),
            Self::Text(operator, text) => {
                format!("resultMessage {operator} {}", literal(text.as_ref()))
            }
            Self::TextIn(texts) => {
                let texts: Vec<_> = texts.iter().map(|text| literal(text.as_ref())).collect();
                format!("resultMessage in ({})", texts.join(","))
            }
            Self::Contains(text) => format!("contains(resultMessage,{})", literal(Some(text))),
            Self::Longer(number) => format!("length(resultMessage) gt {number}"),
            Self::State(state) => format!("runState eq '{state}'"),
            Self::At(operator, date) => format!("lastStateUpdateDateTime {operator} {date}"),
            Self::DateAt(operator, date) => format!("{date} {operator} lastStateUpdateDateTime"),
            Self::AtIn(dates) => format!("lastStateUpdateDateTime in ({})", dates.join(",")),
            Self::NumberAsText(operator, number) => {
                format!("cast(errorCode,Edm.String) {operator} '{number}'")
            }
            Self::TextAsNumber(operator, number) => {
                format!("cast(resultMessage,Edm.Int32) {operator} {number}")
            }
            Self::Not(inner) => format!("not ({})", inner.written()),
            Self::And(left, right) => format!("({} and {})", left.written(), right.written()),
            Self::Or(left, right) => format!("({} or ({}))", left.written(), right.written()),
        }
    }

    /// True, false or null, by the three-valued logic of OData.
    fn holds(&self, row: &Json) -> Option<bool> {
        let text = row["resultMessage"].as_str();
        match self {
            Self::Number(operator, number) => {
                Some(compares(operator, row["errorCode"].as_i64().cmp(&Some(*number))))
            }
            Self::Text(operator, other) => Some(match (*operator, text, other.as_deref()) {
                ("eq", left, right) => left == right,
                ("ne", left, right) => left != right,
                (operator, Some(left), Some(right)) => compares(operator, left.cmp(right)),
                _ => false,
            }),
            Self::TextIn(texts) => Some(texts.iter().any(|other| other.as_deref() == text)),
            Self::Contains(part) => text.map(|text| text.contains(&**part)),
            Self::Longer(number) => {
                Some(text.is_some_and(|text| text.chars().count() as i64 > *number))
            }
            Self::State(state) => Some(row["runState"] == *state),
            Self::At(operator, date) => Some(compares(operator, at(row).cmp(&start_of(date)))),
            Self::DateAt(operator, date) => Some(compares(operator, start_of(date).cmp(&at(row)))),
            Self::AtIn(dates) => Some(dates.iter().any(|date| start_of(date) == at(row))),
            Self::NumberAsText(operator, number) => {
                let text = row["errorCode"].to_string();
                Some(compares(operator, text.cmp(&number.to_string())))
            }
            Self::TextAsNumber(operator, number) => {
                Some(match text.filter(|text| !text.contains('+')).map(str::parse::<i64>) {
                    Some(Ok(value)) => compares(operator, value.cmp(number)),
                    _ => *operator == "ne",
                })
            }
            Self::Not(inner) => inner.holds(row).map(|truth| !truth),
            Self::And(left, right) => match (left.holds(row), right.holds(row)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (left, right) => left.and(right),
            },
            Self::Or(left, right) => match (left.holds(row), right.holds(row)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (left, right) => left.and(right),
            },
        }
    }
}

fn at(row: &Json) -> DateTime<FixedOffset> {
    let text = row["lastStateUpdateDateTime"].as_str().unwrap();
    DateTime::parse_from_rfc3339(text).unwrap()
}

fn start_of(date: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(&format!("{date}T00:00:00Z")).unwrap()
}

fn compares(operator: &str, ordering: Ordering) -> bool {
    match operator {
        "eq" => ordering.is_eq(),
        "ne" => ordering.is_ne(),
        "gt" => ordering.is_gt(),
        "ge" => ordering.is_ge(),
        "lt" => ordering.is_lt(),
        _ => ordering.is_le(),
    }
}

fn text() -> impl Strategy<Value = String> {
    "[aAb' ü%_\\\\]{0,3}|-?[0-9]{1,2}"
}

fn operator() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["eq", "ne", "gt", "ge", "lt", "le"])
}

fn state() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["unknown", "success", "fail", "pending"])
}

fn date() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&DATES[..])
}

fn filter() -> impl Strategy<Value = Filter> {
    let maybe = || prop::option::of(text());
    let leaf = prop_oneof![
        (operator(), -3_i64..4).prop_map(|(operator, number)| Filter::Number(operator, number)),
        (operator(), maybe()).prop_map(|(operator, text)| Filter::Text(operator, text)),
        prop::collection::vec(maybe(), 1..4).prop_map(Filter::TextIn),
        text().prop_map(Filter::Contains),
        (-1_i64..4).prop_map(Filter::Longer),
        state().prop_map(Filter::State),
        (operator(), date()).prop_map(|(operator, date)| Filter::At(operator, date)),
        (operator(), date()).prop_map(|(operator, date)| Filter::DateAt(operator, date)),
        prop::collection::vec(date(), 1..3).prop_map(Filter::AtIn),
        (operator(), -3_i64..4)
            .prop_map(|(operator, number)| Filter::NumberAsText(operator, number)),
        (operator(), -3_i64..20)
            .prop_map(|(operator, number)| Filter::TextAsNumber(operator, number)),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            inner.prop_map(|it| Filter::Not(Box::new(it))),
            pair.clone().prop_map(|(left, right)| Filter::And(Box::new(left), Box::new(right))),
            pair.prop_map(|(left, right)| Filter::Or(Box::new(left), Box::new(right))),
        ]
    })
}

fn rows() -> impl Strategy<Value = Vec<Json>> {
    let moment = prop::sample::select(&MOMENTS[..]);
    let row = (-3_i64..4, prop::option::of(text()), state(), moment);
    let rows = prop::collection::vec(row, 0..12);
    rows.prop_map(|rows| {
        let rows = rows.into_iter().enumerate();
        let row =
            |(index, (code, text, state, moment)): (usize, (_, Option<String>, &str, &str))| {
                let code: i64 = code;
                json!({ "id": format!("{:02}", index * 5 % 12), "errorCode": code,
                "resultMessage": text, "runState": state, "lastStateUpdateDateTime": moment })
            };
        rows.map(row).collect()
    })
}

/// The expected ids, sorted by text (ascending or descending), then by number, then by id.
fn expected(rows: &[Json], filter: &Filter, descending: bool) -> Vec<String> {
    let mut rows: Vec<&Json> = rows.iter().filter(|it| filter.holds(it) == Some(true)).collect();
    rows.sort_by(|left, right| {
        let by_text = left["resultMessage"].as_str().cmp(&right["resultMessage"].as_str());
        let by_text = if descending { by_text.reverse() } else { by_text };
        let by_number = left["errorCode"].as_i64().cmp(&right["errorCode"].as_i64());
        by_text.then(by_number).then(left["id"].as_str().cmp(&right["id"].as_str()))
    });
    rows.iter().map(|row| row["id"].as_str().unwrap().into()).collect()
}

/// The ids that pass, and whether a filtered count has the same number.
async fn found(
    client: &Client,
    rows: &[Json],
    filter: &Filter,
    order: &str,
    top: u32,
) -> (Vec<String>, bool) {
    let script = client.post(SCRIPTS, &json!({ "deviceRunStates": rows })).await.created();
    let script = script["id"].as_str().unwrap();
    let (written, order) = (filter.written(), encoded(order));
    let (path, condition) = (format!("{SCRIPTS}/{script}/deviceRunStates"), encoded(&written));
    let query = format!("$filter={condition}&$orderby={order}&$top={top}");
    let ids = client.ids(&format!("{path}?{query}")).await;
    let count = format!("deviceRunStates/$count($filter={written}) eq {}", ids.len());
    let count = encoded(&format!("id eq '{script}' and {count}"));
    let counted = client.ids(&format!("{SCRIPTS}?$filter={count}")).await;
    (ids, counted == [script])
}

#[tokio::test(flavor = "multi_thread")]
async fn random_filters_and_orders_agree_with_an_evaluation_in_rust() {
    let server = Server::start().await;
    let client = server.client();
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let case = (rows(), filter(), any::<bool>(), 1_u32..8);
    let run = TestRunner::new(config).run(&case, |(rows, filter, descending, top)| {
        let order =
            if descending { "resultMessage desc,errorCode" } else { "resultMessage,errorCode" };
        let found = tokio::task::block_in_place(|| {
            let found = found(&client, &rows, &filter, order, top);
            tokio::runtime::Handle::current().block_on(found)
        });
        let expected = (expected(&rows, &filter, descending), true);
        prop_assert_eq!(found, expected, "{}", filter.written());
        Ok(())
    });
    run.unwrap();
}
