//! The texts of the log and of errors that documents quote are those of the source. `…` stands for what
//! differs from one time to the next.

use proc_macro2::{TokenStream, TokenTree};

use crate::document::{files, read, root};

/// The documents, and in which cell of their tables the texts are, from 1.
const QUOTES: &[(&str, usize)] = &[
    ("docs/operations/troubleshooting.md", 1),
    ("docs/guides/microsoft-entra.md", 2),
    ("docs/guides/keycloak.md", 2),
];

/// What the operating system, PostgreSQL, its driver and `PgBouncer` say.
const OF_OTHERS: &[&str] = &[
    ": Address already in use (os error 98)",
    "Connection refused (os error 111)",
    ": pool timed out while waiting for an open connection",
    "password authentication failed for user \"",
    "unsupported startup parameter: options",
    "prepared statement \"sqlx_s_1\" already exists",
    "permission denied for schema public",
    "permission denied to set role \"runstate_server\"",
    "was previously applied but",
    "canceling statement due to statement timeout (SQLSTATE 57014)",
    "cannot execute",
    "in a read-only transaction (SQLSTATE 25006)",
];

#[test]
fn every_quoted_text_is_in_the_source() {
    let texts = texts();
    let mut checked = 0;
    for (file, cell) in QUOTES {
        for line in read(file).lines().filter(|line| line.starts_with('|')) {
            let cells: Vec<&str> = line.split('|').collect();
            let quoted = cells.get(*cell).map(|cell| cell.split('`').skip(1).step_by(2));
            for quote in quoted.into_iter().flatten().filter(|quote| quote.contains(' ')) {
                for fragment in fragments(quote) {
                    let is_there = texts.iter().any(|text| text.contains(fragment));
                    assert!(is_there, "{file} quotes '{quote}', and no text has '{fragment}'");
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 60, "only {checked} fragments were found");
}

/// The parts of a quote between what differs; what others say is left out.
fn fragments(quote: &str) -> impl Iterator<Item = &str> {
    let parts = quote.split('…').map(|part| part.trim_matches([' ', '.']));
    let parts = parts.filter(|part| part.chars().filter(|it| it.is_alphabetic()).count() > 3);
    parts.filter(|part| !OF_OTHERS.iter().any(|text| text.contains(part) || part.contains(text)))
}

/// The texts of the source and of the migrations, with `…` for each placeholder.
fn texts() -> Vec<String> {
    let folders = ["src", "crates"].into_iter().filter(|folder| root().join(folder).exists());
    let mut texts = Vec::new();
    for file in folders.flat_map(|folder| files(folder, "rs")) {
        collect(read(&file).parse().unwrap(), &mut texts);
    }
    let migrations = files("migrations", "sql").into_iter();
    texts.extend(
        migrations.map(|file| read(&file).replace("%s", "…").replace("'\n            '", "")),
    );
    texts
}

fn collect(tokens: TokenStream, texts: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => collect(group.stream(), texts),
            TokenTree::Literal(literal) => {
                let text = syn::parse_str::<syn::LitStr>(&literal.to_string());
                texts.extend(text.map(|text| without_placeholders(&text.value())));
            }
            _ => {}
        }
    }
}

fn without_placeholders(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some((before, after)) = rest.split_once('{') {
        kept += before;
        kept.push('…');
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    kept + rest
}
