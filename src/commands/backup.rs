//! `runstate backup`: writes a backup of the database and of the keys, and verifies one.

use std::io::{IsTerminal, Write, stderr};
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};

use super::database::Database;
use super::{Failure, output, passphrase};
use crate::backup::{self, Backup, KeyFiles, Manifest, Progress, Target, Written, tenant};
use crate::config::{BackupCommand, BackupOptions, Settings, VerifyOptions};
use crate::store::Store;

/// How often a terminal shows the progress.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(200);

pub(super) async fn run(settings: &Settings, options: BackupOptions) -> Result<(), Failure> {
    match (options.command, options.file) {
        (Some(BackupCommand::Verify(options)), _) => verify(options).await,
        (None, Some(file)) => {
            let target = Target { file: &file, replaces: options.force };
            write(settings, target, options.without_keys).await
        }
        (None, None) => Err("the name of the file is missing".into()),
    }
}

async fn write(settings: &Settings, target: Target<'_>, without_keys: bool) -> Result<(), Failure> {
    let files = match without_keys {
        true => KeyFiles::new(),
        false => backup::read_key_files(&settings.data_dir)?,
    };
    let passphrase = match files.is_empty() {
        true => None,
        false => Some(passphrase::for_new_backup().await?),
    };
    let database = Database::open_existing(settings).await?;
    let keys = passphrase.as_ref().map(|passphrase| (&files, passphrase.as_str()));
    let began = Instant::now();
    let mut progress = Line::new("backup");
    let mut show = |done: Progress<'_>| progress.show(done);
    let written = unless_interrupted(async {
        Ok(backup::write(&database.options, target, keys, &mut show).await?)
    });
    let written = written.await;
    progress.end();
    database.close().await;
    print_written(settings, target.file, &written?, began.elapsed())
}

fn print_written(
    settings: &Settings,
    file: &Path,
    written: &Written,
    took: Duration,
) -> Result<(), Failure> {
    let Written { header, manifest, bytes } = written;
    let (tables, rows) = (manifest.tables().len(), manifest.rows());
    output::line(format_args!(
        "{}: {rows} rows of {tables} tables at {}, {bytes} bytes, in {:.1} s.",
        file.display(),
        header.taken_at,
        took.as_secs_f64()
    ))?;
    output::line(match header.key_files() {
        [] => format!("It has no keys of {}.", settings.data_dir.display()),
        names => format!("It has the keys {}, encrypted.", names.join(", ")),
    })
}

async fn verify(options: VerifyOptions) -> Result<(), Failure> {
    let backup = Backup::open(&options.file)?;
    let keys = decrypted(&backup, options.without_keys).await?;
    let needed = backup.check()?.space;
    let database = match &options.into {
        Some(url) => Database::at(url).await?,
        None => Database::temporary().await?,
    };
    let mut progress = Line::new("verify");
    let mut show = |done: Progress<'_>| progress.show(done);
    let verified = unless_interrupted(async {
        database.check_space("the verification", needed)?;
        let manifest = restore_and_compare(&backup, &database, &mut show).await?;
        Ok((manifest, Store::find_miscounted(&database.options).await?))
    });
    let verified = verified.await;
    progress.end();
    database.close().await;
    let (manifest, wrong) = verified?;
    for table in manifest.tables() {
        output::line(format_args!("{}: {} rows, the same", table.name, table.rows))?;
    }
    for counter in &wrong {
        output::line(counter)?;
    }
    if !wrong.is_empty() {
        return Err(format!("{} counters do not match the rows", wrong.len()).into());
    }
    output::line("Every counter matches the rows.")?;
    match keys {
        _ if backup.header().is_of_tenant() => Ok(()),
        Some(keys) => output::line(format_args!("The passphrase opens {} key files.", keys.len())),
        None => output::line("The keys were not decrypted."),
    }
}

/// Restores a backup, or the export of a tenant, into an empty database.
async fn restore_and_compare(
    backup: &Backup,
    database: &Database,
    show: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Manifest, Failure> {
    if backup.header().is_of_tenant() {
        Store::migrate(&database.options).await?;
        return Ok(tenant::import(backup, &database.options, show).await?.manifest);
    }
    let manifest = backup.restore(&database.options, None, show).await?;
    backup.compare(&database.options, &manifest, show).await?;
    Store::migrate(&database.options).await?;
    Ok(manifest)
}

/// The key files of a backup, unless they are left out.
pub(super) async fn decrypted(
    backup: &Backup,
    without_keys: bool,
) -> Result<Option<KeyFiles>, Failure> {
    match without_keys {
        true => Ok(None),
        false if backup.header().key_files().is_empty() => Ok(Some(KeyFiles::new())),
        false => Ok(Some(backup.keys(&passphrase::of_backup().await?)?)),
    }
}

/// Runs work until the process is told to stop. What the work has begun is undone when it is dropped.
pub(super) async fn unless_interrupted<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        done = work => done,
        _ = interrupt.recv() => Err("interrupted".into()),
        _ = terminate.recv() => Err("interrupted".into()),
    }
}

/// A line of progress, if the log goes to a terminal.
pub(super) struct Line {
    command: &'static str,
    is_shown: bool,
    bytes: u64,
    began: Instant,
    last: Option<Instant>,
}

impl Line {
    pub(super) fn new(command: &'static str) -> Self {
        let is_shown = stderr().is_terminal();
        Self { command, is_shown, bytes: 0, began: Instant::now(), last: None }
    }

    pub(super) fn show(&mut self, done: Progress<'_>) {
        self.bytes += done.bytes;
        let is_due = self.last.is_none_or(|last| last.elapsed() > PROGRESS_INTERVAL);
        if !self.is_shown || !is_due {
            return;
        }
        self.last = Some(Instant::now());
        let mib = f64::from(u32::try_from(self.bytes >> 20).unwrap_or(u32::MAX));
        let Progress { table, rows, .. } = done;
        let speed = mib / self.began.elapsed().as_secs_f64().max(0.001);
        let command = self.command;
        // A terminal that is gone does not stop the command.
        let text = format!("\r\x1b[K{command}: {table}, {rows} rows; {mib} MiB, {speed:.0} MiB/s");
        stderr().write_all(text.as_bytes()).ok();
    }

    pub(super) fn end(&self) {
        if self.last.is_some() {
            stderr().write_all(b"\r\x1b[K").ok();
        }
    }
}
