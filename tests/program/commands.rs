//! Do the other commands of the program work?

use std::path::Path;

use crate::process::system::free_address;
use crate::process::{Directory, Server, run, runstate, text};

#[test]
fn tokens_contain_the_requested_claims() {
    let data = Directory::new();
    let claims = |arguments: &[&str]| {
        let output = run(runstate(&data.0).arg("token").args(arguments));
        assert!(output.status.success(), "{}", text(&output.stderr));
        let token = text(&output.stdout);
        let claims = token.trim().split('.').nth(1).unwrap().to_owned();
        let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let claims = base64::Engine::decode(&engine, claims).unwrap();
        serde_json::from_slice::<serde_json::Value>(&claims).unwrap()
    };
    let tenant = "22222222-2222-4222-8222-222222222222";
    let token = claims(&[
        "--tenant",
        tenant,
        "--user",
        "a@b.example",
        "--scope",
        "X",
        "--scope",
        "Y",
        "--expires",
        "10m",
    ]);
    assert_eq!(
        (&token["tid"], &token["upn"], &token["scp"]),
        (&tenant.into(), &"a@b.example".into(), &"X Y".into())
    );
    assert_eq!(token["exp"].as_i64().unwrap() - token["iat"].as_i64().unwrap(), 600);
    assert_eq!(claims(&[])["scp"], "DeviceManagementManagedDevices.ReadWrite.All");
    let application = claims(&["--app", "--role", "Z"]);
    assert_eq!((&application["idtyp"], &application["roles"][0]), (&"app".into(), &"Z".into()));
    assert_eq!(application.get("scp"), None);
}

#[test]
fn help_names_every_setting() {
    let help = text(&run(runstate(Path::new("/nonexistent")).arg("--help")).stdout);
    for name in [
        "DATABASE_URL",
        "RUNSTATE_LISTEN",
        "RUNSTATE_TLS_LISTEN",
        "RUNSTATE_TLS_NAMES",
        "RUNSTATE_TLS_CERT",
        "RUNSTATE_TLS_KEY",
        "RUNSTATE_IMPERSONATE_MICROSOFT",
        "RUNSTATE_DATA_DIR",
        "RUNSTATE_PUBLIC_URL",
        "RUNSTATE_CORS_ORIGINS",
        "RUNSTATE_ISSUERS",
        "RUNSTATE_PERMISSIONS",
        "RUNSTATE_LOCAL_ISSUER",
        "RUNSTATE_LOG_FORMAT",
        "RUNSTATE_HISTORY_DAYS",
        "serve",
        "token",
        "env",
        "snippet",
        "trust",
        "untrust",
        "migrate",
        "127.0.0.1:8080",
    ] {
        assert!(help.contains(name), "{name}: {help}");
    }
}

#[tokio::test]
async fn health_and_migrate_work_from_the_command_line() {
    let data = Directory::new();
    assert!(run(runstate(&data.0).arg("migrate")).status.success());
    // No other server gets this address when the server has ended.
    let address = free_address();
    let mut program = runstate(&data.0);
    program.env("RUNSTATE_LISTEN", &address).env("RUNSTATE_TLS_LISTEN", "off");
    let server = Server::of(program);
    let health = |options: &[&str]| {
        let mut command = runstate(&data.0);
        let output = run(command.arg("health").args(options).env("RUNSTATE_LISTEN", &address));
        output.status.success().then(|| text(&output.stdout))
    };
    for options in [&[][..], &["--live"], &["--ready"]] {
        assert_eq!(health(options).as_deref(), Some("ok\n"), "{options:?}");
    }
    drop(server);
    for options in [&[][..], &["--live"], &["--ready"]] {
        assert_eq!(health(options), None, "{options:?}");
    }
    let both = run(runstate(&data.0).args(["health", "--live", "--ready"]));
    assert_eq!(both.status.code(), Some(2), "{}", text(&both.stderr));
}

#[test]
fn purge_says_how_many_versions_it_deletes_and_needs_a_tenant() {
    let data = Directory::new();
    assert!(run(runstate(&data.0).arg("migrate")).status.success());
    let tenant = "7e570000-0000-4000-8000-000000000001";
    let purge =
        |more: &[&str]| run(runstate(&data.0).args(["purge", "--tenant", tenant]).args(more));
    for (more, expected) in [
        (&["--dry-run"][..], "0 versions would be deleted.\n"),
        (&["--script", tenant], "0 versions were deleted.\n"),
    ] {
        let purged = purge(more);
        assert_eq!(text(&purged.stdout), expected, "{}", text(&purged.stderr));
    }
    assert!(!purge(&["--script", "nonsense"]).status.success());
    let refused = run(runstate(&data.0).arg("purge"));
    assert!(!refused.status.success() && text(&refused.stderr).contains("--tenant <GUID>"));
}

#[test]
fn counters_and_versions_are_reached_beside_a_running_server_and_without_a_database_nothing_is_made()
 {
    let data = Directory::new();
    let commands = [
        (&["recount", "--check"][..], "Every counter matches the rows.\n"),
        (&["recount"], "Every counter matches the rows.\n"),
        (
            &["purge", "--tenant", "7e570000-0000-4000-8000-000000000001"],
            "0 versions were deleted.\n",
        ),
    ];
    for (arguments, _) in commands {
        let refused = run(runstate(&data.0).args(arguments));
        let log = text(&refused.stderr);
        assert!(!refused.status.success() && log.contains("there is no database in "), "{log}");
    }
    assert_eq!(std::fs::read_dir(&data.0).unwrap().count(), 0);
    let _server = Server::start(&data.0);
    for (arguments, expected) in commands {
        let output = run(runstate(&data.0).args(arguments));
        assert_eq!(text(&output.stdout), expected, "{}", text(&output.stderr));
    }
}
