//! Does the Debian package install what it says, does its program serve, and what stays when it goes?
//!
//! The test installs the package on this machine. So it needs root, and `CI` to be set, as on a machine that
//! is made for tests.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Directory, RUNSTATE, Server, configured, run, system, text};

const DATA: &str = "/var/lib/runstate";
const SETTINGS: &str = "/etc/runstate/runstate.env";
const SERVICE: &str = "/lib/systemd/system/runstate.service";
const ENABLED: &str = "/etc/systemd/system/multi-user.target.wants/runstate.service";

/// What the package installs, besides manual pages: mode, owner and path.
const FILES: [&str; 10] = [
    "644 root:root /lib/systemd/system/runstate.service",
    "640 root:runstate /etc/runstate/runstate.env",
    "644 root:root /usr/share/bash-completion/completions/runstate",
    "644 root:root /usr/share/doc/runstate/CHANGELOG.md",
    "644 root:root /usr/share/doc/runstate/LICENSE-APACHE",
    "644 root:root /usr/share/doc/runstate/README.md",
    "644 root:root /usr/share/doc/runstate/copyright",
    "644 root:root /usr/share/fish/vendor_completions.d/runstate.fish",
    "644 root:root /usr/share/zsh/vendor-completions/_runstate",
    "755 root:root /usr/bin/runstate",
];

/// The output of a command in a shell, which succeeds.
fn shell(command: &str) -> String {
    let output = run(Command::new("sh").args(["-c", command]));
    let all = text(&output.stdout) + &text(&output.stderr);
    assert!(output.status.success(), "{command}: {all}");
    all.trim_end().to_owned()
}

fn succeeds(command: &str) -> bool {
    run(Command::new("sh").args(["-c", command])).status.success()
}

/// The installed package. It is removed with its data and its user when the value is dropped.
struct Installed;

impl Installed {
    fn new(package: &Path) -> Self {
        for (sign, what) in [
            ("dpkg-query -W runstate", "the package runstate"),
            ("getent passwd runstate", "a user runstate"),
            ("test -e /var/lib/runstate", DATA),
        ] {
            assert!(!succeeds(sign), "this machine has {what} already");
        }
        let installed = Self;
        installed.install(package);
        installed
    }

    fn install(&self, package: &Path) -> String {
        shell(&format!("dpkg -i {}", package.display()))
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        run(Command::new("dpkg").args(["--purge", "runstate"]));
        if Path::new(DATA).exists() {
            system::remove(Path::new(DATA));
        }
        run(Command::new("userdel").args(["--force", "runstate"]));
    }
}

/// The package with the program of the tests.
fn package(folder: &Path) -> PathBuf {
    let profile = Path::new(RUNSTATE).parent().unwrap();
    let name = profile.file_name().unwrap().to_str().unwrap();
    let mut build = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("ops/debian/build"));
    build.args(["--profile", if name == "debug" { "dev" } else { name }, "--no-build"]);
    build.args(["--fast", "--output"]).arg(folder);
    let built = run(build.env("CARGO_TARGET_DIR", profile.parent().unwrap()));
    assert!(built.status.success(), "{}", text(&built.stderr));
    PathBuf::from(text(&built.stdout).trim())
}

/// The installed program as systemd starts it, but for its addresses.
fn service() -> Server {
    let unit = fs::read_to_string(SERVICE).unwrap();
    assert!(unit.contains("\nExecStart=/usr/bin/runstate serve\n"), "{unit}");
    assert!(unit.contains("\nUser=runstate\nGroup=runstate\n"), "{unit}");
    assert!(unit.contains("\nEnvironment=RUNSTATE_DATA_DIR=/var/lib/runstate\n"), "{unit}");
    shell(&format!("install -d -m 755 -o runstate -g runstate {DATA}"));
    let mut program = configured(Command::new("setpriv"), Path::new(DATA));
    program.args(["--reuid=runstate", "--regid=runstate", "--init-groups", "sh", "-c"]);
    program.arg(format!("set -a; . {SETTINGS}; exec /usr/bin/runstate serve"));
    program.env("RUNSTATE_TLS_LISTEN", "127.0.0.1:0").env("RUNSTATE_METRICS_LISTEN", "off");
    program.env("HOME", DATA).current_dir(DATA);
    Server::of(program)
}

