//! The disk of the database is full. The test mounts a small file system for it.

use serde_json::json;

use crate::small_disk::SmallDisk;
use crate::system::Scratch;
use crate::world::World;

#[tokio::test]
async fn a_full_disk_loses_no_acknowledged_row_and_the_server_recovers() {
    let place = Scratch::new();
    let Some(disk) = SmallDisk::mount(&place.0.join("disk")) else { return };
    let world = World::at(&disk.0.join("database"), Scratch::new()).await;
    let load = world.load();
    load.rounds(1).await;
    disk.leave(0);
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
