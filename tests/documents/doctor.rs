//! `docs/operations/doctor.md`: each check of `runstate doctor` with every line that it can print, as the
//! functions of the checks have them. Their texts are literals, so that none is left out.

use proc_macro2::TokenTree;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ExprCall, ExprPath, ExprTuple, Item, Lit, Meta};

use crate::document::{check_sections, code, files, read, table};

const FILE: &str = "docs/operations/doctor.md";

#[test]
fn the_checks_and_their_lines_are_those_of_the_source() {
    let sections = ["installation", "database"].map(|folder| {
        let (checks, functions) = (checks(folder), functions(folder));
        let own = |check: &Check| section(check, &checks, &functions);
        checks.iter().map(own).collect::<String>()
    });
    let [installation, database] = sections;
    let functions = read_functions("src/doctor/database/mod.rs");
    let of_any = lines(&functions.iter().collect::<Vec<_>>());
    let sections = [("installation", installation), ("database", database), ("any check", of_any)];
    check_sections(FILE, &sections);
}

#[test]
fn each_line_belongs_to_a_check() {
    for folder in ["installation", "database"] {
        let (checks, functions) = (checks(folder), functions(folder));
        let is_check = |it: &Function| checks.iter().any(|check| check.function == it.name);
        for (place, function) in functions.iter().enumerate().filter(|(_, it)| !it.lines.is_empty())
        {
            let mut before = functions[..=place].iter().filter(|it| it.file == function.file);
            assert!(before.any(is_check), "{} is above the check that calls it", function.name);
        }
    }
}

/// A check in a table: its name, and its function.
struct Check {
    name: String,
    function: String,
}

/// A function with the lines that it can print.
struct Function {
    file: String,
    name: String,
    /// What it says of itself.
    about: String,
    lines: Vec<Line>,
}

/// A line of a report.
struct Line {
    status: String,
    text: String,
    advice: String,
}

/// The lines of a check: those of its function, and of the functions below it that are no checks.
fn section(check: &Check, checks: &[Check], functions: &[Function]) -> String {
    let Check { name, function } = check;
    assert_eq!(name.replace(['-', ' '], "_"), *function, "a check is called like its function");
    let start = functions.iter().position(|it| it.name == *function);
    let (own, below) = functions[start.unwrap()..].split_first().unwrap();
    let is_helper = |it: &&Function| {
        it.file == own.file && !checks.iter().any(|check| check.function == it.name)
    };
    let all: Vec<&Function> = [own].into_iter().chain(below.iter().take_while(is_helper)).collect();
    format!("### {name}\n\n{}\n\n{}\n", own.about, lines(&all))
}

fn lines(functions: &[&Function]) -> String {
    let lines = functions.iter().flat_map(|function| &function.lines);
    let rows = lines.map(|Line { status, text, advice }| {
        vec![status.clone(), code(text), advice.replace('|', "\\|")]
    });
    table(&["status", "line", "what to do"], rows)
}

/// The checks in the table of a folder, in their order.
fn checks(folder: &str) -> Vec<Check> {
    struct Reader(Vec<Check>);
    impl Visit<'_> for Reader {
        fn visit_expr_tuple(&mut self, tuple: &ExprTuple) {
            let mut function = LastPath::default();
            function.visit_expr(&tuple.elems[1]);
            let name = match &tuple.elems[0] {
                Expr::Lit(name) => text_of(&name.lit).unwrap(),
                _ => function.0.clone(),
            };
            self.0.push(Check { name, function: function.0 });
        }
    }
    let mut reader = Reader(Vec::new());
    let items = syn::parse_file(&read(&format!("src/doctor/{folder}/mod.rs"))).unwrap().items;
    let table = items.iter().find_map(|item| match item {
        Item::Const(item) if item.ident == "CHECKS" => Some(&item.expr),
        _ => None,
    });
    reader.visit_expr(table.unwrap());
    reader.0
}

/// The last part of the last path of two parts, such as `storage::size`, that is no path of `Box`.
#[derive(Default)]
struct LastPath(String);

impl Visit<'_> for LastPath {
    fn visit_expr_path(&mut self, path: &ExprPath) {
        let parts: Vec<String> = path.path.segments.iter().map(|it| it.ident.to_string()).collect();
        if let [room, function] = &parts[..]
            && room != "Box"
        {
            self.0.clone_from(function);
        }
    }
}

/// The functions of the files of a folder, besides its `mod.rs`.
fn functions(folder: &str) -> Vec<Function> {
    let files = files(&format!("src/doctor/{folder}"), "rs").into_iter();
    files.filter(|file| !file.ends_with("/mod.rs")).flat_map(|file| read_functions(&file)).collect()
}

fn read_functions(file: &str) -> Vec<Function> {
    let items = syn::parse_file(&read(file)).unwrap().items;
    let functions = items.into_iter().filter_map(|item| match item {
        Item::Fn(function) => {
            let mut found = Findings(Vec::new());
            found.visit_block(&function.block);
            Some(Function {
                file: file.to_owned(),
                name: function.sig.ident.to_string(),
                about: about(&function.attrs),
                lines: found.0,
            })
        }
        _ => None,
    });
    functions.collect()
}

/// The documentation of a function, as one line.
fn about(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(literal) => text_of(&literal.lit),
            _ => None,
        },
        _ => None,
    });
    lines.map(|line| line.trim().to_owned()).collect::<Vec<_>>().join(" ")
}

/// The calls that make a finding.
struct Findings(Vec<Line>);

impl Visit<'_> for Findings {
    fn visit_expr_call(&mut self, call: &ExprCall) {
        visit::visit_expr_call(self, call);
        let Expr::Path(path) = &*call.func else { return };
        let parts: Vec<String> = path.path.segments.iter().map(|it| it.ident.to_string()).collect();
        let [of, status] = &parts[..] else { return };
        if of == "Finding" {
            let mut texts = call.args.iter().map(literal);
            self.0.push(Line {
                status: status.clone(),
                text: texts.next().unwrap(),
                advice: texts.next().unwrap_or_default(),
            });
        }
    }
}

/// The text of a literal or of `format!`, with `…` for each placeholder.
fn literal(argument: &Expr) -> String {
    let text = match argument {
        Expr::Lit(literal) => text_of(&literal.lit),
        Expr::Macro(format) => match format.mac.tokens.clone().into_iter().next() {
            Some(TokenTree::Literal(literal)) => text_of(&Lit::new(literal)),
            _ => None,
        },
        _ => None,
    };
    let text = text.unwrap_or_else(|| panic!("the text of a finding is no literal"));
    let mut parts = text.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "…" + part.split_once('}').unwrap().1)
}

fn text_of(literal: &Lit) -> Option<String> {
    match literal {
        Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}
