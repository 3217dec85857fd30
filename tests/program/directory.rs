//! Who may sign in after the first start, and do the commands of applications, users and tenants change
//! it while the server runs?

use std::fs::{File, read_to_string};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value as Json;

use crate::process::{Directory, Server, run, runstate, text};

const GRAPH: &str = "https://graph.microsoft.com/.default";
const CLIENT: &str = "72756e73-7461-4e65-8000-000000000001";

/// The credentials of the first start.
fn credentials(data: &Path) -> Json {
    serde_json::from_str(&read_to_string(data.join("first-run.json")).unwrap()).unwrap()
}

/// Runs a command that succeeds. Returns what it prints, line by line.
fn command(data: &Path, arguments: &[&str]) -> Vec<String> {
    let output = run(runstate(data).args(arguments));
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout).lines().map(str::to_owned).collect()
}

/// Runs a command that fails. Returns its log.
fn refused(data: &Path, arguments: &[&str]) -> String {
    let output = run(runstate(data).args(arguments));
    assert!(!output.status.success(), "{arguments:?}");
    assert_eq!(text(&output.stdout), "", "{arguments:?}");
    text(&output.stderr)
}

/// Runs a command with a text on its standard input, until it ends.
fn with_input(data: &Path, arguments: &[&str], input: &str) -> Output {
    let mut program = runstate(data);
    program.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut program = program.spawn().unwrap();
    program.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    program.wait_with_output().unwrap()
}

/// The reply of the token endpoint of a tenant.
async fn token(server: &Server, tenant: &str, form: &[(&str, &str)]) -> Json {
    let host = server.url().split('/').nth(2).unwrap();
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("http://{host}/{tenant}/oauth2/v2.0/token")).body(body);
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    request.send().await.unwrap().json().await.unwrap()
}

async fn by_secret(server: &Server, tenant: &str, client: &str, secret: &str) -> Json {
    let grant = ("grant_type", "client_credentials");
    let form = [grant, ("client_id", client), ("client_secret", secret), ("scope", GRAPH)];
    token(server, tenant, &form).await
}

async fn by_password(server: &Server, tenant: &str, name: &str, password: &str) -> Json {
    let grant = ("grant_type", "password");
    let form = [grant, ("client_id", CLIENT), ("username", name), ("password", password)];
    token(server, tenant, &[&form[..], &[("scope", GRAPH)]].concat()).await
}

