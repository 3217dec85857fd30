//! Moves a cluster to another major version of PostgreSQL: starts the old and the new programs, one
//! after the other, and replaces the old cluster by the new one. What is in the clusters, the caller
//! copies.

use std::path::{Path, PathBuf};

use crate::cluster::{self, Cluster};
use crate::directory::Directory;
use crate::error::{Error, Result};
use crate::name::Name;
use crate::programs::{self, Programs};
use crate::replacement;
use crate::server::{EmbeddedPostgres, blocking};

/// An upgrade that has begun. Until [`ClusterUpgrade::finish`], nothing of the old cluster is changed
/// but by what the caller does while it runs. The directory is locked meanwhile.
#[derive(Debug)]
pub struct ClusterUpgrade {
    name: Name,
    directory: Directory,
    old: Programs,
    new: Programs,
}

impl ClusterUpgrade {
    /// Finds the cluster in `directory`, the programs that created it, and newer ones: those of the
    /// major version `to`, or the newest that are installed. `name` is that of
    /// [`EmbeddedPostgres::start`].
    ///
    /// # Errors
    /// When there is no cluster, when a server uses it, when programs are missing, or when an old
    /// cluster of an earlier upgrade is still kept.
    pub async fn begin(name: &str, directory: &Path, to: Option<u32>) -> Result<Self> {
        let name = Name::parse(name)?;
        let directory = directory.to_owned();
        blocking(move || {
            if !directory.exists() {
                return Err(Error::NoCluster { directory });
            }
            let directory = Directory::claim(&name, &directory)?;
            replacement::finish(&directory)?;
            let Some(major) = cluster::major(&directory)? else {
                return Err(Error::NoCluster { directory: directory.path });
            };
            let installed = programs::installed(&directory.user);
            let found = installed.iter().map(|it| it.major).collect();
            let newer = installed.into_iter().filter(|it| it.major > major);
            let wanted = newer.filter(|it| to.is_none_or(|to| it.major == to));
            let new = wanted.max_by_key(|it| it.major);
            let new = new.ok_or(Error::NothingNewer { major, to, found })?;
            let old = programs::find(Some(major), &directory.user)?;
            let kept = replacement::kept(&directory.path, major);
            match kept.exists() {
                true => Err(Error::KeptBefore { path: kept }),
                false => Ok(Self { name, directory, old, new }),
            }
        })
        .await
    }

    /// The major version of the cluster.
    #[must_use]
    pub fn from(&self) -> u32 {
        self.old.major
    }

    /// The major version that the cluster gets.
    #[must_use]
    pub fn to(&self) -> u32 {
        self.new.major
    }

    /// The directory of the cluster, free of links.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory.path
    }

    /// Starts the old programs on the cluster. Stop the server before the next step.
    ///
    /// # Errors
    /// When the system or PostgreSQL refuses something.
    pub async fn start_old(&self) -> Result<EmbeddedPostgres> {
        self.start("data", &self.old).await
    }

    /// Starts the new programs on a new cluster, which has the name and the password of the old one and
    /// an empty database. Stop the server before the next step.
    ///
    /// # Errors
    /// When the system or PostgreSQL refuses something.
    pub async fn start_new(&self) -> Result<EmbeddedPostgres> {
        self.start(replacement::FILLED, &self.new).await
    }

    /// Replaces the old cluster by the new one. Returns where the old one is kept.
    ///
    /// # Errors
    /// When the system refuses it.
    pub async fn finish(self) -> Result<PathBuf> {
        blocking(move || replacement::replace(&self.directory.path, self.old.major)).await
    }

    async fn start(&self, data: &str, programs: &Programs) -> Result<EmbeddedPostgres> {
        let cluster = Cluster::part_of(&self.directory, self.name.clone(), data)?;
        EmbeddedPostgres::start_on(cluster, programs.clone(), &self.name).await
    }
}
