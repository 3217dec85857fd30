//! Do the variables of `runstate env` lead clients to the server, in each shell?

use std::collections::BTreeMap;
use std::process::Command;

use crate::process::{Directory, Server, run, runstate, text};

/// The variables that a shell has after a command, and that it did not have before.
fn variables(shell: &str, set_up: &str) -> BTreeMap<String, String> {
    let script = format!("{set_up} && env -0");
    let output = run(Command::new(shell).args(["-c", &script]).env_clear().env("PATH", path()));
    assert!(output.status.success(), "{}", text(&output.stderr));
    let printed = text(&output.stdout);
    let variables = printed.split('\0').filter_map(|line| line.split_once('='));
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let of_shell = ["PATH", "PWD", "SHLVL", "_", "OLDPWD"];
    variables.filter(|(name, _)| !of_shell.contains(&&**name)).collect()
}

fn path() -> String {
    std::env::var("PATH").unwrap()
}

/// The command of a shell that sets the variables of a data directory.
fn set_up(data: &Directory, listen: &str) -> Command {
    let mut command = runstate(&data.0);
    command.arg("env").env("RUNSTATE_TLS_LISTEN", listen);
    command
}

#[test]
fn the_printed_line_sets_all_variables_of_the_sdks() {
    let data = Directory::new();
    let server = Server::start(&data.0);
    let base = server.https.clone().unwrap();
    let variables = variables("sh", server.set_up.as_ref().unwrap());
    let names: Vec<&str> = variables.keys().map(String::as_str).collect();
    let expected = [
        "AZURE_AUTHORITY_HOST",
        "AZURE_CLIENT_ID",
        "AZURE_CLIENT_SECRET",
        "AZURE_TENANT_ID",
        "CURL_CA_BUNDLE",
        "GIT_SSL_CAINFO",
        "NODE_EXTRA_CA_CERTS",
        "REQUESTS_CA_BUNDLE",
        "RUNSTATE_GRAPH_URL",
        "RUNSTATE_PASSWORD",
        "RUNSTATE_USERNAME",
        "SSL_CERT_FILE",
    ];
    assert_eq!(names, expected);
    let tls = data.0.join("tls").canonicalize().unwrap();
    let [bundle, authority] =
        ["ca-bundle.pem", "ca.pem"].map(|it| tls.join(it).display().to_string());
    for name in ["CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"] {
        assert_eq!(variables[name], bundle, "{name}");
    }
    assert_eq!(variables["NODE_EXTRA_CA_CERTS"], authority);
    assert_eq!(variables["AZURE_AUTHORITY_HOST"], base);
    assert_eq!(variables["RUNSTATE_GRAPH_URL"], format!("{base}/beta"));
    assert_eq!(variables["AZURE_TENANT_ID"], "7e570000-0000-4000-8000-000000000001");
    assert_eq!(variables["RUNSTATE_USERNAME"], "user@runstate.local");
}

#[test]
fn a_client_with_nothing_but_the_variables_gets_a_token_and_uses_it() {
    let data = Directory::new();
    let server = Server::start(&data.0);
    let script = format!(
        r#"{} || exit
        token() {{
            curl -sS "$AZURE_AUTHORITY_HOST/$AZURE_TENANT_ID/oauth2/v2.0/token" "$@" \
                -d client_id="$AZURE_CLIENT_ID" -d scope=https://graph.microsoft.com/.default |
                sed 's/.*"access_token":"\([^"]*\)".*/\1/'
        }}
        list() {{
            curl -sS -w '%{{http_code}}\n' -o /dev/null -H "Authorization: Bearer $1" \
                "$RUNSTATE_GRAPH_URL/deviceManagement/deviceManagementScripts"
        }}
        list "$(token -d grant_type=client_credentials -d client_secret="$AZURE_CLIENT_SECRET")"
        list "$(token -d grant_type=password -d username="$RUNSTATE_USERNAME" -d password="$RUNSTATE_PASSWORD")"
        list nonsense"#,
        server.set_up.as_ref().unwrap()
    );
    let output = run(Command::new("sh").args(["-c", &script]).env_clear().env("PATH", path()));
    assert_eq!(text(&output.stdout), "200\n200\n401\n", "{}", text(&output.stderr));
}

