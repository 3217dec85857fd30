//! Are the vendored files those of the table?

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value as Json;

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn each_vendored_file_has_the_hash_of_the_table_and_a_licence() {
    assert_as_listed(&folder("console/vendor"), &["MIT", "Apache-2.0"]);
}

#[test]
fn what_the_tests_of_the_console_vendor_has_the_hash_of_its_table() {
    assert_as_listed(&folder("tests/console/vendor"), &["MPL-2.0"]);
}

fn assert_as_listed(folder: &Path, licences: &[&str]) {
    let text = fs::read(folder.join("versions.json")).unwrap();
    let table: Vec<Json> = serde_json::from_slice(&text).unwrap();
    let mut listed = BTreeSet::new();
    for entry in &table {
        let [file, package, version, path, licence, sha256] =
            ["file", "package", "version", "path", "licence", "sha256"]
                .map(|name| entry[name].as_str().unwrap());
        assert!(version.split('.').count() == 3 && !path.is_empty(), "{file}");
        assert!(licences.contains(&licence), "{file}: {licence}");
        let hash = digest(&SHA256, &fs::read(folder.join(file)).unwrap());
        let hash: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, sha256, "{file}");
        let licence = folder.join("licences").join(format!("{package}.txt"));
        assert!(fs::read_to_string(licence).unwrap().len() > 500, "{package}");
        listed.insert(file.to_owned());
    }
    let present = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let present = present.map(|name| name.into_string().unwrap());
    let scripts: BTreeSet<String> = present.filter(|name| name.ends_with("js")).collect();
    assert_eq!(listed, scripts);
}
