//! The commands and their arguments, as data. They mirror the control API.

use super::argument::{Argument, flag, option, positional, program};
use super::{Description, TwinCommand};

pub(super) static COMMANDS: &[Description] = &[
    Description {
        command: TwinCommand::Create,
        name: "create",
        about: "Make a tenant; with a command after `--`, run that with the tenant, and remove the \
                tenant then",
        arguments: &[NEW_TENANT, CONTENTS],
        needs_one: false,
    },
    Description {
        command: TwinCommand::Fork,
        name: "fork",
        about: "Copy a tenant",
        arguments: &[TENANT, NEW_TENANT],
        needs_one: false,
    },
    Description {
        command: TwinCommand::Reset,
        name: "reset",
        about: "Give a tenant the contents that it had at the start, or those of a snapshot",
        arguments: &[TENANT, RESET],
        needs_one: false,
    },
    Description {
        command: TwinCommand::Snapshot,
        name: "snapshot",
        about: "Keep the contents of a tenant under a name",
        arguments: &[TENANT, SNAPSHOT],
        needs_one: false,
    },
    Description {
        command: TwinCommand::Delete,
        name: "delete",
        about: "Remove tenants, a snapshot, or everything",
        arguments: &[DELETE],
        needs_one: true,
    },
    Description {
        command: TwinCommand::List,
        name: "list",
        about: "List tenants and snapshots",
        arguments: &[],
        needs_one: false,
    },
    Description {
        command: TwinCommand::Token,
        name: "token",
        about: "Make a token of a tenant",
        arguments: &[TENANT, TOKEN],
        needs_one: false,
    },
    Description {
        command: TwinCommand::Clock,
        name: "clock",
        about: "Show, set or advance the clock of a tenant",
        arguments: &[TENANT, CLOCK],
        needs_one: false,
    },
    Description {
        command: TwinCommand::Rule,
        name: "rule",
        about: "Add, list or remove the rules by which requests of a tenant fail",
        arguments: &[TENANT, RULE],
        needs_one: false,
    },
    Description {
        command: TwinCommand::Throttle,
        name: "throttle",
        about: "Show or set the throttle of a tenant",
        arguments: &[TENANT, THROTTLE],
        needs_one: false,
    },
    Description {
        command: TwinCommand::Requests,
        name: "requests",
        about: "List or forget the requests that a tenant got",
        arguments: &[TENANT, REQUESTS],
        needs_one: false,
    },
    Description {
        command: TwinCommand::Verify,
        name: "verify",
        about: "Check the requests that a tenant got",
        arguments: &[TENANT, VERIFY],
        needs_one: false,
    },
];

const TENANT: &[Argument] = &[positional("tenant", "TENANT", "The `id` of the tenant").required()];

const NEW_TENANT: &[Argument] = &[
    option("id", "ID", "The `id` by which other commands name the tenant [default: its GUID]"),
    option("name", "NAME", "A name, which several tenants may have"),
    option("ttl", "TIME", "How long the tenant lives, such as 90s or PT1H [default: an hour]"),
    option("profile", "PROFILE", "The permission profile: seed, current or either [default: seed]")
        .as_member("permissions"),
    option("ids", "IDS", "`seeded` for the same ids in each run [default: random]"),
    option("now", "TIME", "The time that the clock shows at the start [default: the real time]")
        .as_member("clock.now"),
    option("rate", "NUMBER", "Virtual seconds in a real one; 0 freezes the clock [default: 1]")
        .number()
        .as_member("clock.rate"),
];

const CONTENTS: &[Argument] = &[
    option(
        "from",
        "NAME",
        "A snapshot or a tenant whose contents are copied, or fixture:intune-small [default: none]",
    ),
    program(
        "command",
        "COMMAND",
        "A command that gets the tenant by variables such as RUNSTATE_GRAPH_URL and RUNSTATE_TOKEN",
    ),
];

const RESET: &[Argument] = &[
    option("to", "SNAPSHOT", "A snapshot [default: the contents at the start]"),
    option("keep", "PART", "What stays as it is, such as clock; may be repeated").repeated(),
];

const SNAPSHOT: &[Argument] = &[positional("name", "NAME", "The name of the snapshot").required()];

const DELETE: &[Argument] = &[
    positional("tenant", "TENANT", "The `id` of a tenant"),
    option("prefix", "PREFIX", "All tenants whose names begin so"),
    option("snapshot", "NAME", "A snapshot"),
    flag("all", "All tenants and snapshots"),
];

const TOKEN: &[Argument] = &[
    option("user", "UPN", "User principal name"),
    option("application", "GUID", "The client id of the application"),
    option(
        "scope",
        "PERMISSION",
        "A delegated permission; may be repeated [default: all, unless there are roles]",
    )
    .repeated()
    .as_member("scopes"),
    option("role", "PERMISSION", "A role, which is an application's permission; may be repeated")
        .repeated()
        .as_member("roles"),
    option(
        "expires",
        "TIME",
        "How long the token is valid by the clock of the tenant [default: an hour]",
    ),
    option(
        "spoil",
        "WHAT",
        "What is wrong with the token, such as expired or signature [default: nothing]",
    ),
];

const CLOCK: &[Argument] = &[
    option("now", "TIME", "Set the clock to a time, which is not before the one that it shows")
        .without(&["advance"]),
    option("rate", "NUMBER", "Virtual seconds in a real one from now on; 0 freezes the clock")
        .number()
        .without(&["advance"]),
    option("advance", "TIME", "Advance the clock by a duration, such as 90s or P30D")
        .as_member("by"),
];

const RULE: &[Argument] = &[
    positional("rule", "JSON", "The rule to add, as JSON [default: list the rules]")
        .without(&["delete", "clear"]),
    option("delete", "ID", "Remove the rule with this id").without(&["clear"]),
    flag("clear", "Remove all rules"),
];

const THROTTLE: &[Argument] =
    &[positional("throttle", "JSON", "The settings, as JSON [default: show them]")];

const REQUESTS: &[Argument] = &[
    option("after", "NUMBER", "Requests after this number alone").whole(u64::MAX),
    option("method", "METHOD", "Requests with this method alone"),
    option("path", "PATTERN", "Requests whose path fits this pattern alone"),
    option("status", "STATUS", "Requests with this status alone").whole(u16::MAX as u64),
    option("limit", "NUMBER", "How many requests are listed at most [default: 1000]")
        .whole(u16::MAX as u64),
    flag("clear", "Forget all requests").without(&["after", "method", "path", "status", "limit"]),
];

const VERIFY: &[Argument] = &[positional(
    "assertion",
    "JSON",
    "The assertion, as JSON; the exit code is 1 if it does not hold",
)
.required()];
