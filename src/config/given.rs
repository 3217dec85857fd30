//! The settings as they were given: the value of each, and where it is from. Secrets are left out.

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};
use serde::Serialize;

/// What stands for a secret.
const MASK: &str = "***";

/// A setting as it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GivenSetting {
    /// The name of its environment variable.
    pub variable: String,
    /// `None` if it is not set and has no default of its own.
    pub value: Option<String>,
    pub source: SettingSource,
}

/// Where the value of a setting is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SettingSource {
    Option,
    Environment,
    Default,
}

impl SettingSource {
    /// The word in a report.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Option => "option",
            Self::Environment => "environment",
            Self::Default => "default",
        }
    }
}

/// All settings, in the order of the help text.
pub(super) fn settings(program: &Command, matches: &ArgMatches) -> Vec<GivenSetting> {
    program.get_arguments().filter_map(|argument| setting(argument, matches)).collect()
}

/// An argument that has a variable, which all settings have.
fn setting(argument: &Arg, matches: &ArgMatches) -> Option<GivenSetting> {
    let variable = argument.get_env()?.to_string_lossy().into_owned();
    let id = argument.get_id().as_str();
    let values = matches.get_raw(id).map(|values| {
        let values: Vec<_> = values.map(|value| value.to_string_lossy()).collect();
        values.join(",")
    });
    let value = values.map(|value| match argument.is_hide_env_values_set() {
        true => MASK.to_owned(),
        false => without_credentials(&value),
    });
    let source = match matches.value_source(id) {
        Some(ValueSource::CommandLine) => SettingSource::Option,
        Some(ValueSource::EnvVariable) => SettingSource::Environment,
        _ => SettingSource::Default,
    };
    Some(GivenSetting { variable, value, source })
}

/// A text without the user and the password of a URL in it.
fn without_credentials(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{MASK}{}", &rest[at..]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::config::Config;

    #[test]
    fn a_url_is_shown_without_its_password() {
        for (text, shown) in [
            ("https://ada:p@ss@a.example/x@y", "https://***@a.example/x@y"),
            ("https://a.example/x@y", "https://a.example/x@y"),
            ("127.0.0.1:8080", "127.0.0.1:8080"),
        ] {
            assert_eq!(without_credentials(text), shown);
        }
    }

    #[test]
    fn secrets_are_masked_and_each_value_says_where_it_is_from() {
        let mut program = Config::command();
        let arguments = ["runstate", "doctor", "--twin-secret", "open sesame", "--console=false"];
        let matches = program.try_get_matches_from_mut(arguments).unwrap();
        let settings = settings(&program, &matches);
        let find = |variable: &str| {
            let found = settings.iter().find(|it| it.variable == variable).unwrap();
            (found.value.as_deref(), found.source)
        };
        assert_eq!(find("RUNSTATE_TWIN_SECRET"), (Some("***"), SettingSource::Option));
        assert_eq!(find("RUNSTATE_CONSOLE"), (Some("false"), SettingSource::Option));
        assert_eq!(find("RUNSTATE_HISTORY_DAYS"), (Some("90"), SettingSource::Default));
        assert_eq!(find("RUNSTATE_TENANTS"), (None, SettingSource::Default));
    }
}
