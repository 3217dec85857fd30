//! `SECURITY.md` names a test for each measure, in the last cell of a table: each is a test, in the
//! files that stand in front of it.

use std::collections::BTreeMap;

use proc_macro2::{TokenStream, TokenTree};

use crate::document::{check, code, codes, files, read, root};

const FILE: &str = "SECURITY.md";

#[test]
fn every_test_that_security_md_names_is_in_the_named_file() {
    let tests = tests();
    let text = read(FILE);
    let mut named = 0;
    let mut expected = String::new();
    for line in text.lines() {
        let names = names(line);
        named += names.len();
        match line.trim_end_matches(" |").rsplit_once(" | ") {
            Some((before, _)) if !names.is_empty() => {
                expected += &format!("{before} | {} |\n", placed(&names, &tests));
            }
            _ => {
                assert!(names.is_empty(), "{FILE} names a test outside of a table: {line}");
                expected += &format!("{line}\n");
            }
        }
    }
    assert!(named > 50, "only {named} tests are named");
    check(FILE, &expected);
}

/// The words of a line that are names of tests: a test's name is a sentence.
fn names(line: &str) -> Vec<&str> {
    let is_sentence = |word: &&str| {
        word.matches('_').count() > 2 && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let mut names = Vec::new();
    for name in line.split('`').filter(is_sentence) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The names by the file that they are in: `` `file`: `a_test`, `another`; `file`: … ``.
fn placed(names: &[&str], tests: &BTreeMap<String, Vec<String>>) -> String {
    let mut places: Vec<(&str, Vec<&str>)> = Vec::new();
    for name in names {
        // A crate may prove by itself what the server proves with it.
        let files = tests.get(*name).unwrap_or_else(|| panic!("{FILE}: there is no test {name}"));
        for file in files {
            match places.iter_mut().find(|(own, _)| own == file) {
                Some((_, names)) if names.contains(name) => {}
                Some((_, names)) => names.push(name),
                None => places.push((file, vec![name])),
            }
        }
    }
    let places = places.into_iter();
    let places = places.map(|(file, names)| format!("{}: {}", code(file), codes(names)));
    places.collect::<Vec<_>>().join("; ")
}

/// Every test of the repository, with the files that it is in.
fn tests() -> BTreeMap<String, Vec<String>> {
    let mut tests: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let folders = ["src", "tests", "crates"].into_iter().filter(|it| root().join(it).exists());
    for file in folders.flat_map(|folder| files(folder, "rs")) {
        let tokens = read(&file).parse().unwrap_or_else(|error| panic!("{file}: {error}"));
        let mut names = Vec::new();
        collect(tokens, &mut names);
        for name in names {
            tests.entry(name).or_default().push(file.clone());
        }
    }
    tests
}

/// Collects the functions that follow an attribute ending in `test`, in macros too.
fn collect(tokens: TokenStream, tests: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut is_test = false;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                let attribute = at.checked_sub(1).is_some_and(|at| tokens[at].to_string() == "#");
                let path = group.stream().to_string();
                let path = path.split('(').next().unwrap_or_default();
                is_test |= attribute && path.trim_end().ends_with("test");
                collect(group.stream(), tests);
            }
            TokenTree::Ident(word) if word == "fn" => {
                let name = tokens.get(at + 1).filter(|_| is_test);
                tests.extend(name.map(ToString::to_string));
                is_test = false;
            }
            _ => {}
        }
    }
}
