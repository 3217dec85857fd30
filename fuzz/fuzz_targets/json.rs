//! Any bytes as a JSON body in each charset: they are read or refused. A text without apostrophes is
//! read exactly if another parser reads it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use runstate::odata::{Charset, Json, JsonReader};

/// No message needs more: a sentence and what of the body it repeats.
const LONGEST_MESSAGE: usize = 400;

fuzz_target!(|body: &[u8]| {
    for (_, charset) in Charset::ALL {
        match charset.decode(body) {
            Ok(text) => read(&text),
            Err(error) => assert!(error.row().message.len() <= LONGEST_MESSAGE),
        }
    }
});

fn read(text: &str) {
    let other = serde_json::from_str::<serde_json::Value>(text);
    match Json::parse(text) {
        Ok(_) => {
            assert!(other.is_ok() || text.contains('\''));
            let written = JsonReader::new(text).written().expect("the text is JSON");
            assert_eq!(written, text.trim_matches([' ', '\t', '\r', '\n']));
        }
        Err(error) => {
            let message = error.row().message;
            assert!(message.len() <= LONGEST_MESSAGE);
            // The only valid JSON that is refused.
            let is_limit = message.contains("is given twice") || message.contains("nesting is deeper");
            assert!(other.is_err() || is_limit);
        }
    }
}
