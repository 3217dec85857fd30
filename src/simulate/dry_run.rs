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
        write(line(&requests::script(script, seed)) + &line(&placed.assign()))?;
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

fn lines<I>(items: &[I], call: impl Fn(&I) -> Call) -> String {
    items.iter().map(|item| line(&call(item))).collect()
}

/// A line of JSON. Methods and paths have no character that JSON escapes, and bodies are JSON.
fn line(call: &Call) -> String {
    let Call { method, path, body, .. } = call;
    let body = body.as_deref().unwrap_or("null");
    format!("{{\"method\":\"{method}\",\"path\":\"{path}\",\"body\":{body}}}\n")
}
