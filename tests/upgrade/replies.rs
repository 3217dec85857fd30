//! Are the replies of this version those of the last release, on the same database and on its backup?

use std::collections::BTreeMap;
use std::path::Path;

use reqwest::Method;

use crate::life::Life;
use crate::program::{Program, Server, programs};
use crate::system::Scratch;

/// The replies that differ on purpose, each with words of the changelog that say so.
const CHANGED: &[(&str, &str)] = &[
    ("/openapi.json", "They come from `/openapi.json`, where `security` of each operation"),
    ("/beta/$metadata", "`$metadata` and `/openapi.json` have an `ETag`"),
];
/// The headers that are compared.
const HEADERS: [&str; 4] = ["content-type", "etag", "odata-version", "cache-control"];

/// Headers and body of a reply with status 200.
type Reply = (Vec<Option<String>>, String);

/// Everything that clients and operators read: replies by the paths of their requests, and the output of
/// commands.
struct Replies(BTreeMap<String, Reply>);

impl Replies {
    async fn read(program: &Program, server: &Server, life: &Life) -> Self {
        let mut replies = BTreeMap::new();
        for path in life.reads() {
            let request = server.request(Method::GET, &path).bearer_auth(&life.token);
            let reply = request.send().await.unwrap();
            assert_eq!(reply.status(), 200, "{path}");
            let header = |name: &str| Some(reply.headers().get(name)?.to_str().unwrap().to_owned());
            let headers = HEADERS.map(header).to_vec();
            replies.insert(path, (headers, reply.text().await.unwrap()));
        }
        for command in [["tenant", "list"], ["app", "list"], ["user", "list"]] {
            let name = format!("runstate {}", command.join(" "));
            replies.insert(name, (Vec::new(), program.run(&command)));
        }
        Self(replies)
    }

    /// Asserts that these are the replies of before, but for declared changes.
    fn assert_same(&self, before: &Self) {
        let changelog = std::fs::read_to_string("CHANGELOG.md").unwrap();
        for (name, reply) in &self.0 {
            match CHANGED.iter().find(|(changed, _)| changed == name) {
                Some((_, words)) => {
                    assert!(changelog.contains(words), "{name}: {words}");
                    assert_ne!(reply, &before.0[name], "{name} is as before");
                }
                None => assert_eq!(reply, &before.0[name], "{name}"),
            }
        }
    }
}

#[tokio::test]
async fn every_reply_is_the_same_after_the_upgrade_and_what_clients_keep_is_still_good() {
    let scratch = Scratch::new();
    let Some([old, new]) = programs(&scratch.0.join("data")) else { return };
    let server = old.serve().await;
    let life = Life::begin(&old, &server, &scratch.0.join("data")).await;
    let before = Replies::read(&old, &server, &life).await;
    server.stop().await;

    let check = new.run(&["upgrade-check"]);
    assert!(!check.contains("\nfail"), "{check}");
    let server = new.serve().await;
    Replies::read(&new, &server, &life).await.assert_same(&before);
    life.goes_on(&server).await;
    server.stop().await;
    assert_eq!(new.run(&["recount", "--check"]), "Every counter matches the rows.\n");
    let check = new.run(&["upgrade-check"]);
    assert!(check.contains("\nok    The schema is up to date, with "), "{check}");
}

#[tokio::test]
async fn a_backup_of_the_last_release_is_verified_restored_and_migrated() {
    let scratch = Scratch::new();
    let Some([old, new]) = programs(&scratch.0.join("data")) else { return };
    let server = old.serve().await;
    let life = Life::begin(&old, &server, &scratch.0.join("data")).await;
    let before = Replies::read(&old, &server, &life).await;
    let file = scratch.0.join("backup.tar");
    let file = file.to_str().unwrap();
    old.run(&["backup", file]);
    server.stop().await;

    let verified = new.run(&["backup", "verify", file]);
    assert!(verified.contains("\nEvery counter matches the rows.\n"), "{verified}");
    let restored = new.at(&scratch.0.join("restored"));
    let shown = restored.run(&["restore", file]);
    assert!(shown.starts_with("Restored "), "{shown}");
    let server = restored.serve().await;
    Replies::read(&restored, &server, &life).await.assert_same(&before);
    life.goes_on(&server).await;
    server.stop().await;
    assert_eq!(restored.run(&["recount", "--check"]), "Every counter matches the rows.\n");
    assert!(!Path::new(&format!("{file}.partial")).exists());
}
