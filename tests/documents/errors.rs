//! `docs/reference/errors.md`: every status and code, and an example of each message, from the golden file
//! of errors. When a status comes is written by hand.

use std::collections::BTreeMap;

use crate::document::{check_sections, code, codes, read, table};

const FILE: &str = "docs/reference/errors.md";
const GOLDEN: &str = "tests/snapshots/golden/errors.snap";

#[test]
fn the_errors_are_those_of_the_golden_file() {
    let errors = errors();
    let messages = errors.iter().map(|(kind, error)| {
        let Kind { status, code } = kind;
        let texts = error.messages.iter().map(|text| format!("- {text}\n"));
        format!("### {status} {code}\n\n{}\n", texts.collect::<String>())
    });
    let sections = [("statuses", statuses(&errors)), ("messages", messages.collect())];
    check_sections(FILE, &sections);
}

/// What clients tell errors apart by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    status: String,
    code: String,
}

/// What the errors of a kind have.
#[derive(Default)]
struct Errors {
    messages: Vec<String>,
    headers: Vec<String>,
}

fn statuses(errors: &BTreeMap<Kind, Errors>) -> String {
    let text = read(FILE);
    let rows = errors.iter().map(|(kind, error)| {
        let Kind { status, code: name } = kind;
        let start = format!("| {status} | {} | ", code(name));
        let row = text.lines().find_map(|line| line.strip_prefix(&start));
        let when = row.and_then(|rest| rest.split(" | ").next());
        let when =
            when.unwrap_or_else(|| panic!("{FILE}: write in a row when {status} {name} comes"));
        vec![
            status.clone(),
            code(name),
            when.to_owned(),
            codes(error.headers.iter().map(|it| &**it)),
        ]
    });
    table(&["status", "code", "when", "headers"], rows)
}

/// The errors of the golden file: blocks of a status and a code, a message, and what else there is.
fn errors() -> BTreeMap<Kind, Errors> {
    let mut errors: BTreeMap<Kind, Errors> = BTreeMap::new();
    for block in read(GOLDEN).split("\n\n") {
        let Some((first, rest)) = block.split_once('\n') else { continue };
        let Some((status, code)) = first.split_once(' ') else { continue };
        if !status.chars().all(|character| character.is_ascii_digit()) {
            continue;
        }
        let kind = Kind { status: status.to_owned(), code: code.to_owned() };
        let error = errors.entry(kind).or_default();
        let mut lines = rest.lines().map(str::trim_start);
        push(&mut error.messages, &escaped(lines.next().unwrap()));
        for (name, _) in lines.filter_map(|line| line.split_once(": ")) {
            if !name.contains([' ', '.']) {
                push(&mut error.headers, name);
            }
        }
    }
    assert!(errors.len() > 15, "{GOLDEN} has only {} kinds of errors", errors.len());
    errors
}

fn push(texts: &mut Vec<String>, text: &str) {
    if !texts.iter().any(|own| own == text) {
        texts.push(text.to_owned());
    }
}

/// A message as Markdown shows it.
fn escaped(text: &str) -> String {
    let special = ['\\', '`', '*', '_', '<', '>', '[', ']', '#', '|', '~'];
    let escape = |character: char| {
        special.contains(&character).then_some('\\').into_iter().chain([character])
    };
    text.chars().flat_map(escape).collect()
}
