//! Prints the requests of a simulation, one JSON object on each line, and sends none. The ids of scripts,
//! which a server would choose, are made of the seed.

use std::io::{self, Write};

use super::agent::Agent;
use super::outputs::Writer;
use super::parallel::in_parallel;
use super::phases::people;
use super::random::guid;
use super::requests::{self, Call, Placed};
use super::timeline::Event;

/// What most lines take at the most, in bytes.
const USUAL_LINE: usize = 1_000;

pub(super) fn print(
    out: &mut impl Write,
    agent: &Agent<'_>,
    writer: &Writer<'_>,
    events: &[Event],
) -> io::Result<()> {
    let (fleet, seed) = (agent.fleet, agent.fleet.seed);
    let mut write = |text: String| out.write_all(text.as_bytes());
    let devices = &fleet.devices;
    in_parallel(devices, |part| lines(part, |device| requests::device(agent, device)), &mut write)?;
    let mut scripts = Vec::new();
    for script in agent.scripts {
        let id = guid(seed, "script", &script.name, &[]);
        let placed = Placed { script, id };
        write(lines(&[requests::script(script, seed), placed.assign()], Call::clone))?;
        scripts.push(placed);
    }
    let user_state = |(script, person): &(u16, u32)| {
        scripts[usize::from(*script)].user_state(&fleet.person(*person))
    };
    in_parallel(&people(agent, events), |part| lines(part, user_state), &mut write)?;
    let report = |event: &Event| {
        let device = fleet.device(event.device);
        scripts[usize::from(event.script)].report(writer, device, *event)
    };
    in_parallel(events, |part| lines(part, report), &mut write)?;
    out.flush()
}

/// Lines of JSON. Methods and paths have no character that JSON escapes, and bodies are JSON.
fn lines<I>(items: &[I], call: impl Fn(&I) -> Call) -> String {
    let mut text = String::with_capacity(items.len() * USUAL_LINE);
    for item in items {
        let Call { method, path, body, .. } = call(item);
        let body = body.as_deref().unwrap_or("null");
        let line = ["{\"method\":\"", method, "\",\"path\":\"", &path, "\",\"body\":", body, "}\n"];
        text.extend(line);
    }
    text
}
