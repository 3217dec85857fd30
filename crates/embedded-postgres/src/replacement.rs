//! Puts a new cluster in the place of an old one: names and renames in the directory of the cluster.
//! Whatever happens in between, `data` is one of the two as a whole, or the next start makes it so.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::directory::Directory;
use crate::error::{IoContext, Result};
use crate::{files, processes};

/// The beginning of the names of clusters that are not complete. The next start removes them.
pub(crate) const UNFINISHED: &str = "data.new-";
/// The name of a new cluster while it is filled.
pub(crate) const FILLED: &str = "data.new-upgrade";
/// The name of a complete cluster that has yet to replace `data`.
const COMPLETE: &str = "data.upgraded";

/// Removes what an interrupted `initdb` or upgrade left.
pub(crate) fn remove_unfinished(directory: &Path) -> Result<()> {
    let entries = fs::read_dir(directory).context("read", directory)?;
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(UNFINISHED) {
            remove(&path)?;
        }
    }
    Ok(())
}

/// The name under which the old cluster is kept.
pub(crate) fn kept(directory: &Path, major: u32) -> PathBuf {
    directory.join(format!("data.postgresql-{major}"))
}

/// Replaces `data`, which is of this major version, by the new cluster. Both must be shut down. Returns
/// where the old cluster is.
pub(crate) fn replace(directory: &Path, major: u32) -> Result<PathBuf> {
    let (data, complete) = (directory.join("data"), directory.join(COMPLETE));
    let kept = kept(directory, major);
    rename(&directory.join(FILLED), &complete)?;
    // From here on the new cluster counts: `finish` goes on if this process does not.
    rename(&data, &kept)?;
    rename(&complete, &data)?;
    Ok(kept)
}

/// Finishes a replacement that was interrupted. One that had not moved the old cluster away is undone,
/// because the old cluster may have changed since.
pub(crate) fn finish(directory: &Directory) -> Result<()> {
    let (data, complete) = (directory.path.join("data"), directory.path.join(COMPLETE));
    match (complete.exists(), data.exists()) {
        (false, _) => Ok(()),
        (true, true) => remove(&complete),
        (true, false) => rename(&complete, &data),
    }
}

fn remove(cluster: &Path) -> Result<()> {
    // Its PostgreSQL may still be about to end.
    processes::abort(cluster);
    files::remove_directory(cluster).context("remove", cluster)
}

/// Renames a directory. The new name is on disk when this returns.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).context("create", to)?;
    let parent = to.parent().unwrap_or(Path::new("/"));
    File::open(parent).and_then(|parent| parent.sync_all()).context("flush", parent)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::name::Name;

    /// A locked directory with clusters by their names; each has a file that says which it was.
    fn directory(clusters: &[&str]) -> Directory {
        let path = std::env::temp_dir().join(format!("replacement-{}", Uuid::new_v4().simple()));
        let directory = Directory::claim(&Name::parse("replacement").unwrap(), &path).unwrap();
        for cluster in clusters {
            fs::create_dir(directory.path.join(cluster)).unwrap();
            fs::write(directory.path.join(cluster).join("was"), cluster).unwrap();
        }
        directory
    }

    /// The names of the clusters, and which each of them was. Removes the directory.
    fn end(directory: &Directory) -> Vec<(String, String)> {
        let entries = fs::read_dir(&directory.path).unwrap().flatten();
        let clusters = entries.filter(|entry| entry.path().is_dir()).map(|entry| {
            let was = fs::read_to_string(entry.path().join("was")).unwrap();
            (entry.file_name().into_string().unwrap(), was)
        });
        let mut clusters: Vec<_> = clusters.collect();
        clusters.sort();
        fs::remove_dir_all(&directory.path).unwrap();
        clusters
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(name, was)| ((*name).into(), (*was).into())).collect()
    }

    #[test]
    fn the_new_cluster_replaces_the_old_one_which_is_kept() {
        let directory = directory(&["data", FILLED]);
        let kept = replace(&directory.path, 15).unwrap();
        assert_eq!(kept, directory.path.join("data.postgresql-15"));
        finish(&directory).unwrap();
        let expected = [("data", FILLED), ("data.postgresql-15", "data")];
        assert_eq!(end(&directory), pairs(&expected));
    }

    #[test]
    fn an_interrupted_replacement_is_finished_once_the_old_cluster_was_moved() {
        let directory = directory(&[COMPLETE, "data.postgresql-15"]);
        finish(&directory).unwrap();
        let expected = [("data", COMPLETE), ("data.postgresql-15", "data.postgresql-15")];
        assert_eq!(end(&directory), pairs(&expected));
    }

    #[test]
    fn a_replacement_that_was_interrupted_before_that_is_undone() {
        let directory = directory(&["data", COMPLETE, FILLED, "data.new-0123abcd"]);
        finish(&directory).unwrap();
        remove_unfinished(&directory.path).unwrap();
        assert_eq!(end(&directory), pairs(&[("data", "data")]));
    }
}
