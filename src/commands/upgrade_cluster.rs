//! `runstate upgrade-cluster`: moves the PostgreSQL in the data directory to a newer major version, by a
//! backup from the old programs to the new ones.

use std::fs;
use std::path::Path;

use embedded_postgres::{ClusterUpgrade, EmbeddedPostgres};
use sqlx::postgres::PgConnectOptions;

use super::backup::{Line, unless_interrupted};
use super::database::without_database;
use super::{Failure, output};
use crate::backup::{self, Backup, DatabaseSize, Manifest, Progress, Target};
use crate::config::{Settings, UpgradeClusterOptions};
use crate::disk::check_space;
use crate::store::{MovedTwin, TWIN_TABLE};

/// The name of the backup in the data directory. It is removed at the end.
const FILE: &str = "upgrade-cluster.tar";

pub(super) async fn run(
    settings: &Settings,
    UpgradeClusterOptions { to }: UpgradeClusterOptions,
) -> Result<(), Failure> {
    if settings.database_url.is_some() {
        return Err(
            "upgrade-cluster moves the PostgreSQL in the data directory, but DATABASE_URL \
                    names another one. Move that one by `pg_upgrade`."
                .into(),
        );
    }
    let directory = settings.data_dir.join("postgres");
    let upgrade = ClusterUpgrade::begin("runstate", &directory, to).await;
    let upgrade = upgrade.map_err(without_database)?;
    let (from, to) = (upgrade.from(), upgrade.to());
    output::line(format_args!("PostgreSQL {from} to {to}: {}", upgrade.directory().display()))?;
    let file = settings.data_dir.join(FILE);
    let moved = unless_interrupted(move_rows(&upgrade, &file)).await;
    if file.exists() {
        fs::remove_file(&file)?;
    }
    let (manifest, of_twin) = moved?;
    let kept = upgrade.finish().await?;
    for table in manifest.tables() {
        output::line(format_args!("{}: {} rows, the same", table.name, table.rows))?;
    }
    if let Some(rows) = of_twin {
        output::line(format_args!("{TWIN_TABLE}: {rows} rows"))?;
    }
    output::line(format_args!("The database is of PostgreSQL {to} now."))?;
    output::line(format_args!(
        "The old one is in {}: remove it when the server has run well.",
        kept.display()
    ))
}

/// Copies all rows into the new cluster, and compares them. Returns also how many tenants the test twin has,
/// if there ever was one.
async fn move_rows(
    upgrade: &ClusterUpgrade,
    file: &Path,
) -> Result<(Manifest, Option<usize>), Failure> {
    let mut progress = Line::new("upgrade");
    let mut show = |done: Progress<'_>| progress.show(done);
    let moved = async {
        let old = upgrade.start_old().await?;
        let written = read_rows(&old.connect_options(), upgrade, file, &mut show).await;
        let twin = stop(old, written).await?;
        let new = upgrade.start_new().await?;
        let restored = write_rows(&new.connect_options(), file, twin, &mut show).await;
        stop(new, restored).await
    };
    let moved = moved.await;
    progress.end();
    moved
}

async fn read_rows(
    options: &PgConnectOptions,
    upgrade: &ClusterUpgrade,
    file: &Path,
    show: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Option<MovedTwin>, Failure> {
    let outside = backup::outside(options, TWIN_TABLE).await?;
    if !outside.is_empty() {
        return Err(format!(
            "the PostgreSQL has more than Runstate put into it, which would not be moved: {}. Remove \
             it, or move everything by `pg_dumpall`. Nothing was changed.",
            outside.join(", ")
        )
        .into());
    }
    let size = DatabaseSize::of(options).await?;
    let of_file = file.parent().unwrap_or(file);
    let needs = [(of_file, size.backup()), (upgrade.directory(), size.new_cluster())];
    check_space("the upgrade", &needs)?;
    let target = Target { file, replaces: true };
    backup::write(options, target, None, show).await?;
    Ok(MovedTwin::read(options).await?)
}

async fn write_rows(
    options: &PgConnectOptions,
    file: &Path,
    twin: Option<MovedTwin>,
    show: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<(Manifest, Option<usize>), Failure> {
    let backup = Backup::open(file)?;
    let manifest = backup.restore(options, None, show).await?;
    backup.compare(options, &manifest, show).await?;
    let of_twin = match twin {
        Some(twin) => Some(twin.write(options).await?),
        None => None,
    };
    Ok((manifest, of_twin))
}

/// Stops a server, whatever became of the work on it.
async fn stop<T>(server: EmbeddedPostgres, done: Result<T, Failure>) -> Result<T, Failure> {
    server.stop().await;
    done
}
