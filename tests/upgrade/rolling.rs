//! Do servers of the last release and of this version serve one database while it is migrated, so that no
//! request is lost?

use std::collections::BTreeSet;

use embedded_postgres::EmbeddedPostgres;
use reqwest::Method;
use runstate::upgrade::PREVIOUS;
use serde_json::{Value as Json, json};

use crate::load::{Load, Record};
use crate::program::{Server, programs};
use crate::system::Scratch;

const SCRIPTS: &str = "/beta/deviceManagement/deviceManagementScripts";
/// How much each client writes in each step.
const ROUNDS: usize = 20;

async fn read(server: &Server, token: &str, path: &str) -> Json {
    let reply = server.request(Method::GET, path).bearer_auth(token).send().await.unwrap();
    assert_eq!(reply.status(), 200, "{path}");
    reply.json().await.unwrap()
}

/// The ids of all run states, page by page.
async fn ids(server: &Server, token: &str, states: &str) -> Vec<String> {
    let (mut ids, mut next) = (Vec::new(), Some(format!("{states}?$select=id")));
    while let Some(path) = next {
        let page = read(server, token, &path).await;
        let rows = page["value"].as_array().unwrap().iter();
        ids.extend(rows.map(|row| row["id"].as_str().unwrap().to_owned()));
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
    ids
}

async fn new_states(server: &Server, token: &str) -> String {
    let request = server.request(Method::POST, SCRIPTS).bearer_auth(token);
    let script = request.json(&json!({ "displayName": "Rolling" })).send().await.unwrap();
    let script: Json = script.json().await.unwrap();
    format!("{SCRIPTS}/{}/deviceRunStates", script["id"].as_str().unwrap())
}

/// Asserts that each acknowledged row exists once, and that each report is a version of its history.
async fn assert_kept(server: &Server, token: &str, states: &str, record: &Record) {
    let all = ids(server, token, states).await;
    let distinct: BTreeSet<_> = all.iter().cloned().collect();
    assert_eq!(all.len(), distinct.len(), "a row exists twice");
    let lost: Vec<_> = record.acknowledged.difference(&distinct).collect();
    assert!(lost.is_empty(), "acknowledged, but lost: {lost:?}");
    for (id, reported) in &record.reported {
        let history = read(server, token, &format!("{states}/{id}/history/$count")).await;
        let range = reported.acknowledged as u64..=reported.sent as u64;
        assert!(range.contains(&history.as_u64().unwrap()), "{id}: {range:?} and {history}");
    }
}

#[tokio::test]
async fn servers_of_both_versions_serve_one_database_while_it_is_migrated() {
    let scratch = Scratch::new();
    let Some([old, new]) = programs(&scratch.0.join("data")) else { return };
    let place = scratch.0.join("postgres");
    let postgres = EmbeddedPostgres::start("runstate", &place).await.unwrap();
    let options = postgres.connect_options();
    let socket = options.get_socket().unwrap().display().to_string();
    let password = std::fs::read_to_string(place.join("password")).unwrap();
    let url = format!("postgres://runstate:{}@/runstate?host={socket}", password.trim());
    let [old, new] = [old, new].map(|program| program.on(&url));

    let first = old.serve().await;
    let token = old.run(&["token", "--expires", "1h"]).trim().to_owned();
    let [of_old, of_new] = [new_states(&first, &token).await, new_states(&first, &token).await];
    let on_old = Load::start(&format!("{}{of_old}", first.base), &token);
    on_old.rounds(ROUNDS).await;
    let check = new.run_beside(&["upgrade-check"]).await;
    println!("{check}");
    if !check.contains("\nok    The schema is up to date, ") {
        let beside = format!(
            "\nok    Servers of version {} may run meanwhile, and beside this version.\n",
            PREVIOUS.version
        );
        assert!(check.contains(&beside), "{check}");
    }
    new.run_beside(&["migrate"]).await;
    on_old.rounds(ROUNDS).await;

    let second = new.serve().await;
    let on_new = Load::start(&format!("{}{of_new}", second.base), &token);
    on_old.rounds(ROUNDS).await;
    on_new.rounds(ROUNDS).await;
    // Each server sees at once what the other one has written.
    let both = [ids(&first, &token, &of_new).await, ids(&second, &token, &of_old).await];
    assert!(both.iter().all(|ids| !ids.is_empty()));
    let record_old = on_old.stop().await;
    first.stop().await;
    on_new.rounds(ROUNDS).await;
    let record_new = on_new.stop().await;
    for (states, record) in [(of_old, record_old), (of_new, record_new)] {
        record.assert_all_answered();
        assert_kept(&second, &token, &states, &record).await;
    }
    second.stop().await;
    let counted = new.run_beside(&["recount", "--check"]).await;
    assert_eq!(counted, "Every counter matches the rows.\n");
    postgres.stop().await;
}
