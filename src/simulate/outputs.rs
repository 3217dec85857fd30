//! What a run reports: state, code, description and output, in the form in which the agent sends them.

use std::fmt::Write;

use serde::Serialize;
use uuid::Uuid;

use super::agent::Agent;
use super::catalog::Script;
use super::clock::Clock;
use super::fleet::{Device, Fleet, Person, Platform};
use super::profile::{AgentRules, Codes};
use super::random::{Stream, guid};
use super::timeline::{Ending, Event};

/// The code of each failed run, as Intune's agent has been observed to report it.
const OBSERVED_CODE: i32 = 99;
/// Why a script of users is not applicable.
const NOT_APPLICABLE: &str = "Scripts of users do not run on a device that is only registered.";
/// The share of runs whose output is a log of many lines.
const LONG_OUTPUTS: f64 = 0.03;
/// Half of the long outputs are longer, in bytes.
const LONG_OUTPUT: f64 = 900.0;
/// The longest output, in bytes.
const MAX_OUTPUT: f64 = 16_000.0;
/// What the values in a text usually take, in bytes.
const ROOM_FOR_VALUES: usize = 64;

/// The properties of a run state that a report sets.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Output<'a> {
    pub(super) run_state: &'a str,
    pub(super) result_message: Option<String>,
    pub(super) last_state_update_date_time: String,
    pub(super) error_code: i32,
    pub(super) error_description: Option<&'a str>,
}

/// What decides the form of outputs.
pub(super) struct Writer<'a> {
    pub(super) fleet: &'a Fleet,
    pub(super) clock: &'a Clock,
    pub(super) codes: Codes,
    pub(super) rules: AgentRules,
}

impl<'a> Writer<'a> {
    pub(super) fn new(agent: &Agent<'a>, codes: Codes) -> Self {
        Self { fleet: agent.fleet, clock: agent.clock, codes, rules: agent.rules }
    }

    /// What a device reports.
    pub(super) fn output<'s>(
        &self,
        device: &Device,
        script: &'s Script,
        event: Event,
    ) -> Output<'s> {
        let numbers = [device.number, event.person().into(), event.run.into()];
        let mut stream = Stream::new(self.fleet.seed, "output", &script.name, &numbers);
        let at = self.clock.date_time(event.at.into());
        let (state, code, description, message) = match event.how() {
            Ending::Pending => ("pending", 0, None, None),
            Ending::NotApplicable => ("notApplicable", 0, self.reason(NOT_APPLICABLE), None),
            Ending::Success => {
                let template = stream.pick(&script.success, |_| 1.0).map_or("", String::as_str);
                let message = self.fill(template, device, event, &mut stream);
                ("success", 0, None, Some(log(message, script, &mut stream)))
            }
            Ending::Failure(cause) => {
                let cause = &script.causes[usize::from(cause)];
                let message = self.fill(&cause.record, device, event, &mut stream);
                let code = match self.codes {
                    Codes::Rich => cause.code,
                    Codes::Intune => OBSERVED_CODE,
                };
                (cause.state.as_str(), code, self.reason(&cause.description), Some(message))
            }
        };
        let result_message = match self.rules {
            AgentRules::Observed if script.platform == Platform::Windows => {
                message.map(in_code_page)
            }
            _ => message,
        };
        Output {
            run_state: state,
            result_message,
            last_state_update_date_time: at,
            error_code: code,
            error_description: description,
        }
    }

    /// A description; Intune's agent has been observed to report none.
    fn reason<'s>(&self, description: &'s str) -> Option<&'s str> {
        Some(description).filter(|_| self.codes == Codes::Rich)
    }

    /// Replaces the names in braces. Other braces stay.
    fn fill(&self, template: &str, device: &Device, event: Event, stream: &mut Stream) -> String {
        let mut text = String::with_capacity(template.len() + ROOM_FOR_VALUES);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let end = after.split_once('}').and_then(|(name, end)| {
                self.value(&mut text, name, device, event, stream).ok().map(|()| end)
            });
            rest = end.unwrap_or_else(|| {
                text.push('{');
                after
            });
        }
        text.push_str(rest);
        text
    }

    /// Appends the value of a name; an error if there is no such name.
    fn value(
        &self,
        text: &mut String,
        name: &str,
        device: &Device,
        event: Event,
        stream: &mut Stream,
    ) -> std::fmt::Result {
        let user = |or: &str| match self.person(device, event) {
            Some(person) => person.short_name().to_owned(),
            None => or.to_owned(),
        };
        match name {
            "device" => text.push_str(&device.name()),
            "user" => text.push_str(&user("SYSTEM")),
            "upn" => {
                let person = self.person(device, event);
                text.push_str(person.as_ref().map_or("", |person| &person.user_principal_name));
            }
            "site" => text.extend(device.site.name.split(' ')),
            "serial" => text.push_str(&device.serial),
            "free" => write!(text, "{:.1}", device.free as f64 / (1_u64 << 30) as f64)?,
            "guid" => {
                let number = stream.below(u32::MAX).to_string();
                write!(text, "{}", guid(self.fleet.seed, "output", &number, &[]))?;
            }
            "number" => write!(text, "{}", 100 + stream.below(900))?,
            "drive" => text.push_str(&stream.fill("T")),
            "cycles" => {
                write!(text, "{}", 20 + device.number % 700 + u32::from(event.run) / 3)?;
            }
            "admins" => {
                text.push_str("root fleet-local");
                if stream.chance(0.2) {
                    write!(text, " {}", user("guest"))?;
                }
            }
            "backup" => {
                let hours = stream.long_tail(9.0).min(2_000.0);
                let at = i64::from(event.at) - (hours * 3_600_000.0) as i64;
                text.push_str(&self.clock.date_time(at));
            }
            _ => return Err(std::fmt::Error),
        }
        Ok(())
    }

    fn person(&self, device: &Device, event: Event) -> Option<Person> {
        let number = device.people().get(usize::from(event.person()))?;
        Some(self.fleet.person(*number))
    }
}

/// A text, after the lines of a log in some cases.
fn log(message: String, script: &Script, stream: &mut Stream) -> String {
    if script.attribute.is_some() || !stream.chance(LONG_OUTPUTS) {
        return message;
    }
    let length = stream.long_tail(LONG_OUTPUT).min(MAX_OUTPUT) as usize;
    let mut text = String::with_capacity(length + 200);
    let mut line = 0;
    while text.len() < length {
        line += 1;
        let (step, time) = (1 + stream.below(40), stream.below(900));
        // Writing to a string does not fail.
        let _ =
            writeln!(text, "VERBOSE: [{line:03}] step {step} of {} took {time} ms", script.file);
    }
    text + &message
}

/// What arrives of a text that went through code page 437, as output of Windows PowerShell does.
fn in_code_page(text: String) -> String {
    if text.is_ascii() {
        return text;
    }
    let characters = text.chars().map(|character| match character {
        '–' | '—' => '-',
        '‘' | '’' => '\'',
        '“' | '”' => '"',
        other => other,
    });
    characters.collect()
}

/// The id of a state: of a script on a device, and for a script of users of one person.
pub(super) fn state_id(script: Uuid, device: Uuid, person: Option<Uuid>) -> String {
    match person {
        None => format!("{script}:{device}"),
        Some(person) => format!("{script}:{device}:{person}"),
    }
}
