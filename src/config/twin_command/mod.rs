//! The commands that control the test twin of a running server. `commands` describes them as data;
//! here, clap gets that description, and a command line becomes values.

mod argument;
mod commands;

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{ArgGroup, ArgMatches, Args, Command, FromArgMatches, Subcommand};
use serde_json::{Map, Value as Json};

use argument::Argument;
use commands::COMMANDS;

/// `runstate twin …`: a command, and where the server is.
#[derive(Debug, Args)]
pub struct TwinOptions {
    /// Address of the server [default: http:// and the address of `--listen`]
    #[arg(long, env = "RUNSTATE_TWIN_URL", global = true, value_name = "URL")]
    pub url: Option<String>,
    /// Print replies as JSON, as the control API sends them
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub call: TwinCall,
}

/// A command with the values of its arguments.
#[derive(Debug)]
pub struct TwinCall {
    pub command: TwinCommand,
    /// The value of each given argument, as the member that the control API has for it.
    pub values: Map<String, Json>,
    /// What follows `--`.
    pub program: Vec<OsString>,
}

/// The commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TwinCommand {
    Create,
    Fork,
    Reset,
    Snapshot,
    Delete,
    List,
    Token,
    Clock,
    Rule,
    Throttle,
    Requests,
    Verify,
}

/// How a command is written.
struct Description {
    command: TwinCommand,
    name: &'static str,
    about: &'static str,
    arguments: &'static [&'static [Argument]],
    /// Whether exactly one of the arguments must be given.
    needs_one: bool,
}

impl Description {
    fn arguments(&self) -> impl Iterator<Item = &'static Argument> {
        self.arguments.iter().copied().flatten()
    }

    fn build(&self) -> Command {
        let command = Command::new(self.name).about(self.about);
        let command = command.args(self.arguments().map(Argument::build));
        if !self.needs_one {
            return command;
        }
        let names = self.arguments().map(|argument| argument.name);
        command.group(ArgGroup::new("one").args(names).required(true))
    }

    fn call(&self, matches: &ArgMatches) -> TwinCall {
        let (mut values, mut program) = (Map::new(), Vec::new());
        for argument in self.arguments() {
            if let Some(value) = argument.value(matches) {
                insert(&mut values, argument.member, value);
            }
            program.extend(argument.program(matches));
        }
        TwinCall { command: self.command, values, program }
    }
}

/// Adds a member, also one of an object: `clock.rate`.
fn insert(values: &mut Map<String, Json>, member: &str, value: Json) {
    match member.split_once('.') {
        Some((object, member)) => values.entry(object).or_insert(Json::Null)[member] = value,
        None => {
            values.insert(member.to_owned(), value);
        }
    }
}

impl Subcommand for TwinCall {
    fn augment_subcommands(twin: Command) -> Command {
        twin.subcommands(COMMANDS.iter().map(Description::build))
    }

    fn augment_subcommands_for_update(twin: Command) -> Command {
        Self::augment_subcommands(twin)
    }

    fn has_subcommand(name: &str) -> bool {
        COMMANDS.iter().any(|it| it.name == name)
    }
}

impl FromArgMatches for TwinCall {
    fn from_arg_matches(twin: &ArgMatches) -> Result<Self, clap::Error> {
        let given = twin.subcommand().and_then(|(name, matches)| {
            let described = COMMANDS.iter().find(|it| it.name == name)?;
            Some(described.call(matches))
        });
        given.ok_or_else(|| clap::Error::new(ErrorKind::MissingSubcommand))
    }

    fn update_from_arg_matches(&mut self, twin: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(twin)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use serde_json::json;

    use super::*;
    use crate::config::{self, Config};

    fn call(arguments: &[&str]) -> Result<TwinCall, clap::Error> {
        let line = ["runstate", "twin"].iter().chain(arguments);
        match Config::try_parse_from(line)?.command {
            Some(config::Command::Twin(options)) => Ok(options.call),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_values_of_a_command_line_are_members_of_the_control_api() {
        let create = call(&["create", "--rate", "0.5", "--profile", "either", "--", "make", "-k"]);
        let create = create.unwrap();
        let values = json!({ "clock": { "rate": 0.5 }, "permissions": "either" });
        assert_eq!(Json::from(create.values), values);
        assert_eq!(create.program, ["make", "-k"]);
        let requests = call(&["requests", "t", "--after", "7", "--status", "503"]).unwrap();
        let values = json!({ "tenant": "t", "after": 7, "status": 503 });
        assert_eq!(Json::from(requests.values), values);
        let token = call(&["token", "t", "--scope", "A", "--scope", "B"]).unwrap();
        let values = json!({ "tenant": "t", "scopes": ["A", "B"] });
        assert_eq!(Json::from(token.values), values);
        let rule = call(&["rule", "t", "--clear"]).unwrap();
        assert_eq!(Json::from(rule.values), json!({ "tenant": "t", "clear": true }));
    }

    #[test]
    fn a_wrong_command_line_is_refused() {
        for (arguments, expected) in [
            (&["create", "--rate", "fast"][..], ErrorKind::ValueValidation),
            (&["create", "--rate", "nan"], ErrorKind::ValueValidation),
            (&["requests", "t", "--status", "70000"], ErrorKind::ValueValidation),
            (&["clock", "t", "--advance", "1h", "--rate", "0"], ErrorKind::ArgumentConflict),
            (&["rule", "t", "{}", "--clear"], ErrorKind::ArgumentConflict),
            (&["delete", "t", "--all"], ErrorKind::ArgumentConflict),
            (&["delete"], ErrorKind::MissingRequiredArgument),
            (&["snapshot", "t"], ErrorKind::MissingRequiredArgument),
            (&["list", "t"], ErrorKind::UnknownArgument),
            (&["forget"], ErrorKind::InvalidSubcommand),
        ] {
            assert_eq!(call(arguments).unwrap_err().kind(), expected, "{arguments:?}");
        }
    }
}
