//! Do clients with the fixed addresses of Microsoft find the server, and nobody else's?

use std::fs;
use std::net::SocketAddr;

use reqwest::{Certificate, Client};

use crate::process::{Directory, Server, run, runstate, text};

const HOSTS: [&str; 2] = ["login.microsoftonline.com", "graph.microsoft.com"];

/// A client for which all names lead to a server, and which trusts an authority alone.
fn client(server: &Server, authority: &str) -> Client {
    let port = server.https.as_ref().unwrap().rsplit(':').next().unwrap().parse().unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let authority = Certificate::from_pem(authority.as_bytes()).unwrap();
    let mut builder = Client::builder().no_proxy().tls_certs_only([authority]);
    for host in HOSTS.into_iter().chain(["localhost"]) {
        builder = builder.resolve(host, address);
    }
    builder.build().unwrap()
}

/// The status of the health of a host, unless the client does not trust it.
async fn health(client: &Client, host: &str) -> Option<u16> {
    // The port of the URL counts for no host of `resolve`.
    let reply = client.get(format!("https://{host}/health")).send().await;
    reply.ok().map(|reply| reply.status().as_u16())
}

fn impersonating(data: &Directory) -> Server {
    let mut command = runstate(&data.0);
    command.env("RUNSTATE_IMPERSONATE_MICROSOFT", "true");
    Server::of(command)
}

#[tokio::test]
async fn the_hosts_of_microsoft_have_a_certificate_of_an_authority_of_their_own() {
    let data = Directory::new();
    let server = impersonating(&data);
    let authority = |path: &str| fs::read_to_string(data.0.join("tls").join(path)).unwrap();
    let (usual, microsoft) = (authority("ca.pem"), authority("microsoft/ca.pem"));
    for host in HOSTS {
        assert_eq!(health(&client(&server, &microsoft), host).await, Some(200), "{host}");
        assert_eq!(health(&client(&server, &usual), host).await, None, "{host}");
    }
    assert_eq!(health(&client(&server, &usual), "localhost").await, Some(200));
    assert_eq!(health(&client(&server, &microsoft), "localhost").await, None);
}

#[tokio::test]
async fn documents_and_links_have_the_host_that_the_client_used() {
    let data = Directory::new();
    let server = impersonating(&data);
    let authority = fs::read_to_string(data.0.join("tls/microsoft/ca.pem")).unwrap();
    let client = client(&server, &authority);
    let discovery =
        "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration";
    let document = client.get(discovery).send().await.unwrap().text().await.unwrap();
    let endpoint =
        "\"token_endpoint\":\"https://login.microsoftonline.com/common/oauth2/v2.0/token\"";
    assert!(document.contains(endpoint), "{document}");
    let service = client.get("https://graph.microsoft.com/beta").send().await.unwrap();
    let service = service.text().await.unwrap();
    assert!(service.contains("https://graph.microsoft.com/beta/$metadata"), "{service}");
}

#[tokio::test]
async fn a_server_impersonates_nobody_unless_it_is_told_to() {
    let data = Directory::new();
    let server = Server::start(&data.0);
    let authority = fs::read_to_string(data.0.join("tls/ca.pem")).unwrap();
    for host in HOSTS {
        assert_eq!(health(&client(&server, &authority), host).await, None, "{host}");
    }
    assert!(!data.0.join("tls/microsoft").exists());
}

#[test]
fn the_variables_lead_to_the_fixed_addresses() {
    let data = Directory::new();
    drop(impersonating(&data));
    let env = |listen: &str| {
        let mut command = runstate(&data.0);
        command.args(["env", "--impersonate-microsoft"]).env("RUNSTATE_TLS_LISTEN", listen);
        run(&mut command)
    };
    let variables = text(&env("127.0.0.1:443").stdout);
    for (name, value) in [
        ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com".to_owned()),
        ("RUNSTATE_GRAPH_URL", "https://graph.microsoft.com/beta".to_owned()),
        ("SSL_CERT_FILE", data.0.join("tls/microsoft/ca-bundle.pem").display().to_string()),
        ("NODE_EXTRA_CA_CERTS", data.0.join("tls/microsoft/ca.pem").display().to_string()),
    ] {
        assert!(variables.contains(&format!("export {name}='{value}'\n")), "{variables}");
    }
    let refused = env("127.0.0.1:8443");
    assert!(!refused.status.success());
    assert!(text(&refused.stderr).contains("the addresses of Microsoft have port 443"));
}

#[test]
fn the_authority_of_an_impersonation_goes_into_no_store() {
    let data = Directory::new();
    drop(impersonating(&data));
    let mut command = runstate(&data.0);
    command.args(["trust", "--impersonate-microsoft"]).env("HOME", &data.0);
    let printed = text(&run(&mut command).stdout);
    assert!(printed.contains("tls/ca.pem") && !printed.contains("microsoft"), "{printed}");
}

#[test]
fn settings_with_which_no_client_would_find_the_server_are_refused() {
    let data = Directory::new();
    for (name, value, reason) in [
        ("RUNSTATE_TLS_LISTEN", "off", "--impersonate-microsoft needs HTTPS"),
        ("RUNSTATE_PUBLIC_URL", "https://a.test", "and --public-url exclude each other"),
    ] {
        let refused = run(runstate(&data.0).arg("--impersonate-microsoft").env(name, value));
        assert!(!refused.status.success());
        assert!(text(&refused.stderr).contains(reason), "{}", text(&refused.stderr));
    }
}