#[tokio::test]
async fn the_first_start_makes_credentials_that_only_their_owner_reads_and_later_starts_keep_them()
{
    let data = Directory::new();
    let mut server = Server::start(&data.0);
    let first = credentials(&data.0);
    let mode = std::fs::metadata(data.0.join("first-run.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for _ in 0..2 {
        let of = |name: &str| first[name].as_str().unwrap();
        let tenant = of("tenant_id");
        let reply = by_secret(&server, tenant, of("client_id"), of("client_secret")).await;
        assert_eq!(reply["token_type"], "Bearer", "{reply}");
        let reply = by_password(&server, "common", of("username"), of("password")).await;
        assert_eq!(reply["token_type"], "Bearer", "{reply}");
        // Any other GUID is a tenant with the same application.
        let other = uuid::Uuid::new_v4().to_string();
        let reply = by_secret(&server, &other, of("client_id"), of("client_secret")).await;
        assert_eq!(reply["token_type"], "Bearer", "{reply}");
        server.signal("-INT");
        server.child.wait().unwrap();
        server = Server::start(&data.0);
        assert_eq!(credentials(&data.0), first);
    }
}

#[tokio::test]
async fn the_commands_work_while_the_server_runs_and_hold_at_once() {
    let data = Directory::new();
    let server = Server::start(&data.0);
    let tenant = &command(&data.0, &["tenant", "add", "--domain", "Contoso.example"])[0];
    let of = ["--tenant", "contoso.example"];
    let new = command(&data.0, &[&["app", "add", "Report"][..], &of].concat());
    let new: Json = serde_json::from_str(&new[0]).unwrap();
    assert_eq!(new["tenant_id"], **tenant);
    let (id, secret) = (new["client_id"].as_str().unwrap(), new["client_secret"].as_str().unwrap());
    let reply = by_secret(&server, "contoso.example", id, secret).await;
    assert_eq!(reply["token_type"], "Bearer", "{reply}");

    let added = command(&data.0, &[&["app", "secret", id][..], &of].concat());
    let added: Json = serde_json::from_str(&added[0]).unwrap();
    let list = command(&data.0, &[&["app", "list"][..], &of].concat());
    let own = list.iter().map(|line| serde_json::from_str::<Json>(line).unwrap());
    let own = own.into_iter().find(|application| application["client_id"] == id).unwrap();
    assert_eq!(
        (own["name"].as_str(), own["secrets"].as_array().unwrap().len()),
        (Some("Report"), 2)
    );
    let old = own["secrets"][0].as_str().unwrap();
    command(&data.0, &[&["app", "secret", id, "--remove", old][..], &of].concat());
    let reply = by_secret(&server, tenant, id, secret).await;
    assert_eq!(reply["error"], "invalid_client", "{reply}");
    let secret = added["client_secret"].as_str().unwrap();
    let reply = by_secret(&server, tenant, id, secret).await;
    assert_eq!(reply["token_type"], "Bearer", "{reply}");
    command(&data.0, &[&["app", "remove", id][..], &of].concat());
    let reply = by_secret(&server, tenant, id, secret).await;
    assert_eq!(reply["error"], "unauthorized_client", "{reply}");

    let tenants = command(&data.0, &["tenant", "list"]).join("\n");
    assert!(tenants.contains(r#""domains":["contoso.example"]"#), "{tenants}");
    let log = refused(&data.0, &["tenant", "add", "--domain", "contoso.example"]);
    assert!(log.contains("another tenant"), "{log}");
    let twice = ["tenant", "add", "--domain", "twice.example", "--domain", "Twice.example"];
    let log = refused(&data.0, &twice);
    assert!(log.contains("the domain twice.example is given twice; nothing was changed"), "{log}");
    assert!(!command(&data.0, &["tenant", "list"]).join("\n").contains("twice.example"));
    for arguments in [
        &["app", "remove", id][..],
        &["app", "secret", id],
        &["app", "list", "--tenant", "fabrikam.example"],
        &["user", "remove", "nobody@contoso.example"],
        &["user", "add", "no-name"],
        &["app", "add", "Web", "--redirect-uri", "web=http://contoso.example/"],
    ] {
        refused(&data.0, arguments);
    }
}

#[tokio::test]
async fn a_password_may_come_from_standard_input_and_is_replaced_at_once() {
    let data = Directory::new();
    let server = Server::start(&data.0);
    let name = "ada@contoso.example";
    let new = command(&data.0, &["user", "add", name, "--display-name", "Ada"]);
    let new: Json = serde_json::from_str(&new[0]).unwrap();
    let first = new["password"].as_str().unwrap();
    let reply = by_password(&server, "common", "ADA@contoso.example", first).await;
    assert_eq!(reply["token_type"], "Bearer", "{reply}");
    let change = ["user", "password", name, "--password-stdin"];
    let output = with_input(&data.0, &change, "pass wörd\n");
    assert_eq!(text(&output.stdout), "{\"username\":\"ada@contoso.example\"}\n");
    let reply = by_password(&server, "common", name, first).await;
    assert_eq!(reply["error_codes"][0], 50_126, "{reply}");
    let reply = by_password(&server, "common", name, "pass wörd").await;
    assert_eq!(reply["token_type"], "Bearer", "{reply}");
    let list = command(&data.0, &["user", "list"]);
    assert!(list.iter().any(|line| line.contains(r#""display_name":"Ada""#)), "{list:?}");
    command(&data.0, &["user", "remove", name]);
    let reply = by_password(&server, "common", name, "pass wörd").await;
    assert_eq!(reply["error_codes"][0], 50_034, "{reply}");
}

#[tokio::test]
async fn a_password_that_nobody_can_send_is_refused_and_changes_nothing() {
    let data = Directory::new();
    let server = Server::start(&data.0);
    let name = "ada@contoso.example";
    let add = |name| ["user", "add", name, "--password-stdin"];
    assert!(with_input(&data.0, &add(name), "pass\tword\r\n").status.success());
    let change = ["user", "password", name, "--password-stdin"];
    for arguments in [change, add("bob@contoso.example")] {
        for (password, reason) in [
            ("", "standard input has no password"),
            ("\n", "standard input has no password"),
            ("a\0b\n", "a password must be one line without the character U+0000"),
            ("a\rb\n", "a password must be one line without the character U+0000"),
            ("a\nb\n", "a password must be one line without the character U+0000"),
            ("\na\n", "a password must be one line without the character U+0000"),
        ] {
            let output = with_input(&data.0, &arguments, password);
            let log = text(&output.stderr);
            assert!(!output.status.success() && log.contains(reason), "{password:?}: {log}");
            assert_eq!(text(&output.stdout), "", "{password:?}");
        }
    }
    let reply = by_password(&server, "common", name, "pass\tword").await;
    assert_eq!(reply["token_type"], "Bearer", "{reply}");
    let list = command(&data.0, &["user", "list"]).join("\n");
    assert!(list.contains(name) && !list.contains("bob@contoso.example"), "{list}");
}

#[tokio::test]
async fn a_name_that_the_sign_in_page_shows_is_one_short_line() {
    let data = Directory::new();
    let _server = Server::start(&data.0);
    let (longest, too_long) = ("ä".repeat(256), "ä".repeat(257));
    let before = command(&data.0, &["app", "list"]);
    for wrong in ["", "Night\nreport", "Night\treport", "Night\u{85}report", &too_long] {
        let user = ["user", "add", "ada@contoso.example", "--display-name", wrong];
        for arguments in [&["app", "add", wrong][..], &user] {
            let log = refused(&data.0, arguments);
            let expected = "must have 1 to 256 characters, and no control characters";
            assert!(log.contains(expected), "{wrong:?}: {log}");
        }
    }
    assert_eq!(command(&data.0, &["app", "list"]), before);
    for name in ["N", "Nächtlicher Bericht <1>", &longest] {
        command(&data.0, &["app", "add", name]);
    }
    let list = command(&data.0, &["app", "list"]);
    let names = list.iter().map(|line| serde_json::from_str::<Json>(line).unwrap());
    assert!(names.into_iter().any(|application| application["name"] == *longest), "{list:?}");
}

#[tokio::test]
async fn secrets_and_passwords_are_never_logged() {
    let data = Directory::new();
    let log = data.0.join("log");
    let mut program = runstate(&data.0);
    program.env("RUST_LOG", "trace").stderr(File::create(&log).unwrap());
    let server = Server::with_log(program);
    let first = credentials(&data.0);
    let of = |name: &str| first[name].as_str().unwrap();
    let (secret, password) = (of("client_secret"), of("password"));
    let reply = by_secret(&server, "runstate.local", CLIENT, secret).await;
    let access_token = reply["access_token"].as_str().unwrap();
    by_password(&server, "common", of("username"), password).await;
    by_secret(&server, "runstate.local", CLIENT, "wr0ng-secret").await;
    by_password(&server, "common", of("username"), "wr0ng-password").await;
    let log = read_to_string(log).unwrap();
    assert!(log.contains("/oauth2/v2.0/token"), "the requests are logged");
    let signature = access_token.rsplit('.').next().unwrap();
    for word in [secret, password, "wr0ng-secret", "wr0ng-password", signature, "$argon2id$"] {
        assert!(!log.contains(word), "{word}");
    }
}
