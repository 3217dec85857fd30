//! How another process connects to a cluster that runs already. Starts and stops nothing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sqlx::postgres::PgConnectOptions;

use crate::cluster;
use crate::error::{IoContext, Result};
use crate::name::Name;
use crate::server::EmbeddedPostgres;

/// Where `postmaster.pid` has the directory of the socket, counted from 0.
const SOCKETS_LINE: usize = 4;

impl EmbeddedPostgres {
    /// How to connect to the server that another process runs on the cluster in `directory`: after
    /// [`Error::InUse`](crate::Error::InUse), for example.
    ///
    /// # Errors
    /// When no server runs there, or this user may not read its files.
    pub fn options_of_running(name: &str, directory: &Path) -> Result<PgConnectOptions> {
        let name = Name::parse(name)?;
        let directory = fs::canonicalize(directory).context("find", directory)?;
        let path = directory.join("data/postmaster.pid");
        let sockets = read_sockets(&path).context("read", &path)?;
        cluster::options(&name, &sockets, &directory.join("password"))
    }
}

fn read_sockets(path: &Path) -> io::Result<PathBuf> {
    let text = fs::read_to_string(path)?;
    let sockets = text.lines().nth(SOCKETS_LINE).filter(|line| !line.is_empty());
    sockets.map(PathBuf::from).ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidData, "the server has not finished its start")
    })
}
