//! What must hold after a fault: each acknowledged row exists once, and the counters match the rows.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::load::Record;
use crate::server::Server;

/// The run states that clients report to, and the server that is asked about them.
pub(crate) struct Kept<'a> {
    pub(crate) server: &'a Server,
    /// The path of the script.
    pub(crate) script: &'a str,
    /// The path of the user's run states.
    pub(crate) states: &'a str,
    /// The URL of the database.
    pub(crate) url: &'a str,
    /// The data directory of the command that checks the counters.
    pub(crate) folder: &'a Path,
}

impl Kept<'_> {
    /// Asserts that each acknowledged row exists once, that no other rows exist than those that
    /// were posted, and that the counters match the rows.
    pub(crate) async fn assert(&self, record: &Record) {
        let rows = self.server.all(&format!("{}?$select=id,runState", self.states)).await;
        let of_clients = rows.iter().map(|row| row["id"].as_str().unwrap().to_owned());
        let of_clients: Vec<_> = of_clients.filter(|id| id.starts_with("client-")).collect();
        let ids: BTreeSet<_> = of_clients.iter().cloned().collect();
        assert_eq!(ids.len(), of_clients.len(), "a row exists twice");
        let lost: Vec<_> = record.acknowledged.difference(&ids).collect();
        assert!(lost.is_empty(), "acknowledged, but lost: {lost:?}");
        let unexpected: Vec<_> = ids.iter().filter(|id| !record.was_posted(id)).collect();
        assert!(unexpected.is_empty(), "rows that nobody posted: {unexpected:?}");

        self.assert_history(record).await;
        let count = |state: &str| rows.iter().filter(|row| row["runState"] == state).count();
        let counted = json!([count("success"), count("fail")]);
        let user = self.server.get(&format!("{}/userRunStates/user", self.script)).await.with(200);
        assert_eq!(json!([user["successDeviceCount"], user["errorDeviceCount"]]), counted);
        let all = self.server.get(&format!("{}/runSummary", self.script)).await.with(200);
        assert_eq!(json!([all["successDeviceCount"], all["errorDeviceCount"]]), counted);
        // The command uses the link, which runs on this thread, so it must not block.
        let mut check = tokio::process::Command::new(env!("CARGO_BIN_EXE_runstate"));
        let check = check.args(["recount", "--check"]).env("DATABASE_URL", self.url);
        let check = check.env("RUNSTATE_DATA_DIR", self.folder).output().await.unwrap();
        let output = String::from_utf8(check.stdout).unwrap();
        assert_eq!(output, "Every counter matches the rows.\n", "{:?}", check.stderr);
    }

    /// Asserts that the history of each reported run state has every acknowledged report as a version,
    /// in their order, and that each version begins when the one before it ends.
    async fn assert_history(&self, record: &Record) {
        for (id, reported) in record.reported.iter().filter(|(_, it)| it.acknowledged > 0) {
            let history = format!("{}/{id}/history?$orderby=version", self.states);
            let versions = self.server.all(&history).await;
            let codes: Vec<_> = versions.iter().map(|it| it["errorCode"].as_u64()).collect();
            let expected: Vec<_> = (0..codes.len() as u64).map(Some).collect();
            assert_eq!(codes, expected, "{id}");
            let range = reported.acknowledged..=reported.sent;
            assert!(range.contains(&codes.len()), "{id}: {range:?} and {}", codes.len());
            let begins = versions.iter().skip(1).map(|it| &it["validFrom"]).chain([&Json::Null]);
            let ends = versions.iter().map(|it| &it["validTo"]);
            assert!(begins.eq(ends), "{id}: {versions:?}");
        }
    }
}
