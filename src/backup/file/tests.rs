//! Which backups are refused by what they say of themselves.

use super::super::archive::Writer;
use super::super::contents::AppliedMigration;
use super::*;

/// What is said of a backup whose header differs from what this program writes.
fn refusal(change: impl FnOnce(&mut Header)) -> String {
    let mut header = Header {
        product: PRODUCT.into(),
        format: FORMAT,
        version: "9.9.9".into(),
        postgresql: "15".into(),
        taken_at: "2026-11-27T00:00:00Z".into(),
        tenant: None,
        migrations: dump::own_migrations(),
        tables: Vec::new(),
        history_partitions: Vec::new(),
        keys: None,
    };
    change(&mut header);
    let name = format!("runstate-backup-{}.tar", uuid::Uuid::new_v4());
    let path = std::env::temp_dir().join(name);
    let mut writer = Writer::new(File::create(&path).unwrap());
    writer.header(&header).unwrap();
    writer.finish(Vec::new()).unwrap();
    let opened = Backup::open(&path);
    std::fs::remove_file(&path).unwrap();
    let text = opened.map_or_else(|error| error.to_string(), |_| "opened".into());
    text.replace(&*path.to_string_lossy(), "FILE")
}

#[test]
fn a_backup_of_a_newer_version_or_of_another_product_or_schema_is_refused_by_name() {
    assert_eq!(refusal(|_| {}), "opened");
    assert_eq!(refusal(|header| drop(header.migrations.pop())), "opened");
    let newer = "FILE was made by a newer version of Runstate, 9.9.9. Use that version or a \
                 later one.";
    assert_eq!(refusal(|header| header.format += 1), newer);
    let next = |header: &mut Header| {
        let number = header.schema_version() + 1;
        header.migrations.push(AppliedMigration::new(number, b"next"));
    };
    assert_eq!(refusal(next), newer);
    let other = |header: &mut Header| {
        header.migrations[1] = AppliedMigration::new(2, b"other");
    };
    assert_eq!(
        refusal(other),
        "FILE has another schema than this version of Runstate: migration 2 differs. Use the \
         version that made it, 9.9.9."
    );
    let product = "FILE is not a backup of Runstate, or its beginning is damaged";
    assert_eq!(refusal(|header| header.product = "other".into()), product);
}
