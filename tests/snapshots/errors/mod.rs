//! The table of errors: the row of an example of each error, and of each reason that an error can
//! have.

mod batch_reasons;
mod body_reasons;
mod examples;
mod option_reasons;
mod sign_in_reasons;
mod twin_reasons;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use runstate::error::{Detail, Error, Log, Row};
use syn::Item;

use crate::golden::{assert_text, rust_files};
use examples::examples;

#[test]
fn each_error_has_its_row() {
    let mut text = String::new();
    for examples in examples() {
        writeln!(text, "# {}\n", examples.of).unwrap();
        for error in &examples.errors {
            write_row(&mut text, error);
        }
    }
    assert_text("errors", &text);
}

#[test]
fn each_variant_has_an_example() {
    let examples = examples();
    for (of, variants) in enums() {
        let own = examples.iter().find(|examples| examples.of == of);
        let own = own.unwrap_or_else(|| panic!("{of} has no examples"));
        for variant in variants {
            assert!(own.variants.contains(&variant), "{of}::{variant} has no example");
        }
    }
}

fn write_row(text: &mut String, error: &Error) {
    let Row { status, code, message, headers, details, log } = error.row();
    writeln!(text, "{status} {code}\n  {message}").unwrap();
    for (name, value) in headers {
        writeln!(text, "  {name}: {value}").unwrap();
    }
    for (name, detail) in details {
        let detail = match detail {
            Detail::Text(text) => text.to_owned(),
            Detail::Texts(texts) => texts.join(", "),
        };
        writeln!(text, "  innerError.{name} = {detail}").unwrap();
    }
    if let Some(Log { level, event, cause }) = log {
        writeln!(text, "  log, level {level:?}: {event}: {cause}").unwrap();
    }
    text.push('\n');
}

/// The errors and reasons of the source, each with its variants.
fn enums() -> BTreeMap<String, Vec<String>> {
    let mut enums = BTreeMap::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/error");
    for file in rust_files(&folder) {
        for item in syn::parse_file(&fs::read_to_string(&file).unwrap()).unwrap().items {
            let Item::Enum(item) = item else { continue };
            let variants = item.variants.iter().map(|variant| variant.ident.to_string()).collect();
            enums.insert(item.ident.to_string(), variants);
        }
    }
    // The level of a log entry and a member of a body are no errors.
    for other in ["Level", "Detail"] {
        enums.remove(other).unwrap();
    }
    enums
}
