//! Files and tenants that do not fit are refused by name, and nothing is changed.

use std::path::Path;

use reqwest::Method;
use runstate::config::FIRST_TENANT;
use serde_json::json;

use super::{DEVICES, Parts, refusal};
use crate::backup::succeed;

#[tokio::test]
async fn files_and_tenants_that_do_not_fit_are_refused_by_name() {
    let parts = Parts::start().await;
    let (tenant, file) = (FIRST_TENANT.to_string(), parts.file.to_str().unwrap());
    let whole = parts.world.server_folder().join("whole.tar");
    let whole = whole.to_str().unwrap();
    succeed(parts.world.program(&["backup", whole])).await;
    succeed(parts.export(&[])).await;
    let program = |arguments: &[&str]| parts.world.program(arguments);
    let unknown = "7e570000-0000-4000-8000-00000000000f";
    let empty = parts.world.server_folder().join("empty");
    let mut restore = program(&["restore", file]);
    restore.env_remove("DATABASE_URL").env("RUNSTATE_DATA_DIR", &empty);
    for (command, reason) in [
        (
            parts.at_second(&["import", whole]),
            "is a backup of a whole database. Use `runstate restore`",
        ),
        (restore, "has the rows of the tenant 7e570000-0000-4000-8000-000000000001 only. Use"),
        (parts.at_second(&["import", "/etc/hostname"]), "is not a backup of Runstate"),
        (parts.export(&[]), "it exists already; --force replaces it"),
        (parts.at_first(&["export", unknown, whole, "--force"]), "has nothing of the tenant"),
        (parts.at_first(&["open", unknown]), "has nothing of the tenant"),
        (parts.at_first(&["remove", unknown]), "has nothing of the tenant"),
    ] {
        let refused = refusal(command).await;
        assert!(refused.contains(reason), "{refused}");
        assert!(!refused.contains("may be read-only now"), "{refused}");
    }
    // What fails after the tenant was closed says so.
    let refused = refusal(parts.export(&["--close"])).await;
    let reason = format!(
        "it exists already; --force replaces it\nThe tenant may be read-only now. Repeat the export, or \
         run `runstate tenant open {tenant}`."
    );
    assert!(refused.contains(&reason), "{refused}");
    succeed(parts.at_first(&["open", &tenant])).await;
    let verified = succeed(program(&["backup", "verify", file])).await;
    assert!(verified.ends_with("Every counter matches the rows.\n"), "{verified}");
    // Other rows of the tenant.
    parts.second.post(DEVICES, &json!({})).await.with(201);
    let refused = refusal(parts.import()).await;
    let reason = format!("the tenant {tenant} is in the database already, with other rows in ");
    assert!(refused.contains(&reason), "{refused}");
    assert_eq!(parts.second.post(DEVICES, &json!({})).await.status, 201);
    assert_eq!(parts.rows("second").await.1, None);
    // A damaged file.
    damage(&parts.file);
    let refused = refusal(parts.import()).await;
    assert!(refused.contains("is damaged"), "{refused}");
    let found = parts.second.send(Method::GET, DEVICES, None, &parts.world.token).await;
    assert_eq!(found.with(200)["value"].as_array().unwrap().len(), 2);
    parts.end().await;
}

/// Changes a byte in the middle of a file.
fn damage(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(file, bytes).unwrap();
}
