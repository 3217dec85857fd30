//! `runstate recount`: compares the counters with the rows, and corrects them.

use super::database::Database;
use super::{Failure, output};
use crate::config::{RecountOptions, Settings};
use crate::store::Store;

pub(super) async fn run(
    settings: &Settings,
    RecountOptions { check }: RecountOptions,
) -> Result<(), Failure> {
    let database = Database::open_existing(settings).await?;
    let wrong = Store::find_miscounted(&database.options).await;
    let corrected = match &wrong {
        Ok(wrong) if !check && !wrong.is_empty() => Store::recount(&database.options).await,
        _ => Ok(()),
    };
    database.close().await;
    let wrong = wrong?;
    corrected?;
    for counter in &wrong {
        output::line(counter)?;
    }
    match (wrong.len(), check) {
        (0, _) => output::line("Every counter matches the rows."),
        (count, false) => output::line(format_args!("{count} counters were corrected.")),
        (count, true) => Err(format!("{count} counters do not match the rows").into()),
    }
}
