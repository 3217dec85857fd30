//! Are a backup and its keys restored as they were, and is everything else refused?

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::{Directory, Server, run, runstate, text};

/// A data directory whose server has one run state, and a backup of it.
struct World {
    // Dropped in this order: the directory goes when nothing runs in it.
    server: Server,
    folder: Directory,
}

impl World {
    fn new() -> Self {
        let folder = Directory::new();
        let server = Server::start(&folder.0.join("data"));
        assert!(server.paste().starts_with("HTTP/1.1 201 Created"));
        let world = Self { folder, server };
        world.succeed("data", &["backup", world.file().to_str().unwrap()]);
        world
    }

    fn file(&self) -> PathBuf {
        self.path("backup.tar")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.0.join(name)
    }

    /// A command on a data directory.
    fn command(&self, data: &str, arguments: &[&str]) -> Command {
        let mut command = runstate(&self.path(data));
        command.args(arguments).env("RUNSTATE_BACKUP_PASSPHRASE", "correct horse");
        command
    }

    fn succeed(&self, data: &str, arguments: &[&str]) -> String {
        let output = run(&mut self.command(data, arguments));
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// Runs a command that fails. Asserts that the last line of its log ends so.
    fn refuse(&self, mut command: Command, expected: &str) {
        let output = run(&mut command);
        let log = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{log}");
        assert_eq!(text(&output.stdout), "");
        let last = log.lines().last().unwrap();
        assert!(last.ends_with(expected), "{last}");
    }
}

#[tokio::test]
async fn a_server_on_a_restored_backup_has_the_rows_and_trusts_the_old_tokens() {
    let mut world = World::new();
    let file = world.file();
    let file = file.to_str().unwrap();
    let restored = world.succeed("restored", &["restore", file]);
    assert!(restored.starts_with("Restored "), "{restored}");
    assert!(restored.ends_with(" has 4 key files.\n"), "{restored}");
    for name in ["local-issuer.pem", "first-run.json", "tls/ca.pem", "tls/ca-key.pem"] {
        let [old, new] = ["data", "restored"].map(|data| world.path(data).join(name));
        assert_eq!(fs::read(old).unwrap(), fs::read(new).unwrap(), "{name}");
    }
    let first = Server::start(&world.path("restored"));
    assert_eq!(first.count().await, "1");
    // The old command has the token and the script of the old server.
    let base = first.http.clone();
    let old = world.server.curl.replace(&world.server.http, &base);
    let reply = text(&run(Command::new("sh").args(["-c", &old])).stdout);
    assert!(reply.starts_with("HTTP/1.1 201 Created"), "{reply}");
    drop(first);
    world.server.signal("-INT");
    world.server.child.wait().unwrap();
    let verified = world.succeed("nothing", &["backup", "verify", file]);
    assert!(verified.contains("device_state: 1 rows, the same\n"), "{verified}");
    let end = "Every counter matches the rows.\nThe passphrase opens 4 key files.\n";
    assert!(verified.ends_with(end), "{verified}");
    assert!(!world.path("nothing").join("local-issuer.pem").exists());
}

#[test]
fn tar_and_zstd_open_a_backup_and_the_rows_are_text() {
    let world = World::new();
    let list = run(Command::new("tar").arg("tf").arg(world.file()));
    let list = text(&list.stdout);
    let names: Vec<&str> = list.lines().collect();
    assert_eq!(names[..2], ["runstate-backup.json", "keys.json.enc"], "{list}");
    assert!(names.contains(&"tables/device_state/000000.copy.zst"), "{list}");
    assert_eq!(*names.last().unwrap(), "manifest.json", "{list}");
    let bytes = fs::read(world.file()).unwrap();
    let secret = fs::read_to_string(world.path("data").join("local-issuer.pem")).unwrap();
    let line = secret.lines().nth(3).unwrap().as_bytes();
    assert!(!bytes.windows(line.len()).any(|part| part == line), "a key is not encrypted");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(world.file()).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_file_that_is_no_whole_backup_is_refused_by_name_and_nothing_is_written() {
    let world = World::new();
    let whole = fs::read(world.file()).unwrap();
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    let end = whole.len() - 2000;
    let other = |bytes: &[u8]| {
        let path = world.path("other.tar");
        fs::write(&path, bytes).unwrap();
        path
    };
    for (bytes, expected) in [
        (&damaged[..], "is damaged: the checksum of the archive differs"),
        (&whole[..end], "is not complete: the backup was interrupted, or the file was cut off"),
        (&b"PGDMP\x01\x0e"[..], "is not a backup of Runstate, or its beginning is damaged"),
        (&whole[512..], "is not a backup of Runstate, or its beginning is damaged"),
    ] {
        let path = other(bytes);
        let name = path.to_str().unwrap();
        let expected = format!("{name} {expected}");
        world.refuse(world.command("new", &["restore", name]), &expected);
        world.refuse(world.command("new", &["backup", "verify", name]), &expected);
    }
    let missing = world.command("new", &["restore", "/nowhere.tar"]);
    world.refuse(missing, "/nowhere.tar cannot be opened: No such file or directory (os error 2)");
    assert!(!world.path("new").join("postgres").exists());
}

#[test]
fn a_passphrase_is_needed_for_the_keys_and_a_wrong_one_is_refused_before_anything_is_written() {
    let world = World::new();
    let (file, copy) = (world.file(), world.path("copy.tar"));
    let (file, copy) = (file.to_str().unwrap(), copy.to_str().unwrap());
    let with = |passphrase: &str, arguments: &[&str]| {
        let mut command = world.command("new", arguments);
        command.env("RUNSTATE_BACKUP_PASSPHRASE", passphrase).stdin(Stdio::null());
        command
    };
    let wrong = "the passphrase does not open the keys in the backup. --without-keys does without \
                 the keys.";
    world.refuse(with("Correct horse", &["restore", file]), wrong);
    world.refuse(with("Correct horse", &["backup", "verify", file]), wrong);
    let missing = "the keys of the data directory need a passphrase: set \
                   RUNSTATE_BACKUP_PASSPHRASE, or leave them out with --without-keys";
    world.refuse(with("", &["restore", file]), missing);
    assert!(!world.path("new").join("postgres").exists());
    let mut backup = world.command("data", &["backup", copy]);
    backup.env_remove("RUNSTATE_BACKUP_PASSPHRASE");
    world.refuse(backup, missing);
    assert!(!Path::new(copy).exists());

    let written = world.succeed("data", &["backup", copy, "--without-keys"]);
    assert!(written.contains("It has no keys of "), "{written}");
    let restored = world.succeed("new", &["restore", file, "--without-keys"]);
    assert!(restored.ends_with("No key files were restored.\n"), "{restored}");
    assert!(!world.path("new").join("local-issuer.pem").exists());
}

#[test]
fn nothing_that_exists_is_overwritten() {
    let world = World::new();
    let (file, data) = (world.file(), world.path("data"));
    let file = file.to_str().unwrap();
    let before = fs::read(file).unwrap();
    let exists = format!("cannot write {file}: it exists already; --force replaces it");
    world.refuse(world.command("data", &["backup", file]), &exists);
    assert_eq!(fs::read(file).unwrap(), before);
    world.succeed("data", &["backup", file, "--force"]);
    let folder = world.folder.0.to_str().unwrap();
    let is_directory = format!("cannot write {folder}: it is a directory");
    world.refuse(world.command("data", &["backup", folder, "--force"]), &is_directory);

    let nothing = format!(
        "there is no database in {}. Set RUNSTATE_DATA_DIR or DATABASE_URL.",
        world.path("none").display()
    );
    world.refuse(world.command("none", &["backup", "/tmp/none.tar"]), &nothing);

    let key = world.path("other").join("local-issuer.pem");
    fs::create_dir(key.parent().unwrap()).unwrap();
    fs::write(&key, "another key").unwrap();
    let other = format!(
        "{} exists and differs from the one in the backup. Use another data directory, or \
         --without-keys; nothing was changed.",
        key.display()
    );
    world.refuse(world.command("other", &["restore", file]), &other);
    assert_eq!(fs::read_to_string(&key).unwrap(), "another key");

    world.succeed("full", &["migrate"]);
    let not_empty = "the database is not empty: it has the relation _sqlx_migrations. A backup is \
                     restored into an empty database only; nothing was changed.";
    world.refuse(world.command("full", &["restore", file]), not_empty);

    fs::remove_file(data.join("local-issuer.pem")).unwrap();
    fs::create_dir(data.join("local-issuer.pem")).unwrap();
    let unreadable =
        format!("{}: Is a directory (os error 21)", data.join("local-issuer.pem").display());
    world.refuse(world.command("data", &["backup", file, "--force"]), &unreadable);
}
