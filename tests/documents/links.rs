//! Every link of a Markdown file leads to a file, and every anchor to a heading.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use crate::document::{files, read, root};

/// Folders with files of others.
const FOREIGN: &[&str] = &["target/", ".runstate/", "tests/clients/.venv/", "node_modules/"];

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let mut checked = 0;
    for file in markdown() {
        for link in links(&read(&file)) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if path.is_empty() { file.clone() } else { beside(&file, path) };
            assert!(root().join(&target).exists(), "{file}: {link} leads to no file");
            let has_heading = || headings(&read(&target)).contains(&anchor.to_owned());
            assert!(anchor.is_empty() || has_heading(), "{file}: {link} leads to no heading");
            checked += 1;
        }
    }
    assert!(checked > 100, "only {checked} links were found");
}

#[test]
fn the_index_has_every_document() {
    let index = read("docs/README.md");
    for file in files("docs", "md").into_iter().filter(|file| file != "docs/README.md") {
        let link = file.strip_prefix("docs/").unwrap();
        assert!(index.contains(&format!("({link})")), "docs/README.md has no link to {link}");
    }
}

/// Names of files and folders of the repository that a text mentions as code.
#[test]
fn every_file_that_a_document_names_is_there() {
    let mut checked = 0;
    let folders =
        ["src/", "tests/", "docs/", "migrations/", "benches/", "crates/", "fuzz/", ".ci/"];
    for file in markdown().into_iter().filter(|file| file != "CHANGELOG.md") {
        for name in without_blocks(&read(&file)).split('`').skip(1).step_by(2) {
            let is_path = folders.iter().any(|folder| name.starts_with(folder));
            let is_plain = name.chars().all(|it| it.is_ascii_alphanumeric() || "/._-".contains(it));
            if is_path && is_plain {
                assert!(root().join(name).exists(), "{file}: there is no {name}");
                checked += 1;
            }
        }
    }
    assert!(checked > 20, "only {checked} names of files were found");
}

fn markdown() -> Vec<String> {
    let all = files(".", "md").into_iter();
    all.filter(|file| !FOREIGN.iter().any(|folder| file.contains(folder))).collect()
}

/// A path as it is from the root, for one that is relative to a file.
fn beside(file: &str, path: &str) -> String {
    let mut target = PathBuf::from(file);
    target.pop();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => assert!(target.pop(), "{file}: {path} leads out"),
            part => target.push(part),
        }
    }
    target.to_str().unwrap().to_owned()
}

/// What stands behind `](`, outside of code.
fn links(text: &str) -> Vec<String> {
    let text = without_blocks(text);
    let parts = text.split("](").skip(1);
    parts.filter_map(|part| part.split_once(')')).map(|(link, _)| link.to_owned()).collect()
}

/// The anchors of headings: lower case, hyphens for spaces, no punctuation, numbered when repeated.
fn headings(text: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let text = without_blocks(text);
    let lines = text.lines().filter(|line| line.starts_with('#'));
    lines
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
            let is_kept = |it: &char| it.is_alphanumeric() || ['-', '_'].contains(it);
            let anchor: String = title.chars().filter(is_kept).collect();
            let times = seen.entry(anchor.clone()).or_default();
            *times += 1;
            if *times == 1 { anchor } else { format!("{anchor}-{}", *times - 1) }
        })
        .collect()
}

/// A text without its blocks of code.
fn without_blocks(text: &str) -> String {
    let mut is_code = false;
    let lines = text.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    });
    lines.map(|line| format!("{line}\n")).collect()
}
