//! `docs/reference/limits.md`: each row names a constant, whose value it says.

use std::collections::BTreeSet;

use runstate::auth::RefreshIntervals;
use runstate::http::Timeouts;

use crate::constants::{Constants, UNITS};
use crate::document::{check, read};

const FILE: &str = "docs/reference/limits.md";

/// Limits that no client, issuer or database meets: what an error repeats, what one buffer holds.
const INTERNAL: &[&str] = &[
    "ABORT_TIMEOUT",
    "examined::TIMEOUT",
    "doctor::TIMEOUT",
    "CONNECT_TIMEOUT",
    "FAST_SHUTDOWN_TIMEOUT",
    "INITDB_TIMEOUT",
    "LONGEST_BASE",
    "LONGEST_PAUSE",
    "MAX_AROUND_TARGET",
    "MAX_MEMORY",
    "MAX_PASSES",
    "MAX_ROWS_OF_MEMBER",
    "statement::LOCK_TIMEOUT",
    "MAX_DIGITS",
    "MAX_EMPTY_LINES",
    "MAX_FAILURES",
    "MAX_GROUP_LENGTH",
    "MAX_OFFSET",
    "MIN_MAJOR",
    "START_TIMEOUT",
    "claims::MAX_SUBJECT_LENGTH",
    "function::MOST",
    "health::TIMEOUT",
    "host::MAX_LENGTH",
    "MAX_HOST_NAME",
    "MAX_LABEL",
    "name::MAX_LENGTH",
    "supervisor::SHUTDOWN_TIMEOUT",
];

#[test]
fn the_limits_are_the_constants_of_the_code() {
    let (text, constants) = (read(FILE), Constants::read());
    let lines = text.lines().map(|line| match row(line) {
        Some(row) => row.as_it_is(&constants),
        None => line.to_owned(),
    });
    let expected: String = lines.map(|line| line + "\n").collect();
    check(FILE, &expected);
}

#[test]
fn every_limit_is_in_the_document() {
    let text = read(FILE);
    let documented: BTreeSet<&str> = text
        .lines()
        .filter_map(row)
        .map(|row| row.constant)
        .chain(INTERNAL.iter().copied())
        .collect();
    let constants = Constants::read();
    for (module, name) in constants.limits() {
        let qualified = format!("{module}::{name}");
        assert!(
            documented.contains(name) || documented.contains(&*qualified),
            "{FILE} has no row for {qualified}"
        );
    }
    for name in INTERNAL {
        constants.find(name);
    }
}

/// A row of a table: `| limit | value | beyond it | constant |`.
struct Row<'a> {
    cells: Vec<&'a str>,
    value: &'a str,
    constant: &'a str,
}

fn row(line: &str) -> Option<Row<'_>> {
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    let ["", _, value, _, constant, ""] = cells[..] else { return None };
    let constant = constant.strip_prefix('`')?.strip_suffix('`')?;
    Some(Row { value, constant, cells })
}

impl Row<'_> {
    /// The row with the value that the constant has.
    fn as_it_is(&self, constants: &Constants) -> String {
        let value = as_written(self.value, &numbers_of(self.constant, constants));
        let mut cells: Vec<&str> = self.cells.clone();
        cells[2] = &value;
        cells.join(" | ").trim().replace("|  |", "| |")
    }
}

fn numbers_of(constant: &str, constants: &Constants) -> Vec<f64> {
    let (timeouts, intervals) = (Timeouts::default(), RefreshIntervals::default());
    let time = match constant {
        "Timeouts::head" => timeouts.head,
        "Timeouts::body" => timeouts.body,
        "Timeouts::reply" => timeouts.reply,
        "Timeouts::idle" => timeouts.idle,
        "Timeouts::reply_rate" => return vec![f64::from(timeouts.reply_rate)],
        "RefreshIntervals::min_interval" => intervals.min_interval,
        "RefreshIntervals::min_interval_without_keys" => intervals.min_interval_without_keys,
        "RefreshIntervals::max_age" => intervals.max_age,
        "RefreshIntervals::fetch_timeout" => intervals.fetch_timeout,
        _ => return constants.numbers(constant),
    };
    vec![time.as_secs_f64()]
}

/// A value as it is written in the document, with these numbers: `5 minutes`, `100, 20, 5 entities`,
/// `16 KiB`. The unit stays as it is written. An unknown unit is an error, so that no number is written
/// with a wrong one.
fn as_written(value: &str, numbers: &[f64]) -> String {
    let words: Vec<&str> = value.split(' ').collect();
    let is_number = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
    let unit = words.last().filter(|word| !is_number(word));
    let unit = unit.map_or(1.0, |unit| {
        *UNITS.get(unit).unwrap_or_else(|| panic!("'{value}' has the unknown unit '{unit}'"))
    });
    let mut numbers = numbers.iter();
    let words: Vec<String> = words
        .iter()
        .map(|word| match is_number(word) {
            true => {
                let number = numbers.next().unwrap_or_else(|| panic!("'{value}' has more numbers"));
                let comma = if word.ends_with(',') { "," } else { "" };
                format!("{}{comma}", grouped(number / unit))
            }
            false => (*word).to_owned(),
        })
        .collect();
    assert_eq!(numbers.next(), None, "'{value}' has fewer numbers");
    words.join(" ")
}

#[test]
fn a_value_is_written_in_its_own_unit() {
    for (written, numbers, expected) in [
        ("1 days", &[7_776_000.0][..], "90 days"),
        ("1 day", &[86_400.0], "1 day"),
        ("1 s", &[13.5], "13.5 s"),
        ("1", &[10_000.0], "10,000"),
        ("1, 2 entities", &[100.0, 20.0], "100, 20 entities"),
        ("1 to 2 bits", &[2048.0, 8192.0], "2,048 to 8,192 bits"),
    ] {
        assert_eq!(as_written(written, numbers), expected);
    }
}

#[test]
#[should_panic(expected = "'90 weeks' has the unknown unit 'weeks'")]
fn an_unknown_unit_is_an_error() {
    as_written("90 weeks", &[7_776_000.0]);
}

/// A number with a comma between thousands.
fn grouped(number: f64) -> String {
    let text = number.to_string();
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let digits = whole.chars().enumerate();
    let grouped = digits.flat_map(|(place, digit)| {
        let comma = place > 0 && (whole.len() - place) % 3 == 0;
        comma.then_some(',').into_iter().chain([digit])
    });
    grouped.collect::<String>() + fraction
}
