//! The content of a golden file: the request, the plan in a line, and each statement with its binds.

use std::fmt::{Debug, Write};
use std::path::{Path, PathBuf};
use std::{fs, iter};

use runstate::plan::Act;
use runstate::sql::{self, Bind, Cells, Created, Reading, Statement};
use sqlformat::{Dialect, FormatOptions, QueryParams};
use uuid::Uuid;

use crate::plan_line::plan_line;
use crate::request::{Request, TENANT};

/// Compares a request, its plan and its statements with the golden file of this name.
#[track_caller]
pub(crate) fn assert_golden(name: &str, request: &Request) {
    let mut text = format!("{} {}\n", request.method, request.target);
    for (header, value) in &request.headers {
        writeln!(text, "{header}: {value}").unwrap();
    }
    if !request.body.is_empty() {
        writeln!(text, "\n{}", request.body).unwrap();
    }
    writeln!(text, "\n{}", plan_line(&request.plan())).unwrap();
    let query = request.query();
    for step in iter::once(query.first).chain(query.others) {
        text += &statement_text(&format!("{:?}", step.reading), &step.statement);
    }
    let plan = request.plan();
    if let Act::Upsert { change: Some(_), new, .. } = plan.act() {
        let create = sql::create_together((TENANT, new), &[], plan.shape(), plan.root());
        let reading = Reading::Created(Created::new(new));
        text += &statement_text(&format!("If missing: {reading:?}"), &create);
    }
    let explanation = sql::explanation(TENANT, &plan).map(|it| statement_text("Explanation", &it));
    assert_text(name, &(text + &explanation.unwrap_or_default()));
}

/// Compares a text with the golden file of this name.
#[track_caller]
pub(crate) fn assert_text(name: &str, text: &str) {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path("golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, without_new_ids(text)));
}

/// A statement under its title, with line breaks, and its binds.
pub(crate) fn statement_text(title: &str, statement: &Statement) -> String {
    let options = FormatOptions {
        max_inline_block: 90,
        max_inline_arguments: Some(90),
        max_inline_top_level: Some(90),
        dialect: Dialect::PostgreSql,
        ..FormatOptions::default()
    };
    let sql = sqlformat::format(&statement.text, &QueryParams::None, &options);
    let mut text = format!("\n-- {title}\n{sql}\n");
    for (index, bind) in statement.binds.iter().enumerate() {
        writeln!(text, "-- ${} = {}", index + 1, bind_text(bind)).unwrap();
    }
    text
}

/// A bind: an array in brackets, a single value without.
fn bind_text(bind: &Bind) -> String {
    let cells = cells_text(&bind.cells);
    if bind.is_array { format!("[{cells}]") } else { cells }
}

fn cells_text(cells: &Cells) -> String {
    match cells {
        Cells::Guids(cells) => listed(cells, Uuid::to_string),
        Cells::Texts(cells) => listed(cells, |text| format!("{text:?}")),
        Cells::Booleans(cells) => listed(cells, bool::to_string),
        Cells::Integers(cells) => listed(cells, i32::to_string),
        Cells::Bigints(cells) => listed(cells, i64::to_string),
        Cells::Doubles(cells) => listed(cells, f64::to_string),
        Cells::Smallints(cells) => listed(cells, i16::to_string),
        Cells::Binaries(cells) => listed(cells, |bytes| {
            bytes.iter().fold("\\x".to_owned(), |text, byte| text + &format!("{byte:02x}"))
        }),
    }
}

fn listed<Cell: Debug>(cells: &[Option<Cell>], text: impl Fn(&Cell) -> String) -> String {
    let cells = cells.iter().map(|cell| cell.as_ref().map_or("null".into(), &text));
    cells.collect::<Vec<_>>().join(", ")
}

/// The Rust files in a folder and its subfolders.
pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = paths.partition(|path| path.is_dir());
    let rust = files.into_iter().filter(|path| path.extension().is_some_and(|it| it == "rs"));
    rust.chain(folders.iter().flat_map(|folder| rust_files(folder))).collect()
}

/// The text with the ids that the server made numbered in their order, since each run makes others.
/// They are UUIDs of version 7; the requests of these tests hold none.
fn without_new_ids(text: &str) -> String {
    let mut known: Vec<Uuid> = Vec::new();
    let mut shown = text.to_owned();
    let words = text.split(|c: char| !c.is_ascii_hexdigit() && c != '-');
    for id in words.filter_map(|word| Uuid::try_parse(word).ok()) {
        if id.get_version_num() == 7 && !known.contains(&id) {
            known.push(id);
            shown = shown.replace(&id.to_string(), &format!("new-id-{}", known.len()));
        }
    }
    shown
}

#[test]
fn each_golden_file_belongs_to_a_test() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let sources = rust_files(&folder).into_iter();
    let code: String = sources.map(|path| fs::read_to_string(path).unwrap()).collect();
    let mut count = 0;
    let files = fs::read_dir(folder.join("golden")).unwrap().map(|it| it.unwrap().path());
    // A failed comparison leaves a `.snap.new`.
    for path in files.filter(|path| path.extension().is_none_or(|it| it != "new")) {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(code.contains(&format!("\"{name}\"")), "no test has the golden file {name}");
        count += 1;
    }
    assert!(count >= 30, "there are only {count} golden files");
}
