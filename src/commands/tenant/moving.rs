//! `runstate tenant export`, `import`, `open` and `remove`: move a tenant from one database to another.

use std::time::Instant;

use uuid::Uuid;

use crate::backup::{Backup, BackupError, Progress, Target, tenant};
use crate::commands::backup::{Line, unless_interrupted};
use crate::commands::database::Database;
use crate::commands::{Failure, output};
use crate::config::{Settings, TenantExportOptions, TenantImportOptions, TenantRemoveOptions};

pub(super) async fn export(
    settings: &Settings,
    options: TenantExportOptions,
) -> Result<(), Failure> {
    let TenantExportOptions { tenant, file, close, force } = options;
    let database = Database::open_existing(settings).await?;
    let target = Target { file: &file, replaces: force };
    let began = Instant::now();
    let mut progress = Line::new("export");
    let mut show = |done: Progress<'_>| progress.show(done);
    let written = unless_interrupted(async {
        Ok(tenant::export(&database.options, target, tenant, close, &mut show).await)
    });
    let written = written.await;
    progress.end();
    database.close().await;
    let written = written.map_err(|interrupted| match close {
        true => BackupError::NotExported { tenant, cause: interrupted }.into(),
        false => interrupted,
    })??;
    let (tables, rows) = (written.manifest.tables().len(), written.manifest.rows());
    output::line(format_args!(
        "{}: {rows} rows of {tables} tables at {}, {} bytes, in {:.1} s.",
        file.display(),
        written.header.taken_at,
        written.bytes,
        began.elapsed().as_secs_f64()
    ))?;
    output::line(match close {
        true => "The tenant is read-only from now on. Import the file where it is to be.",
        false => "The tenant goes on here. Imported elsewhere, the file is a copy.",
    })
}

pub(super) async fn import(
    settings: &Settings,
    options: TenantImportOptions,
) -> Result<(), Failure> {
    let backup = Backup::open(&options.file)?;
    let database = Database::open_or_join(settings).await?;
    let began = Instant::now();
    let mut progress = Line::new("import");
    let mut show = |done: Progress<'_>| progress.show(done);
    let imported = unless_interrupted(async {
        Ok(tenant::import(&backup, &database.options, &mut show).await?)
    });
    let imported = imported.await;
    progress.end();
    database.close().await;
    let imported = imported?;
    let (tables, rows) = (imported.manifest.tables().len(), imported.manifest.rows());
    let seconds = began.elapsed().as_secs_f64();
    let rows = match imported.was_there {
        true => {
            format!("The {rows} rows of {tables} tables are here already. Nothing was changed.")
        }
        false => format!(
            "Imported {rows} rows of {tables} tables, and compared them with the file, in \
             {seconds:.1} s."
        ),
    };
    let state = match imported.is_open {
        true => "The tenant takes writes here.",
        false => "The tenant is read-only here. `runstate tenant open` lets it take writes.",
    };
    output::line(format_args!("{rows}\n{state}"))
}

pub(super) async fn open(settings: &Settings, tenant: Uuid) -> Result<(), Failure> {
    let database = Database::open_existing(settings).await?;
    let done = tenant::open(&database.options, tenant).await;
    database.close().await;
    done?;
    output::line("The tenant takes writes here. Delete its export, and import it nowhere.")
}

pub(super) async fn remove(
    settings: &Settings,
    options: TenantRemoveOptions,
) -> Result<(), Failure> {
    let TenantRemoveOptions { tenant, without_export } = options;
    let database = Database::open_existing(settings).await?;
    let removed = unless_interrupted(async {
        Ok(tenant::remove(&database.options, tenant, without_export).await?)
    });
    let removed = removed.await;
    database.close().await;
    output::line(format_args!("Removed {} rows. The tenant is refused here from now on.", removed?))
}
