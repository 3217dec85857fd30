//! The import directions of ARCHITECTURE.md: a room may use those to its right, never the reverse.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on says so by its panic"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, outermost first; those of one line do not know each other.
const ORDER: &[&[&str]] = &[
    &["commands"],
    &["getting_started", "embedded", "log"],
    &["config", "http"],
    &["endpoints"],
    &["respond"],
    &["store"],
    &["auth", "database"],
    &["sql"],
    &["plan"],
    &["headers"],
    &["odata", "model"],
    &["error", "message"],
];

/// What each room may use besides those to its right.
const EXCEPTIONS: &[(&str, &str)] = &[];

fn place(room: &str) -> usize {
    let place = ORDER.iter().position(|rooms| rooms.contains(&room));
    place.unwrap_or_else(|| panic!("the room {room} has no place in ORDER"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let rust = files.into_iter().filter(|path| path.extension().is_some_and(|it| it == "rs"));
    rust.chain(folders.iter().flat_map(|folder| rust_files(folder))).collect()
}

/// The rooms that a text names as `crate::room` or in `crate::{room, …}`.
fn used_rooms(text: &str) -> Vec<String> {
    let is_name = |c: char| c.is_ascii_lowercase() || c == '_';
    let mut rooms = Vec::new();
    for rest in text.split("crate::").skip(1) {
        let names = match rest.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap().split(',').collect(),
            None => vec![rest],
        };
        for name in names {
            let name = name.trim_start();
            let end = name.find(|c| !is_name(c)).unwrap_or(name.len());
            rooms.push(name[..end].to_owned());
        }
    }
    rooms
}

#[test]
fn imports_run_one_way() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut checked = 0;
    for file in rust_files(&source) {
        let inside = file.strip_prefix(&source).unwrap();
        let room = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if ["main", "lib"].contains(&room) {
            continue;
        }
        for used in used_rooms(&fs::read_to_string(&file).unwrap()) {
            let allowed = used == room
                || place(&used) > place(room)
                || EXCEPTIONS.contains(&(room, used.as_str()));
            assert!(allowed, "{} uses {used}, which is not to its right", inside.display());
            checked += 1;
        }
    }
    assert!(checked > 50, "only {checked} imports were found");
}

#[test]
fn what_only_one_room_may_know_is_named_nowhere_else() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let keepers: &[(&str, &[&str])] = &[
        ("actix_", &["http"]),
        ("sqlx::query", &["store", "database", "embedded"]),
        ("std::env", &["auth", "config", "embedded"]),
        ("ureq", &["auth", "commands"]),
    ];
    for file in rust_files(&source) {
        let inside = file.strip_prefix(&source).unwrap();
        let room = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        let text = fs::read_to_string(&file).unwrap();
        for (word, rooms) in keepers {
            let named = text.contains(word) && !rooms.contains(&room);
            assert!(!named, "{} names {word}", inside.display());
        }
    }
}

#[test]
fn every_test_that_security_md_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["src", "tests"].into_iter().flat_map(|folder| rust_files(&root.join(folder)));
    let code: String = files.map(|file| fs::read_to_string(file).unwrap()).collect();
    let text = fs::read_to_string(root.join("SECURITY.md")).unwrap();
    // A test's name is a sentence.
    let is_sentence = |word: &&str| {
        word.matches('_').count() > 2 && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let named: Vec<&str> = text.split('`').filter(is_sentence).collect();
    for test in &named {
        assert!(code.contains(&format!("fn {test}(")), "there is no test {test}");
    }
    assert!(named.len() > 50, "only {} tests are named", named.len());
}
