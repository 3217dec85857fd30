//! Does every way to run what nobody permitted fail to compile? Each file in `cases` is a forgery, and
//! its first lines name the compiler's error. The files are compiled against the library that the
//! tests use, so nothing else has to be built for them.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue reports why by its panic")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use serde_json::Value as Json;

/// The compiled library.
struct Library(PathBuf);

impl Library {
    /// Asks cargo for the library of this test, which is built already.
    fn find() -> Self {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(["test", "--no-run", "--test", "forgeries", "--message-format=json"]);
        if !cfg!(debug_assertions) {
            command.arg("--release");
        }
        let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let messages = String::from_utf8(output.stdout).unwrap();
        let messages = messages.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
        let mut libraries = messages.filter(|message| {
            let target = &message["target"];
            target["name"] == "runstate" && target["kind"] == serde_json::json!(["lib"])
        });
        let files = libraries.next().unwrap()["filenames"].clone();
        let files = files.as_array().unwrap().iter().map(|file| file.as_str().unwrap());
        Self(files.map(PathBuf::from).find(|file| file.extension().unwrap() == "rlib").unwrap())
    }

    /// The codes of the errors with which the compiler refuses a file.
    fn errors_of(&self, file: &Path) -> BTreeSet<String> {
        let Self(library) = self;
        let mut command = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        command.args(["--edition=2024", "--crate-type=bin", "--crate-name=forgery"]);
        command.args(["--emit=metadata", "--error-format=json", "--cap-lints=allow"]);
        command.arg("-L").arg(format!("dependency={}", library.parent().unwrap().display()));
        command.arg("--extern").arg(format!("runstate={}", library.display()));
        command.arg("-o").arg(env!("CARGO_TARGET_TMPDIR").to_owned() + "/forgery.rmeta");
        let output = command.arg(file).stdin(Stdio::null()).output().unwrap();
        let messages = String::from_utf8(output.stderr).unwrap();
        let messages = messages.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
        let errors = messages.filter(|message| message["level"] == "error");
        let codes = errors.map(|error| match error["code"]["code"].as_str() {
            Some(code) => code.to_owned(),
            // The last error only counts the others.
            None => error["message"].as_str().unwrap().to_owned(),
        });
        codes.filter(|code| !code.starts_with("aborting due to")).collect()
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/forgeries")
}

#[test]
fn each_forgery_of_a_permission_is_refused_by_the_compiler() {
    let library = Library::find();
    let mut count = 0;
    for case in fs::read_dir(folder().join("cases")).unwrap() {
        let file = case.unwrap().path();
        let text = fs::read_to_string(&file).unwrap();
        let (_, expected) = text.split_once("Refused with ").unwrap();
        let expected = expected.split_once('.').unwrap().0.to_owned();
        assert_eq!(library.errors_of(&file), BTreeSet::from([expected]), "{}", file.display());
        count += 1;
    }
    assert!(count >= 15, "there are only {count} forgeries");
}

#[test]
fn the_permitted_way_compiles() {
    let errors = Library::find().errors_of(&folder().join("permitted.rs"));
    assert_eq!(errors, BTreeSet::new());
}
