//! Imports and removals that are killed leave nothing half done, and can be repeated.

use runstate::config::FIRST_TENANT;

use super::{DEVICES, Parts};
use crate::backup::{kill_after, succeed};
use crate::kept::Kept;

/// When an import is killed, in milliseconds after its start.
const KILLS: [u64; 6] = [50, 150, 300, 450, 600, 900];

#[tokio::test]
async fn an_import_that_is_killed_leaves_nothing_and_is_repeated() {
    let parts = Parts::start().await;
    let load = parts.world.load();
    load.rounds(20).await;
    let record = load.stop().await;
    succeed(parts.export(&["--close"])).await;
    let (rows, _) = parts.rows("runstate").await;
    for time in KILLS {
        kill_after(parts.import(), time).await;
        parts.wait_for_end_of_import().await;
        let found = parts.rows("second").await;
        let whole = [(rows, None), (0, Some("arriving".into())), (0, None)];
        assert!(whole.contains(&found), "{time} ms: {found:?} of {rows}");
        if found.1.is_some() {
            let refused = parts.second.get(DEVICES).await;
            assert!(refused.is_refusal(), "{refused:?}");
        }
    }
    succeed(parts.import()).await;
    let again = succeed(parts.import()).await;
    assert!(again.contains("are here already. Nothing was changed."), "{again}");
    assert_eq!(parts.rows("second").await, (rows, None));
    // A removal that is killed goes on where it was.
    let tenant = FIRST_TENANT.to_string();
    kill_after(parts.at_first(&["remove", &tenant]), 3200).await;
    succeed(parts.at_first(&["remove", &tenant])).await;
    assert_eq!(parts.rows("runstate").await, (0, Some("moved".into())));
    let (script, _) = parts.world.states.split_once("/userRunStates").unwrap();
    let (states, folder) = (&parts.world.states, &parts.world.server_folder());
    Kept { server: &parts.second, script, states, url: &parts.second_url, folder }
        .assert(&record)
        .await;
    parts.end().await;
}
