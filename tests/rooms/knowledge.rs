//! Names that only some modules may use: frameworks, SQL, sockets, environment variables, words of
//! HTTP. The test fails for a use elsewhere, and for a permission that its module does not need.

use crate::sources::{self, Source};

/// Something that a file names.
#[derive(Clone, Copy, Debug)]
enum Word {
    /// A path and everything below it. One that ends in `*` is the beginning of a path.
    Path(&'static str),
    /// Methods that are called.
    Methods(&'static [&'static str]),
    /// Whole string literals, in any case.
    Texts(&'static [&'static str]),
    /// An identifier.
    Identifier(&'static str),
    /// Integers that are an HTTP status other than 200.
    Statuses,
}

use Word::{Identifier, Methods, Path, Statuses, Texts};

/// Which modules may use which names; modules below them may as well, all others may not.
const KEEPERS: &[(Word, &[&str])] = &[
    (Path("actix_*"), &["http"]),
    (Path("httparse"), &["strict_http1"]),
    (
        Path("sqlx"),
        &[
            "backup",
            "commands",
            "database",
            "directory",
            "doctor",
            "embedded_postgres",
            "store",
            "upgrade",
        ],
    ),
    (
        Path("sqlx::query*"),
        &[
            "backup::statement",
            "database",
            "doctor::database::examined",
            "embedded_postgres",
            "store",
            "upgrade::statement",
        ],
    ),
    (Path("sqlx::raw_sql"), &["store::twin::switch"]),
    (Path("sqlx::Executor"), &[]),
    (Path("sqlx::prelude"), &[]),
    (
        Path("sqlx::AssertSqlSafe"),
        &["backup::statement", "database::session", "embedded_postgres::server"],
    ),
    (
        Methods(RUNNING),
        &[
            "backup::statement",
            "database",
            "directory",
            "doctor::database::examined",
            "embedded_postgres",
            "store",
            "upgrade::statement",
        ],
    ),
    (Path("ureq"), &["auth::verify", "commands"]),
    (Path("reqwest"), &[]),
    (Path("std::net::TcpStream"), &[]),
    (Path("std::net::TcpListener"), &["commands", "http"]),
    (Path("std::net::UdpSocket"), &[]),
    (Path("std::net::ToSocketAddrs"), &[]),
    (Path("std::os::unix::net"), &[]),
    (Path("hyper*"), &["simulate"]),
    (Path("tokio::net"), &["http", "simulate::connection"]),
    (
        Path("std::env"),
        &[
            "auth::verify::proxy",
            "commands::env",
            "config",
            "embedded_postgres",
            "log",
            "trust::places",
        ],
    ),
    (Path("std::process"), &["commands", "embedded_postgres", "main", "trust::command"]),
    (Path("tokio::process"), &["commands::twin::execute"]),
    (Path("jsonwebtoken"), &["auth"]),
    (Path("clap"), &["config"]),
    (Identifier("StatusCode"), &["http"]),
];

/// Names that these modules, and modules below them, may not use.
const STRANGERS: &[(Word, &[&str])] = &[
    (Statuses, &["auth::permission", "database", "headers", "odata", "plan", "sql", "store"]),
    (Identifier("status"), &["headers", "odata", "plan"]),
    // Without `connections`, which asks the pool for its status.
    (Identifier("status"), DATABASE),
    (Texts(HEADERS), &["database", "model", "odata", "sql", "store"]),
];

/// The modules of the database that know no status of any kind.
const DATABASE: &[&str] = &[
    "database::address",
    "database::condition",
    "database::failure",
    "database::hosts",
    "database::liveness",
    "database::pool",
    "database::schema",
    "database::session",
];
/// Methods of sqlx that run a statement.
const RUNNING: &[&str] =
    &["execute", "execute_many", "fetch_all", "fetch_many", "fetch_one", "fetch_optional"];
/// Headers of requests and replies.
const HEADERS: &[&str] = &[
    "accept",
    "authorization",
    "content-length",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "location",
    "odata-version",
    "prefer",
    "preference-applied",
    "retry-after",
];

impl Word {
    /// The names of this kind that a file uses.
    fn named_in(self, source: &Source) -> Vec<String> {
        let names = &source.names;
        match self {
            Path(word) => names.paths.iter().filter(|path| leads_to(path, word)).cloned().collect(),
            Methods(words) => {
                let called = words.iter().filter(|word| names.methods.contains(**word));
                called.map(|word| format!("the method {word}")).collect()
            }
            Texts(words) => {
                let is_one = |text: &&String| words.iter().any(|it| it.eq_ignore_ascii_case(text));
                names.texts.iter().filter(is_one).map(|text| format!("{text:?}")).collect()
            }
            Identifier(word) => names.identifiers.get(word).into_iter().cloned().collect(),
            Statuses => {
                let is_status = |number: &&u64| matches!(number, 201..=204 | 400..=599);
                names.integers.iter().filter(is_status).map(u64::to_string).collect()
            }
        }
    }
}

/// Whether a path is this one, is below it, or imports everything around it.
fn leads_to(path: &str, word: &str) -> bool {
    let path = path.strip_prefix("core::").map_or(path.into(), |rest| format!("std::{rest}"));
    let around = path.strip_suffix('*').is_some_and(|around| word.starts_with(around));
    let is_below = match word.strip_suffix('*') {
        Some(start) => path.starts_with(start),
        None => sources::is_below(&path, word),
    };
    around || is_below
}

/// The names that a file uses although its module may not.
pub(crate) fn violations(source: &Source) -> Vec<String> {
    let kept = KEEPERS.iter().filter(|(_, modules)| !source.is_within(modules));
    let strange = STRANGERS.iter().filter(|(_, modules)| source.is_within(modules));
    let words = kept.chain(strange).flat_map(|(word, _)| word.named_in(source));
    words.map(|word| format!("{} names {word}, which it may not know", source.file)).collect()
}

#[test]
fn a_name_of_one_room_is_used_nowhere_else() {
    let sources = sources::all();
    let violations: Vec<String> = sources.iter().flat_map(violations).collect();
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn every_permission_to_use_a_name_is_needed() {
    let sources = sources::all();
    for (word, modules) in KEEPERS {
        for module in *modules {
            let mut within = sources.iter().filter(|source| source.is_within(&[module]));
            let is_used = within.any(|source| !word.named_in(source).is_empty());
            assert!(is_used, "{module} needs no permission to use {word:?}");
        }
    }
}
