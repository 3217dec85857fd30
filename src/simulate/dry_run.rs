//! Prints the requests of a simulation, one JSON object on each line, and sends none. The ids of scripts,
//! which a server would choose, are made of the seed.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::value::RawValue;

use super::agent::Agent;
use super::outputs::Writer;
use super::phases::people;
use super::random::guid;
use super::requests::{self, Call, Placed};
use super::timeline::Event;

#[derive(Serialize)]
struct Line<'a> {
    method: &'a str,
    path: &'a str,
    body: Option<&'a RawValue>,
}

pub(super) fn print(
    out: &mut impl Write,
    agent: &Agent<'_>,
    writer: &Writer<'_>,
    events: &[Event],
) -> io::Result<()> {
    let seed = agent.fleet.seed;
    for device in agent.fleet.devices() {
        line(out, &requests::device(agent, &device))?;
    }
    let mut scripts = Vec::new();
    for script in agent.scripts {
        let id = guid(seed, "script", &script.name, &[]);
        let placed = Placed { script, id };
        line(out, &requests::script(script, seed))?;
        line(out, &placed.assign())?;
        scripts.push(placed);
    }
    for (script, person) in people(agent, events) {
        let person = agent.fleet.person(person);
        line(out, &scripts[usize::from(script)].user_state(&person))?;
    }
    for event in events {
        let device = agent.fleet.device(event.device);
        line(out, &scripts[usize::from(event.script)].report(writer, &device, *event))?;
    }
    out.flush()
}

fn line(out: &mut impl Write, call: &Call) -> io::Result<()> {
    let body = call.body.as_deref().map(serde_json::from_str).transpose()?;
    serde_json::to_writer(&mut *out, &Line { method: call.method, path: &call.path, body })?;
    out.write_all(b"\n")
}
