//! A document, and the parts of it that are generated: a section stands between the markers
//! `<!-- generated: NAME -->` and `<!-- end of generated -->`. Knows nothing of what is in them.

use std::fs;
use std::path::{Path, PathBuf};

const START: &str = "<!-- generated: ";
const END: &str = "<!-- end of generated -->";

/// The folder of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file of the repository.
pub(crate) fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Every file below a folder with this extension, relative to the repository, in order.
pub(crate) fn files(folder: &str, extension: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == extension) {
                found.push(path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// Checks that the generated sections of a document are these, all of them.
pub(crate) fn check_sections(file: &str, sections: &[(&str, String)]) {
    let text = read(file);
    let mut expected = String::new();
    let mut rest = text.as_str();
    let mut found = Vec::new();
    while let Some((before, after)) = rest.split_once(START) {
        let (name, after) = after.split_once(" -->").unwrap();
        let (_, after) = after.split_once(END).unwrap_or_else(|| panic!("{file}: no end: {name}"));
        let section = sections.iter().find(|(own, _)| *own == name);
        let (_, content) = section.unwrap_or_else(|| panic!("{file}: nothing generates '{name}'"));
        let content = content.trim_end();
        expected += &format!("{before}{START}{name} -->\n\n{content}\n\n{END}");
        found.push(name);
        rest = after;
    }
    let names: Vec<&str> = sections.iter().map(|(name, _)| *name).collect();
    assert_eq!(found, names, "the generated sections of {file}");
    check(file, &(expected + rest));
}

/// Checks that a document has this text, or gives it this text where `UPDATE_DOCS` is set.
pub(crate) fn check(file: &str, expected: &str) {
    let text = read(file);
    if text == expected {
        return;
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(root().join(file), expected).unwrap();
        return;
    }
    let lines = text.lines().zip(expected.lines());
    let differing = lines.enumerate().find(|(_, (has, should))| has != should);
    let difference = differing.map(|(number, (has, should))| {
        format!("line {}:\n  it says     {has}\n  the code is {should}", number + 1)
    });
    panic!(
        "{file} does not say what the code says. \
         `UPDATE_DOCS=1 cargo test --test documents` rewrites it. {}",
        difference.unwrap_or_else(|| "It has more or fewer lines.".into())
    );
}

/// A Markdown table.
pub(crate) fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let rule = vec!["---".to_owned(); head.len()];
    let rows: String = rows.into_iter().map(|row| line(&row)).collect();
    line(&head) + &line(&rule) + &rows
}

/// A text as code; a `|` would end the cell of a table.
pub(crate) fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

/// Names as code, with commas between them.
pub(crate) fn codes<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(code).collect::<Vec<_>>().join(", ")
}
