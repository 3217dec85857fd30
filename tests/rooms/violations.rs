//! Does each rule report a violation? Each example is a small file, read as if it were the module
//! beside it. A text search for `crate::room` would not find the first 17.

use crate::entities::Words;
use crate::graph::Graph;
use crate::knowledge;
use crate::sources::{self, Source};

/// A module, the text of its file, and a part of the report; empty where nothing is reported.
const VIOLATIONS: &[(&str, &str, &str)] = &[
    // 1 to 9: imports.
    ("odata::options", "use super::super::plan::Plan;", "odata may not import plan"),
    (
        "sql::read",
        "use crate::{plan::{self}, endpoints::graph::Service};",
        "sql may not import endpoints::graph",
    ),
    ("config", "use crate::store::Store;", "config may not import store"),
    (
        "embedded_postgres::cluster",
        "use runstate::endpoints::graph;",
        "embedded_postgres may not import endpoints::graph",
    ),
    (
        "embedded_postgres::cluster",
        "use runstate::http::Options;",
        "embedded_postgres may not import http",
    ),
    ("getting_started", "use crate::http::Options;", "getting_started may not import http"),
    (
        "endpoints::describe::types",
        "use crate::store::Store;",
        "endpoints::describe may not import store",
    ),
    ("log", "use crate::http;", "log may not import http"),
    ("model::scripts::script", "use crate::error::Error;", "model may not import error"),
    // 10 to 12: statements that run.
    (
        "endpoints::graph",
        "async fn drop_all(pool: &Pool) { sqlx::raw_sql(\"DROP\").execute(pool).await; }",
        "names sqlx::raw_sql",
    ),
    (
        "endpoints::graph",
        "async fn drop_all(connection: &mut Connection) { connection.execute(\"DELETE\").await; }",
        "names the method execute",
    ),
    ("sql::write", "use sqlx::{query};\nfn clear() { query(\"DELETE\"); }", "names sqlx::query"),
    // 13 to 17: names.
    (
        "sql::write",
        "fn write(entity: &EntityType) -> bool { entity.name == \"deviceManagementScript\" }",
        "names device_management_script",
    ),
    ("auth::verify::claims", "use reqwest::Client;", "names reqwest"),
    (
        "plan::read::page",
        "use std::net::TcpStream;\nfn ask() { TcpStream::connect(\"[::1]:80\"); }",
        "names std::net::TcpStream",
    ),
    ("plan::address", "fn refusal() -> u16 { 404 }", "names 404"),
    ("store::counters", "use std::{env};\nfn user() { env::var(\"USER\"); }", "names std::env"),
    // 18 to 24: what a search of the text notices too.
    ("plan::write::body", "use crate::store::Store;", "plan may not import store"),
    ("odata::path", "use crate::{error::Error, model::Edm};", "odata may not import model"),
    (
        "respond::url",
        "fn answer() { crate::endpoints::graph::answer(); }",
        "respond may not import endpoints::graph",
    ),
    ("plan::read::shape", "use actix_web::HttpRequest;", "names actix_web::HttpRequest"),
    (
        "endpoints::graph",
        "async fn count() { sqlx::query(\"SELECT 1\").fetch_one(pool).await; }",
        "names sqlx::query",
    ),
    ("http::cors", "fn origins() { std::env::var(\"ORIGINS\"); }", "names std::env::var"),
    ("respond::url", "fn get() { ureq::get(\"http://localhost\"); }", "names ureq::get"),
];

/// Other ways to write the same.
const DISGUISES: &[(&str, &str, &str)] = &[
    (
        "plan::address",
        "use crate as root;\nfn run() { root::store::run(); }",
        "plan may not import *",
    ),
    ("plan::address", "use super::super::*;", "plan may not import *"),
    ("plan::address", "use crate::{self as root};", "plan may not import *"),
    ("plan::address", "pub use crate::store::Store;", "plan may not import store"),
    ("plan::address", "fn run(store: &crate::store::Store) {}", "plan may not import store"),
    ("plan::address", "impl crate::store::Run for Plan {}", "plan may not import store"),
    (
        "plan::address",
        "fn run() { <Plan as crate::store::Run>::run(); }",
        "plan may not import store",
    ),
    (
        "plan::address",
        "fn run() { log!(\"{}\", crate::store::run()); }",
        "plan may not import store",
    ),
    (
        "plan::address",
        "macro_rules! run { () => { $crate::store::run() } }",
        "plan may not import store",
    ),
    (
        "plan::address",
        "macro_rules! run { () => { use crate::{store::{self as s}, model}; } }",
        "plan may not import store",
    ),
    (
        "plan::address",
        "fn run() { select!(super::super::store::run()); }",
        "plan may not import store",
    ),
    ("plan::address", "mod inner { use super::super::super::store; }", "plan may not import store"),
    ("plan::address", "fn run() { runstate::store::run(); }", "plan may not import store"),
    ("plan::address", "#[with(\"crate::store::text\")]\nstruct Text;", "plan may not import store"),
    ("plan::address", "use sqlx as db;\nfn run() { db::query(\"\"); }", "names sqlx::query"),
    ("plan::address", "extern crate sqlx as db;\nuse db::raw_sql;", "names sqlx::raw_sql"),
    ("store", "use sqlx::*;", "names sqlx::*"),
    ("store", "fn run() { join!(connection.execute(\"\")); }", ""),
    ("http", "fn run() { join!(connection.execute(\"\")); }", "names the method execute"),
    ("plan", "use core::net::*;", "names core::net::*"),
    ("plan", "fn answer() -> Response { Response { status: 1 } }", "names status"),
    ("sql::page", "const DEVICE_STATES: &str = \"x\";", "names device_state"),
    ("sql::page", "fn order() { format!(\"ORDER BY run_state\"); }", "names run_state"),
    ("odata", "#[cfg(test)]\nmod tests { use crate::plan::Plan; }", ""),
    ("odata", "/// Used by `crate::plan`.\npub(super) struct Path;", ""),
];

/// The reports of all rules about a file.
fn violations(words: &Words, source: Source) -> Vec<String> {
    let names = words.named_in(&source).into_iter().map(|word| format!("names {word}"));
    let known = knowledge::violations(&source).into_iter().chain(names);
    let known: Vec<String> = known.collect();
    let imports = Graph::expected().violations(&[source]);
    [known, imports].concat()
}

fn assert_reported(examples: &[(&str, &str, &str)]) {
    let words = Words::of_model(sources::all());
    let rooms = Graph::expected();
    for (module, text, report) in examples {
        assert!(rooms.has(&rooms.room(module)), "{module} belongs to no room");
        let violations = violations(&words, Source::of_text(module, text));
        match *report {
            "" => assert!(violations.is_empty(), "{module}: {text}: {violations:?}"),
            _ => assert!(
                violations.iter().any(|it| it.contains(report)),
                "{module}: {text}: {violations:?}"
            ),
        }
    }
}

#[test]
fn each_violation_is_reported() {
    assert_eq!(VIOLATIONS.len(), 24);
    assert_reported(VIOLATIONS);
}

#[test]
fn each_disguised_violation_is_reported() {
    assert_reported(DISGUISES);
}
