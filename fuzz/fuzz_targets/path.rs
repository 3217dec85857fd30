//! Any text as the path of a URL: it is read or refused, and so is each key in it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use runstate::odata::Path;

fuzz_target!(|text: &str| {
    if let Ok(path) = Path::parse(text) {
        for segment in &path.segments {
            if let Ok((name, _)) = segment.name_and_key() {
                assert!(segment.text.starts_with(name));
            }
        }
    }
});
