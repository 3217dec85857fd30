//! Does a server that asks to wait get the same requests again, and is one found out that forgets?

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;
use std::sync::Mutex;

use uuid::Uuid;

use super::{SMALL, json};
use crate::process::{run, runstate, text};

/// Runs a small simulation against a [`busy_server`]. Returns its output and the requests.
fn simulate(more: &[&str]) -> (Output, Vec<String>) {
    let listener = Box::leak(Box::new(TcpListener::bind("127.0.0.1:0").unwrap()));
    let kept: &Mutex<Vec<String>> = Box::leak(Box::default());
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(|| busy_server(listener, kept));
    let mut command = runstate(Path::new("/nonexistent"));
    command.arg("simulate").args(SMALL).args(["--server", &url, "--token=any", "--report=json"]);
    let output = run(command.args(more));
    let kept = kept.lock().unwrap().clone();
    (output, kept)
}

#[test]
fn a_busy_server_gets_each_request_again_as_it_was() {
    let (output, kept) = simulate(&["--then-verify=false"]);
    let report = json(&output);
    let written: Vec<&String> = kept.iter().filter(|it| !it.starts_with("GET ")).collect();
    let once: BTreeSet<&String> = written.iter().copied().collect();
    assert_eq!(report["measured"]["askedToWait"], once.len());
    for request in once {
        let times = written.iter().filter(|other| **other == request).count();
        assert_eq!(times, 2, "{request}");
    }
}

#[test]
fn a_server_that_forgets_what_it_acknowledged_is_found_out() {
    let (output, _) = simulate(&[]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let verification = &report["verification"];
    assert!(verification["acknowledged"].as_u64().unwrap() > 120, "{report:#}");
    assert_eq!(verification["lost"], verification["acknowledged"]);
    assert_eq!(verification["found"], 0);
}

/// Answers each request with a body the first time with 503, and then as a server would. Keeps the
/// requests.
fn busy_server(listener: &TcpListener, kept: &Mutex<Vec<String>>) {
    std::thread::scope(|scope| {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            scope.spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                while let Some(request) = read_request(&mut reader) {
                    let is_first = {
                        let mut kept = kept.lock().unwrap();
                        kept.push(request.clone());
                        kept.iter().filter(|other| **other == request).count() == 1
                    };
                    let (status, body) = match request.split(' ').next().unwrap() {
                        "GET" if request.contains("/$count ") => ("200 OK", "0".to_owned()),
                        "GET" => ("200 OK", r#"{"value":[]}"#.to_owned()),
                        _ if is_first => ("503 Busy\r\nretry-after: 0", String::new()),
                        "POST" => ("201 Created", format!(r#"{{"id":"{}"}}"#, Uuid::new_v4())),
                        _ => ("204 No Content", String::new()),
                    };
                    let length = match status {
                        "204 No Content" => String::new(),
                        _ => format!("content-length: {}\r\n", body.len()),
                    };
                    let reply = format!("HTTP/1.1 {status}\r\n{length}\r\n{body}");
                    if (&stream).write_all(reply.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
}

/// The method, the path and the body of a request; `None` at the end of a connection.
pub(super) fn read_request(reader: &mut impl BufRead) -> Option<String> {
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Some(first + &text(&body))
}