#[test]
fn the_package_serves_keeps_what_an_operator_wrote_and_leaves_the_data_when_it_goes() {
    if std::env::var_os("CI").is_none() || shell("id -u") != "0" {
        // Written directly, since the test runner captures what `println!` prints.
        let text = "SKIPPED: the test of the Debian package installs it, so it needs root and CI.";
        writeln!(std::io::stderr(), "{text}").ok();
        return;
    }
    let folder = Directory::new();
    let package = package(&folder.0);
    let installed = Installed::new(&package);
    let listed = FILES.map(|file| {
        let path = file.rsplit_once(' ').unwrap().1;
        shell(&format!("stat -c '%a %U:%G %n' {path}"))
    });
    assert_eq!(listed, FILES);
    assert_eq!(shell("stat -c '%a %U:%G' /etc/runstate"), "750 root:runstate");
    let user = shell("getent passwd runstate");
    assert!(user.ends_with(":Runstate,,,:/var/lib/runstate:/usr/sbin/nologin"), "{user}");
    let page = shell("zcat -f /usr/share/man/man1/runstate-token.1*");
    assert!(page.contains("Print a token of the local issuer"), "{page}");
    let completed =
        "bash -c '. /usr/share/bash-completion/completions/runstate; complete -p runstate'";
    assert!(shell(completed).contains("_runstate"), "{}", shell(completed));
    assert!(
        !Path::new(ENABLED).exists() && !Path::new(DATA).exists(),
        "the package starts something"
    );
    if succeeds("command -v systemd-analyze") {
        let complaints = shell(&format!("systemd-analyze verify {SERVICE}"));
        assert!(!complaints.contains("runstate.service"), "{complaints}");
    }
    serves_as_its_user();

    // An operator changes one setting; a later package keeps it.
    shell(&format!("echo RUNSTATE_HISTORY_DAYS=30 >> {SETTINGS}"));
    installed.install(&package);
    assert!(shell(&format!("cat {SETTINGS}")).ends_with("\nRUNSTATE_HISTORY_DAYS=30"));
    assert_eq!(shell(&format!("stat -c %a {SETTINGS}")), "640");
    // Another one has settings of his own elsewhere.
    fs::rename(SETTINGS, folder.0.join("settings")).unwrap();
    installed.install(&package);
    fs::rename(folder.0.join("settings"), SETTINGS).unwrap();

    shell("dpkg --remove runstate");
    assert!(!Path::new("/usr/bin/runstate").exists() && !Path::new(SERVICE).exists());
    assert!(Path::new(SETTINGS).exists() && Path::new(DATA).join("local-issuer.pem").exists());
    let purged = shell("dpkg --purge runstate");
    let stays = "The data in /var/lib/runstate and the user runstate are still there.";
    assert!(purged.contains(stays), "{purged}");
    assert!(Path::new(DATA).join("local-issuer.pem").exists() && !Path::new(SETTINGS).exists());
    assert!(succeeds("getent passwd runstate") && !Path::new("/etc/runstate").exists());
    drop(installed);
    assert!(!succeeds("getent passwd runstate") && !Path::new(DATA).exists());
}

fn serves_as_its_user() {
    let mut server = service();
    assert!(server.paste().starts_with("HTTP/1.1 201 Created"));
    let address = server.http.strip_prefix("http://").unwrap();
    assert_eq!(shell(&format!("runstate health --ready --listen {address}")), "ok");
    let key = shell(&format!("stat -c '%a %U:%G' {DATA}/local-issuer.pem"));
    assert_eq!(key, "600 runstate:runstate");
    server.signal("-TERM");
    assert!(server.child.wait().unwrap().success());
}
