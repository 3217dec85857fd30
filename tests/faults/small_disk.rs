//! A small file system in memory, which tests fill.

use std::fs::{self, File};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Enough for a new cluster and some rows.
const SIZE: &str = "size=160m";

/// A file system in memory, which is unmounted when the value is dropped.
pub(crate) struct SmallDisk(pub(crate) PathBuf);

impl SmallDisk {
    /// `None`, and a line that says so, without the rights to mount a file system.
    pub(crate) fn mount(place: &Path) -> Option<Self> {
        fs::create_dir(place).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(place);
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        if !mounted {
            // Written directly, since the test runner captures what `println!` prints.
            let text = "SKIPPED: the test of a full disk needs root to mount a file system.";
            writeln!(std::io::stderr(), "{text}").ok();
        }
        mounted.then(|| Self(place.to_owned()))
    }

    /// Fills the disk but for so many bytes.
    pub(crate) fn leave(&self, bytes: u64) {
        let mut ballast = File::create(self.0.join("ballast")).unwrap();
        while ballast.write_all(&[0; 4096]).is_ok() {}
        let length = ballast.stream_position().unwrap();
        ballast.set_len(length - bytes).unwrap();
    }

    /// Frees the space that [`SmallDisk::leave`] took.
    pub(crate) fn free(&self) {
        fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(&self.0).status().unwrap();
    }
}
