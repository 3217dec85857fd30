//! The disk of the database is full. The test mounts a small file system for it.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::system::Scratch;
use crate::world::World;

/// Enough for a new cluster and some rows.
const SIZE: &str = "size=160m";

/// A file system in memory, which is unmounted when the value is dropped.
pub(crate) struct SmallDisk(pub(crate) std::path::PathBuf);

impl SmallDisk {
    pub(crate) fn mount(place: &Path) -> Option<Self> {
        fs::create_dir(place).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(place);
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        mounted.then(|| Self(place.to_owned()))
    }

    /// Fills the disk completely.
    pub(crate) fn fill(&self) {
        let mut ballast = File::create(self.0.join("ballast")).unwrap();
        while ballast.write_all(&[0; 4096]).is_ok() {}
    }

    /// Frees the space that [`SmallDisk::fill`] took.
    fn free(&self) {
        fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(&self.0).status().unwrap();
    }
}

#[tokio::test]
async fn a_full_disk_loses_no_acknowledged_row_and_the_server_recovers() {
    let place = Scratch::new();
    let Some(disk) = SmallDisk::mount(&place.0.join("disk")) else {
        // Written directly, since the test runner captures what `println!` prints.
        let text = "SKIPPED: the test of a full disk needs root to mount a file system.";
        writeln!(std::io::stderr(), "{text}").ok();
        return;
    };
    let world = World::at(&disk.0.join("database"), Scratch::new()).await;
    let load = world.load();
    tokio::time::sleep(Duration::from_millis(300)).await;
    disk.fill();
    let large = "x".repeat(100_000);
    let row = json!({ "resultMessage": large });
    world.wait_for_refusal(async |server| server.post(&world.states, &row).await).await;
    disk.free();
    world.wait_for_recovery().await;
    let record = load.stop().await;
    record.assert_all_answered();
    world.assert_kept(&record).await;
    world.end().await;
}
