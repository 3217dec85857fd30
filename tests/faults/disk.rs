//! The database's disk is full. It lies on a small file system of the test's own.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::system::Scratch;
use crate::world::World;

/// Room for a new cluster and some rows.
const SIZE: &str = "size=160m";

/// A file system in memory, gone with the value.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(place: &Path) -> Option<Self> {
        fs::create_dir(place).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(place);
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        mounted.then(|| Self(place.to_owned()))
    }

    /// Leaves no byte.
    fn fill(&self) {
        let mut ballast = File::create(self.0.join("ballast")).unwrap();
        while ballast.write_all(&[0; 4096]).is_ok() {}
    }

    fn relieve(&self) {
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
        // Past the capture of what a test prints.
        let text = "LEFT OUT: the test of a full disk. It mounts a file system, which takes root.";
        writeln!(std::io::stderr(), "{text}").ok();
        return;
    };
    let world = World::at(&disk.0.join("database"), Scratch::new()).await;
    let load = world.load();
    tokio::time::sleep(Duration::from_millis(300)).await;
    disk.fill();
    let large = "x".repeat(100_000);
    let row = json!({ "resultMessage": large });
    world.refuses(async |server| server.post(&world.states, &row).await).await;
    disk.relieve();
    world.recovers().await;
    let record = load.stop().await;
    record.all_answered();
    world.kept(&record).await;
    world.end().await;
}
