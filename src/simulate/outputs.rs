//! What a run reports: state, code, description and output, in the form in which the agent sends them.

use std::fmt::Write;

use serde::Serialize;
use uuid::Uuid;

use super::agent::Agent;
use super::catalog::{Cause, Script};
use super::clock::Clock;
use super::fleet::{Device, Fleet, Person, Platform};
use super::profile::{AgentRules, Codes};
use super::random::{Stream, guid};
use super::timeline::{Ending, Event};

/// The code of each failed run, as Intune's agent has been observed to report it.
const OBSERVED_CODE: i32 = 99;
/// The share of runs whose output is a log of many lines.
const LONG_OUTPUTS: f64 = 0.03;
/// Half of the long outputs are longer, in bytes.
const LONG_OUTPUT: f64 = 900.0;
/// The longest output, in bytes.
const MAX_OUTPUT: f64 = 16_000.0;

/// The properties of a run state that a report sets.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Output {
    pub(super) run_state: String,
    pub(super) result_message: Option<String>,
    pub(super) last_state_update_date_time: String,
    pub(super) error_code: i32,
    pub(super) error_description: Option<String>,
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
    pub(super) fn output(&self, device: &Device, script: &Script, event: Event) -> Output {
        let numbers = [device.number, event.person().into(), event.run.into()];
        let mut stream = Stream::new(self.fleet.seed, "output", &script.name, &numbers);
        let at = self.clock.date_time(event.at.into());
        let (state, code, description, message) = match event.how() {
            Ending::Pending => ("pending", 0, None, None),
            Ending::Success => {
                let template = stream.pick(&script.success, |_| 1.0).map_or("", String::as_str);
                let message = self.fill(template, device, event, &mut stream);
                ("success", 0, None, Some(log(&message, script, &mut stream)))
            }
            Ending::Failure(cause) => {
                let cause = &script.causes[usize::from(cause)];
                let message = self.fill(&record(cause, script), device, event, &mut stream);
                let (code, description) = match self.codes {
                    Codes::Rich => (code(&cause.code), Some(cause.description.clone())),
                    Codes::Intune => (OBSERVED_CODE, None),
                };
                (cause.state.as_str(), code, description, Some(message))
            }
        };
        let result_message = match self.rules {
            AgentRules::Observed if script.platform == Platform::Windows => {
                message.map(|message| in_code_page(&message))
            }
            _ => message,
        };
        Output {
            run_state: state.to_owned(),
            result_message,
            last_state_update_date_time: at,
            error_code: code,
            error_description: description,
        }
    }

    /// Replaces the names in braces. Other braces stay.
    fn fill(&self, template: &str, device: &Device, event: Event, stream: &mut Stream) -> String {
        let mut text = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let value = after
                .split_once('}')
                .and_then(|(name, end)| Some((self.value(name, device, event, stream)?, end)));
            match value {
                Some((value, end)) => {
                    text.push_str(&value);
                    rest = end;
                }
                None => {
                    text.push('{');
                    rest = after;
                }
            }
        }
        text.push_str(rest);
        text
    }

    fn value(
        &self,
        name: &str,
        device: &Device,
        event: Event,
        stream: &mut Stream,
    ) -> Option<String> {
        let person = || self.person(device, event);
        let short_name = |person: Person| {
            person.user_principal_name.split('@').next().unwrap_or_default().to_owned()
        };
        Some(match name {
            "device" => device.name(),
            "user" => person().map_or_else(|| "SYSTEM".into(), short_name),
            "upn" => person().map_or_else(String::new, |person| person.user_principal_name),
            "site" => device.site.name.replace(' ', ""),
            "serial" => device.serial.to_string(),
            "free" => format!("{:.1}", device.free as f64 / (1_u64 << 30) as f64),
            "guid" => guid(self.fleet.seed, "output", &stream.below(u32::MAX).to_string(), &[])
                .to_string(),
            "number" => (100 + stream.below(900)).to_string(),
            "drive" => stream.fill("T"),
            "cycles" => (20 + device.number % 700 + u32::from(event.run) / 3).to_string(),
            "admins" => match stream.chance(0.2) {
                true => format!("root fleet-local {}", person().map_or("guest".into(), short_name)),
                false => "root fleet-local".into(),
            },
            "backup" => {
                let hours = stream.long_tail(9.0).min(2_000.0);
                self.clock.date_time(i64::from(event.at) - (hours * 3_600_000.0) as i64)
            }
            _ => return None,
        })
    }

    fn person(&self, device: &Device, event: Event) -> Option<Person> {
        let number = device.people().get(usize::from(event.person()))?;
        Some(self.fleet.person(*number))
    }
}

/// A text, after the lines of a log in some cases.
fn log(message: &str, script: &Script, stream: &mut Stream) -> String {
    if script.attribute.is_some() || !stream.chance(LONG_OUTPUTS) {
        return message.to_owned();
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
    text + message
}

/// An error in the form of the shell: a text, and for PowerShell where it was thrown.
fn record(cause: &Cause, script: &Script) -> String {
    let Some(error) = &cause.error else { return cause.text.clone() };
    let mut text = cause.text.clone();
    if let Some(line) = &cause.line {
        let number = 1 + script
            .body
            .lines()
            .position(|of_body| {
                let start = line.trim_end_matches(" ...");
                of_body.trim_start().starts_with(start)
            })
            .unwrap_or_default();
        let file = "C:\\Program Files (x86)\\Microsoft Intune Management Extension\\Policies\\Scripts\\{guid}_{guid}.ps1";
        let marks = "~".repeat(line.chars().count());
        let _ = write!(text, "\nAt {file}:{number} char:1\n+ {line}\n+ {marks}");
    }
    let category = match error.split(',').next().unwrap_or_default() {
        "ParserError" | "UnexpectedToken" => "ParserError: (:) [], ParseException",
        "ScriptRequiresUnmatchedPSVersion" => {
            "ResourceUnavailable: (:String) [], ScriptRequiresException"
        }
        _ => "NotSpecified: (:) [], Exception",
    };
    let _ = write!(
        text,
        "\n    + CategoryInfo          : {category}\n    + FullyQualifiedErrorId : {error}"
    );
    text
}

/// A number in decimal or hexadecimal digits. Numbers above the range of `Edm.Int32` are negative in
/// it, as `HRESULT`s are.
fn code(text: &str) -> i32 {
    let number = match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    };
    number.unwrap_or_default().cast_signed()
}

/// What arrives of a text that went through code page 437, as output of Windows PowerShell does.
fn in_code_page(text: &str) -> String {
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
