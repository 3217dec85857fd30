//! `SECURITY.md` names a test for each measure: is each of them a test?

use std::collections::BTreeSet;
use std::fs;

use proc_macro2::{TokenStream, TokenTree};

use crate::sources::{members, rust_files, workspace};

#[test]
fn every_test_that_security_md_names_is_there() {
    let crates = members().into_iter().map(|name| format!("crates/{}", name.replace('_', "-")));
    let folders = ["src", "tests"].map(str::to_owned).into_iter().chain(crates);
    let files = folders.flat_map(|folder| rust_files(&workspace().join(folder)));
    let mut tests = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let tokens = text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        collect_tests(tokens, &mut tests);
    }
    let text = fs::read_to_string(workspace().join("SECURITY.md")).unwrap();
    // A test's name is a sentence.
    let is_sentence = |word: &&str| {
        word.matches('_').count() > 2 && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let named: Vec<&str> = text.split('`').filter(is_sentence).collect();
    for test in &named {
        assert!(tests.contains(*test), "there is no test {test}");
    }
    assert!(named.len() > 50, "only {} tests are named", named.len());
}

/// Collects the functions that follow an attribute ending in `test`, in macros too.
fn collect_tests(tokens: TokenStream, tests: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut is_test = false;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                let attribute = at.checked_sub(1).is_some_and(|at| tokens[at].to_string() == "#");
                let path = group.stream().to_string();
                let path = path.split('(').next().unwrap_or_default();
                is_test |= attribute && path.trim_end().ends_with("test");
                collect_tests(group.stream(), tests);
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
