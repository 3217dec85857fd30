//! An argument of a command, as data: how it is written, and which member of the control API has its value.

use std::ffi::OsString;

use clap::builder::RangedU64ValueParser;
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use serde_json::Value as Json;

/// An argument.
#[derive(Clone, Copy)]
pub(super) struct Argument {
    pub(super) name: &'static str,
    /// The member of the control API, or of an object in it: `clock.rate`.
    pub(super) member: &'static str,
    kind: Kind,
    value_name: &'static str,
    help: &'static str,
    conflicts: &'static [&'static str],
}

#[derive(Clone, Copy)]
enum Kind {
    /// A text without a name before it.
    Positional { is_required: bool },
    /// `--name TEXT`
    Text,
    /// `--name TEXT`, any number of times.
    Texts,
    /// `--name NUMBER`
    Number,
    /// The same with a whole number up to this one.
    Whole(u64),
    /// `--name`
    Flag,
    /// What follows `--`.
    Program,
}

/// `--name VALUE`
pub(super) const fn option(
    name: &'static str,
    value_name: &'static str,
    help: &'static str,
) -> Argument {
    Argument { name, member: name, kind: Kind::Text, value_name, help, conflicts: &[] }
}

/// A text without a name before it, which may be absent.
pub(super) const fn positional(
    name: &'static str,
    value_name: &'static str,
    help: &'static str,
) -> Argument {
    Argument { kind: Kind::Positional { is_required: false }, ..option(name, value_name, help) }
}

/// `--name`
pub(super) const fn flag(name: &'static str, help: &'static str) -> Argument {
    Argument { kind: Kind::Flag, ..option(name, "", help) }
}

/// What follows `--`.
pub(super) const fn program(
    name: &'static str,
    value_name: &'static str,
    help: &'static str,
) -> Argument {
    Argument { kind: Kind::Program, ..option(name, value_name, help) }
}

impl Argument {
    /// Another member than the one with the name of the argument.
    pub(super) const fn as_member(self, member: &'static str) -> Self {
        Self { member, ..self }
    }

    pub(super) const fn required(self) -> Self {
        Self { kind: Kind::Positional { is_required: true }, ..self }
    }

    pub(super) const fn repeated(self) -> Self {
        Self { kind: Kind::Texts, ..self }
    }

    pub(super) const fn number(self) -> Self {
        Self { kind: Kind::Number, ..self }
    }

    pub(super) const fn whole(self, most: u64) -> Self {
        Self { kind: Kind::Whole(most), ..self }
    }

    pub(super) const fn without(self, conflicts: &'static [&'static str]) -> Self {
        Self { conflicts, ..self }
    }

    pub(super) fn build(&self) -> Arg {
        let argument = Arg::new(self.name).help(self.help).conflicts_with_all(self.conflicts);
        if let Kind::Flag = self.kind {
            return argument.long(self.name).action(ArgAction::SetTrue);
        }
        let argument = argument.value_name(self.value_name);
        match self.kind {
            Kind::Positional { is_required } => argument.required(is_required),
            Kind::Program => {
                argument.last(true).num_args(1..).value_parser(value_parser!(OsString))
            }
            Kind::Texts => argument.long(self.name).action(ArgAction::Append),
            Kind::Number => argument.long(self.name).value_parser(number),
            Kind::Whole(most) => {
                let range = RangedU64ValueParser::<u64>::new().range(..=most);
                argument.long(self.name).value_parser(range)
            }
            Kind::Text | Kind::Flag => argument.long(self.name),
        }
    }

    /// The value of the argument, if it was given.
    pub(super) fn value(&self, matches: &ArgMatches) -> Option<Json> {
        match self.kind {
            Kind::Positional { .. } | Kind::Text => {
                matches.get_one::<String>(self.name).cloned().map(Json::from)
            }
            Kind::Texts => {
                let texts = matches.get_many::<String>(self.name)?;
                Some(texts.cloned().collect::<Vec<_>>().into())
            }
            Kind::Number => matches.get_one::<f64>(self.name).copied().map(Json::from),
            Kind::Whole(_) => matches.get_one::<u64>(self.name).copied().map(Json::from),
            Kind::Flag => matches.get_flag(self.name).then_some(Json::Bool(true)),
            Kind::Program => None,
        }
    }

    /// The words of the program, if the argument is one.
    pub(super) fn program(&self, matches: &ArgMatches) -> Vec<OsString> {
        match self.kind {
            Kind::Program => {
                let words = matches.get_many::<OsString>(self.name);
                words.unwrap_or_default().cloned().collect()
            }
            _ => Vec::new(),
        }
    }
}

fn number(text: &str) -> Result<f64, &'static str> {
    text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or("must be a number")
}
