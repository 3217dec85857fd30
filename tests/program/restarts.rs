//! Does the server start again after a stop or a kill, and are all writes still there?

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::process::{Directory, Server, run, runstate, text};

#[tokio::test]
async fn the_printed_curl_command_works_also_after_a_restart() {
    let data = Directory::new();
    for round in 1..=3 {
        let mut server = Server::start(&data.0);
        let reply = server.paste();
        assert!(reply.starts_with("HTTP/1.1 201 Created"), "{reply}");
        assert!(reply.contains(r#""lastStateUpdateDateTime":"2017-01-01T00:02:58.4418045-08:00""#));
        assert_eq!(server.count().await, round.to_string());
        server.signal(["-KILL", "-INT", "-TERM"][round - 1]);
        let status = server.child.wait().unwrap();
        assert_eq!(status.success(), round > 1, "{status}");
    }
}

#[test]
fn ctrl_c_ends_the_server_and_its_database_without_an_error_in_the_log() {
    let data = Directory::new();
    let log = data.0.join("log");
    for _ in 0..3 {
        let mut program = runstate(&data.0);
        program.process_group(0).stderr(File::create(&log).unwrap());
        let mut server = Server::with_log(program);
        // A terminal sends the signal to every process of the group.
        let group = format!("-{}", server.child.id());
        assert!(run(Command::new("kill").args(["-INT", "--", &group])).status.success());
        assert!(server.child.wait().unwrap().success());
        let log = std::fs::read_to_string(&log).unwrap();
        assert!(log.contains("INFO") && !log.contains("ERROR"), "{log}");
    }
}

#[tokio::test]
async fn a_write_with_a_key_happens_once_even_if_the_server_is_killed() {
    let data = Directory::new();
    for round in 1..=3_u32 {
        let paste = |curl: &str| {
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("{curl} -s -H 'Idempotency-Key: {round}'")]);
            shell
        };
        let mut server = Server::start(&data.0);
        let mut first = paste(&server.curl).stdout(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(u64::from(round) * 8));
        server.signal("-KILL");
        server.child.wait().unwrap();
        first.wait().unwrap();
        let server = Server::start(&data.0);
        let replies = [0, 1].map(|_| text(&run(&mut paste(&server.curl)).stdout));
        let [second, third] = replies.each_ref().map(|reply| reply.lines().last().unwrap());
        assert!(replies[0].starts_with("HTTP/1.1 201 Created"), "{}", replies[0]);
        assert!(replies[1].to_lowercase().contains("idempotency-replayed: true"), "{}", replies[1]);
        assert_eq!(second, third);
        assert_eq!(server.count().await, round.to_string());
    }
}
