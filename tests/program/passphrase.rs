//! Is the passphrase of a backup asked for on a terminal, and never shown there?

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::process::{Directory, RUNSTATE, configured, run, runstate};

const SECRET: &str = "correct horse";
const FIRST: &str = "Passphrase for the keys in the backup: ";
const SECOND: &str = "The same again: ";

/// A command on a terminal of its own, which `script` makes. At its end the command prints the state of
/// the terminal, and the command's exit code.
struct Terminal {
    script: Child,
    keyboard: ChildStdin,
    screen: ChildStdout,
    shown: String,
}

impl Terminal {
    fn start(data: &Path, arguments: &str) -> Self {
        // Ctrl-C is for the command; the shell goes on.
        let line = format!("trap : INT; {RUNSTATE} {arguments}; echo exit $?; stty -a");
        let mut script = configured(Command::new("script"), data);
        script.args(["-qec", &line, "/dev/null"]).env_remove("RUNSTATE_BACKUP_PASSPHRASE");
        script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut script = script.spawn().unwrap();
        let (keyboard, screen) = (script.stdin.take().unwrap(), script.stdout.take().unwrap());
        Self { script, keyboard, screen, shown: String::new() }
    }

    /// Waits for a question, and types.
    fn answer(&mut self, question: &str, typed: &str) {
        let before = self.shown.len();
        let mut byte = [0];
        while !self.shown[before..].contains(question) {
            self.screen.read_exact(&mut byte).expect(&self.shown);
            self.shown.push(char::from(byte[0]));
        }
        self.keyboard.write_all(typed.as_bytes()).unwrap();
    }

    /// All that the terminal has shown. It shows again what is typed, but not the passphrase.
    fn end(mut self) -> String {
        let mut rest = Vec::new();
        self.screen.read_to_end(&mut rest).unwrap();
        self.script.wait().unwrap();
        self.shown += &String::from_utf8_lossy(&rest);
        assert!(!self.shown.contains(SECRET), "{}", self.shown);
        let flags: Vec<&str> = self.shown.split_whitespace().collect();
        assert!(flags.contains(&"echo") && !flags.contains(&"-echo"), "{}", self.shown);
        self.shown
    }
}

/// A data directory with keys, and a file that does not exist yet.
fn world() -> (Directory, String) {
    let folder = Directory::new();
    assert!(run(runstate(&folder.0.join("data")).arg("token")).status.success());
    assert!(run(runstate(&folder.0.join("data")).arg("migrate")).status.success());
    let file = folder.0.join("backup.tar").to_str().unwrap().to_owned();
    (folder, file)
}

#[test]
fn a_passphrase_that_is_typed_twice_encrypts_the_keys_and_typed_again_decrypts_them() {
    let (folder, file) = world();
    let mut terminal = Terminal::start(&folder.0.join("data"), &format!("backup {file}"));
    terminal.answer(FIRST, &format!("{SECRET}\n"));
    terminal.answer(SECOND, &format!("{SECRET}\n"));
    let shown = terminal.end();
    assert!(shown.contains("exit 0"), "{shown}");
    assert!(shown.contains("It has the keys local-issuer.pem, encrypted."), "{shown}");

    let restore = format!("restore {file}");
    let question = "Passphrase of the backup: ";
    let mut terminal = Terminal::start(&folder.0.join("restored"), &restore);
    terminal.answer(question, "another\n");
    let shown = terminal.end();
    assert!(shown.contains("the passphrase does not open the keys in the backup."), "{shown}");
    assert!(shown.contains("exit 1"), "{shown}");
    let mut terminal = Terminal::start(&folder.0.join("restored"), &restore);
    terminal.answer(question, &format!("{SECRET}\n"));
    let shown = terminal.end();
    assert!(shown.contains("exit 0") && shown.contains(" has 1 key files."), "{shown}");
}

#[test]
fn two_different_passphrases_none_and_an_interrupt_write_nothing() {
    let (folder, file) = world();
    let data = folder.0.join("data");
    let answers: [(&[&str], &str); 3] = [
        (
            &["correct horse\n", "correct house\n"],
            "the two passphrases differ; nothing was written",
        ),
        (&["\n"], "the passphrase is empty"),
        // Ctrl-C, while the terminal shows nothing.
        (&["correct\x03"], "interrupted"),
    ];
    for (typed, expected) in answers {
        let mut terminal = Terminal::start(&data, &format!("backup {file}"));
        for (question, typed) in [FIRST, SECOND].iter().zip(typed) {
            terminal.answer(question, typed);
        }
        let shown = terminal.end();
        assert!(shown.contains(expected) && shown.contains("exit 1"), "{shown}");
        assert!(!Path::new(&file).exists(), "{shown}");
    }
}
