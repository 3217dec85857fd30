//! Any text as the query of a URL: it is read or refused with a message of bounded length.

#![no_main]

use libfuzzer_sys::fuzz_target;
use runstate::odata::Options;

/// No message needs more: a few sentences and what of the query they repeat.
const LONGEST_MESSAGE: usize = 600;

fuzz_target!(|text: &str| match Options::parse(text) {
    Ok(options) => assert!(options.given().count() <= 9),
    Err(error) => assert!(error.row().message.len() <= LONGEST_MESSAGE),
});