#[test]
fn the_snippet_for_curl_works_as_it_stands() {
    let data = Directory::new();
    let server = Server::start(&data.0);
    let snippet = text(&run(runstate(&data.0).args(["snippet", "curl"])).stdout);
    let script = format!("{}\n{snippet}", server.set_up.as_ref().unwrap());
    let output = run(Command::new("sh").args(["-c", &script]).env_clear().env("PATH", path()));
    assert!(output.status.success(), "{}", text(&output.stderr));
    let printed = text(&output.stdout);
    assert_eq!(printed.matches(r#""displayName":"From curl""#).count(), 2, "{printed}");
}

#[test]
fn each_language_has_a_snippet_that_reads_the_variables() {
    let data = Directory::new();
    for language in ["python", "javascript", "powershell", "go", "dotnet", "curl"] {
        let snippet = text(&run(runstate(&data.0).args(["snippet", language])).stdout);
        assert!(snippet.contains("RUNSTATE_GRAPH_URL"), "{language}: {snippet}");
        assert!(
            snippet.contains("https://graph.microsoft.com/.default") || language == "powershell"
        );
    }
    let terraform = text(&run(runstate(&data.0).args(["snippet", "terraform"])).stdout);
    assert!(terraform.contains("$AZURE_CLIENT_SECRET"), "{terraform}");
    assert_eq!(run(runstate(&data.0).args(["snippet", "cobol"])).status.code(), Some(2));
}

#[test]
fn each_shell_has_its_own_way_to_set_a_variable() {
    let data = Directory::new();
    drop(Server::start(&data.0));
    let line = |shell: &str| {
        let output = run(set_up(&data, "127.0.0.1:8443").args(["--shell", shell]));
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
            .lines()
            .find(|it| it.contains("AZURE_AUTHORITY_HOST"))
            .unwrap()
            .to_owned()
    };
    assert_eq!(line("sh"), "export AZURE_AUTHORITY_HOST='https://localhost:8443'");
    assert_eq!(line("fish"), "set -gx AZURE_AUTHORITY_HOST 'https://localhost:8443'");
    assert_eq!(line("powershell"), "$env:AZURE_AUTHORITY_HOST = 'https://localhost:8443'");
    assert!(!run(set_up(&data, "127.0.0.1:8443").args(["--shell", "tcsh"])).status.success());
}

#[test]
fn sdks_get_the_public_address_if_it_is_https_and_else_the_servers_own() {
    let data = Directory::new();
    drop(Server::start(&data.0));
    for (public_url, expected) in [
        ("https://graph.example.com", "https://graph.example.com/beta"),
        ("http://graph.example.com", "https://localhost:8443/beta"),
    ] {
        let output = run(set_up(&data, "0.0.0.0:8443").env("RUNSTATE_PUBLIC_URL", public_url));
        let variables = text(&output.stdout);
        let line = format!("export RUNSTATE_GRAPH_URL='{expected}'\n");
        assert!(variables.contains(&line), "{public_url}: {variables}");
    }
}

#[test]
fn a_server_that_cannot_be_used_by_sdks_is_explained() {
    let data = Directory::new();
    let refused = |listen: &str, reason: &str| {
        let output = run(&mut set_up(&data, listen));
        assert!(!output.status.success());
        assert_eq!(text(&output.stdout), "");
        assert!(text(&output.stderr).contains(reason), "{}", text(&output.stderr));
    };
    refused("127.0.0.1:8443", "ca.pem does not exist. Start the server first");
    drop(Server::start(&data.0));
    refused("off", "the SDKs need HTTPS, which is off");
    refused("127.0.0.1:0", "the server chooses any free port for HTTPS");
    std::fs::remove_file(data.0.join("first-run.json")).unwrap();
    refused("127.0.0.1:8443", "first-run.json does not exist");
}
