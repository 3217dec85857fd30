//! Commands and settings as `--help` describes them, in `docs/reference`.

use clap::{Arg, Command, CommandFactory};
use runstate::config::Config;

use crate::document::{check_sections, code, table};

#[test]
fn the_configuration_is_what_help_says() {
    let program = Config::command();
    let commands = program.get_subcommands();
    let rows = commands.map(|it| vec![code(&format!("runstate {}", it.get_name())), about(it)]);
    let with_options = program.get_subcommands().filter(|it| own(it).next().is_some());
    let with_options: Vec<&Command> = with_options.collect();
    let names = with_options.iter().map(|it| format!("runstate {}", it.get_name()));
    let names: Vec<String> = names.collect();
    let verify = program.find_subcommand("backup").unwrap().find_subcommand("verify").unwrap();
    let mut sections = vec![
        ("commands", table(&["command", "what it does"], rows)),
        ("settings", settings(&program)),
    ];
    sections.extend(names.iter().map(String::as_str).zip(with_options.into_iter().map(options)));
    let after = sections.iter().position(|(name, _)| *name == "runstate restore").unwrap();
    sections.insert(after, ("runstate backup verify", options(verify)));
    check_sections("docs/reference/configuration.md", &sections);
}

#[test]
fn the_commands_of_the_directory_are_what_help_says() {
    let program = Config::command();
    let groups = program.get_subcommands().filter(|it| it.has_subcommands());
    let groups = groups.filter(|it| !["backup", "twin"].contains(&it.get_name()));
    let [commands, options] = commands_and_options(groups);
    let sections = [("directory commands", commands), ("directory options", options)];
    check_sections("docs/reference/sign-in.md", &sections);
}

#[test]
fn the_commands_of_the_twin_are_what_help_says() {
    let program = Config::command();
    let groups = program.get_subcommands().filter(|it| it.get_name() == "twin");
    let [commands, options] = commands_and_options(groups);
    let sections = [("twin commands", commands), ("twin options", options)];
    check_sections("docs/reference/twin.md", &sections);
}

/// Tables of the commands in groups, and of their options.
fn commands_and_options<'a>(groups: impl Iterator<Item = &'a Command>) -> [String; 2] {
    let (mut commands, mut options) = (Vec::new(), Vec::new());
    for group in groups {
        for command in group.get_subcommands() {
            let name = code(&format!("runstate {} {}", group.get_name(), command.get_name()));
            commands.push(vec![name.clone(), about(command)]);
            options.extend(own(command).map(|option| {
                let (meaning, default) = meaning(option);
                vec![name.clone(), code(&flag(option)), default, meaning]
            }));
        }
    }
    let head = ["command", "option", "default", "meaning"];
    [table(&["command", "what it does"], commands), table(&head, options)]
}

fn settings(program: &Command) -> String {
    let rows = own(program).map(|setting| {
        let (meaning, default) = meaning(setting);
        let variable = setting.get_env().unwrap_or_else(|| panic!("{setting} has no variable"));
        vec![code(&flag(setting)), code(variable.to_str().unwrap()), default, meaning]
    });
    table(&["flag", "variable", "default", "meaning"], rows)
}

fn options(command: &Command) -> String {
    let rows = own(command).map(|option| {
        let (meaning, default) = meaning(option);
        vec![code(&flag(option)), default, meaning]
    });
    table(&["option", "default", "meaning"], rows)
}

fn own(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|it| !["help", "version"].contains(&it.get_id().as_str()))
}

fn about(command: &Command) -> String {
    command.get_about().unwrap().to_string()
}

/// `--listen ADDRESS`, or `--local-issuer[=BOOLEAN]` where the value may be absent, or `LANGUAGE`
/// where the value has no name before it.
fn flag(argument: &Arg) -> String {
    let value = argument.get_value_names().map(|names| names[0].to_string());
    let Some(name) = argument.get_long() else { return value.unwrap() };
    match value.filter(|_| argument.get_action().takes_values()) {
        None => format!("--{name}"),
        Some(value) if argument.is_require_equals_set() => format!("--{name}[={value}]"),
        Some(value) => format!("--{name} {value}"),
    }
}

/// What an argument means, with the meaning of each possible value, and its default. A default that
/// depends on something else stands in the help text, as `[default: …]`.
fn meaning(argument: &Arg) -> (String, String) {
    let help = argument.get_long_help().or(argument.get_help()).unwrap().to_string();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let (help, described) = match help.split_once(" [default: ") {
        None => (help.as_str(), None),
        Some((before, rest)) => {
            let (default, after) = rest.split_once(']').unwrap();
            assert!(after.is_empty() || after == ".", "{argument}: text after the default");
            (before, Some(default.to_owned()))
        }
    };
    let values = argument.get_possible_values();
    let values = values.iter().filter_map(|it| Some((it.get_name(), it.get_help()?)));
    let values: String = values.map(|(name, help)| format!(". {}: {help}", code(name))).collect();
    let defaults = argument.get_default_values().iter().map(|it| code(it.to_str().unwrap()));
    let default = defaults.collect::<Vec<_>>().join(", ");
    ((help.to_owned() + &values).replace('|', "\\|"), described.unwrap_or(default))
}
