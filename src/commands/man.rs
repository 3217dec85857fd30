//! `runstate man`: the manual pages, as `--help` describes the commands.

use super::Failure;
use crate::config::{self, ManOptions};

pub(super) fn run(options: &ManOptions) -> Result<(), Failure> {
    let directory = &options.directory;
    config::write_manual(directory).map_err(|error| {
        format!("cannot write manual pages into {}: {error}", directory.display()).into()
    })
}
