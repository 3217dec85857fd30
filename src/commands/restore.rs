//! `runstate restore`: restores a backup into an empty database and into the data directory.

use super::backup::{Line, decrypted, unless_interrupted};
use super::database::Database;
use super::{Failure, output};
use crate::backup::{Backup, Progress};
use crate::config::{RestoreOptions, Settings};
use crate::store::Store;

pub(super) async fn run(settings: &Settings, options: RestoreOptions) -> Result<(), Failure> {
    let backup = Backup::open(&options.file)?;
    let keys = decrypted(&backup, options.without_keys).await?;
    let needed = backup.check()?.space;
    let database = match &options.into {
        Some(url) => Database::at(url).await?,
        None => Database::open(settings).await?,
    };
    let keys = keys.as_ref().map(|files| (settings.data_dir.as_path(), files));
    let mut progress = Line::new("restore");
    let mut show = |done: Progress<'_>| progress.show(done);
    let restored = unless_interrupted(async {
        database.check_space("the restore", needed)?;
        let manifest = backup.restore(&database.options, keys, &mut show).await?;
        // The backup may be older than this program.
        Store::migrate(&database.options).await?;
        Ok(manifest)
    });
    let restored = restored.await;
    progress.end();
    database.close().await;
    let (manifest, taken_at) = (restored?, &backup.header().taken_at);
    let (rows, tables) = (manifest.rows(), manifest.tables().len());
    output::line(format_args!(
        "Restored {rows} rows of {tables} tables, as they were at {taken_at}."
    ))?;
    match keys.filter(|(_, files)| !files.is_empty()) {
        Some((directory, files)) => output::line(format_args!(
            "The data directory {} has {} key files.",
            directory.display(),
            files.len()
        )),
        None => output::line("No key files were restored."),
    }
}
