//! Do `runstate trust` and `runstate untrust` change the user's own stores, and print the rest?

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::process::{Directory, run, runstate, text};

/// The stores of a user: a home directory, and programs that may be missing.
struct User {
    home: Directory,
    path: Option<PathBuf>,
}

impl User {
    fn new() -> Self {
        Self { home: Directory::new(), path: None }
    }

    fn data(&self) -> PathBuf {
        self.home.0.join("data")
    }

    /// An empty database of NSS below the home directory.
    fn database(&self, folder: &str) -> String {
        let directory = self.home.0.join(folder);
        fs::create_dir_all(&directory).unwrap();
        let database = format!("sql:{}", directory.display());
        let made = run(Command::new("certutil").args(["-N", "-d", &database, "--empty-password"]));
        assert!(made.status.success(), "{}", text(&made.stderr));
        database
    }

    fn run(&self, command: &str) -> Output {
        let mut program = runstate(&self.data());
        program.env("HOME", &self.home.0).arg(command);
        if let Some(path) = &self.path {
            program.env("PATH", path);
        }
        run(&mut program)
    }

    /// What a command prints. It must succeed.
    fn printed(&self, command: &str) -> String {
        let output = self.run(command);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    }
}

fn has_certutil() -> bool {
    let has = Command::new("certutil").arg("-H").output().is_ok();
    if !has {
        println!("certutil is not installed, so its databases are left out");
    }
    has
}

/// The certificates of a database: name and trust.
fn listed(database: &str) -> String {
    text(&run(Command::new("certutil").args(["-L", "-d", database])).stdout)
}

/// Adds the authority to a database, as a user would by hand.
fn add_by_hand(database: &str, authority: &Path, name: &str) {
    let file = authority.to_str().unwrap();
    let arguments = ["-A", "-d", database, "-t", "C,,", "-n", name, "-i", file];
    assert!(run(Command::new("certutil").args(arguments)).status.success());
}

#[test]
fn the_authority_goes_into_the_databases_of_browsers_and_out_again() {
    if !has_certutil() {
        return;
    }
    let user = User::new();
    let databases =
        [user.database(".pki/nssdb"), user.database(".mozilla/firefox/a1.default release")];
    for _ in 0..2 {
        user.printed("trust");
        for database in &databases {
            assert_eq!(listed(database).matches("C,,").count(), 1, "{}", listed(database));
        }
    }
    assert_eq!(user.printed("trust").matches(": trusted already").count(), 2);
    for _ in 0..2 {
        user.printed("untrust");
        for database in &databases {
            assert_eq!(listed(database).matches("C,,").count(), 0, "{}", listed(database));
        }
    }
}

#[test]
fn the_authority_is_found_by_its_content_and_not_by_its_name() {
    if !has_certutil() {
        return;
    }
    let user = User::new();
    let database = user.database(".pki/nssdb");
    let other = rcgen::generate_simple_self_signed(["other.test".to_owned()]).unwrap();
    let other_file = user.home.0.join("other.pem");
    fs::write(&other_file, other.cert.pem()).unwrap();
    user.printed("trust");
    user.printed("untrust");
    add_by_hand(&database, &other_file, "Runstate development CA");
    add_by_hand(&database, &user.data().join("tls/ca.pem"), "what the user calls it");
    assert!(user.printed("trust").contains(": trusted already"));
    user.printed("untrust");
    let listed = listed(&database);
    assert!(listed.contains("Runstate development CA") && !listed.contains("calls it"), "{listed}");
}

#[test]
fn commands_for_the_system_are_printed_and_do_not_run() {
    let user = User::new();
    let printed = user.printed("trust");
    let authority = user.data().join("tls/ca.pem");
    assert!(printed.starts_with(&format!("Certificate authority {}\n", authority.display())));
    let commands: Vec<&str> = printed.lines().filter(|it| it.starts_with("    sudo ")).collect();
    assert_eq!(printed.contains("run this, or `runstate trust --sudo`:"), !commands.is_empty());
    let install = format!("    sudo install -m 0644 {} ", authority.display());
    for command in commands {
        // What is not installed cannot be removed.
        let Some(installed) = command.strip_prefix(&install) else { continue };
        assert!(!Path::new(installed).exists(), "{installed}");
    }
}

#[test]
fn a_program_that_is_missing_is_named_with_the_commands_that_need_it() {
    let mut user = User::new();
    let profile = user.home.0.join(".pki/nssdb");
    fs::create_dir_all(&profile).unwrap();
    fs::write(profile.join("cert9.db"), "").unwrap();
    user.path = Some(user.home.0.clone());
    let output = user.run("trust");
    assert!(!output.status.success());
    let printed = text(&output.stdout);
    assert!(printed.contains("certutil is not installed (Debian: libnss3-tools"), "{printed}");
    let command = format!("    certutil -d sql:{} -A -t C,, -n runstate-", profile.display());
    assert!(printed.contains(&command), "{printed}");
    assert!(text(&output.stderr).contains("stores could not be changed"));
}

#[test]
fn without_an_authority_there_is_nothing_to_remove() {
    let user = User::new();
    let output = user.run("untrust");
    assert!(!output.status.success());
    let error = text(&output.stderr);
    let file = user.data().join("tls/ca.pem");
    let expected = format!("no development authority: {}", file.display());
    assert!(error.contains(&expected), "{error}");
    assert!(!user.data().join("tls").exists());
}
