//! Does the program serve HTTPS as it is told, and with which certificate?

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::tls::TlsInfo;
use reqwest::{Certificate, Client};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::process::{Directory, Server, run, runstate, text};

/// How long a server may take to notice a change.
const DEADLINE: Duration = Duration::from_secs(60);

/// A client that trusts one authority alone. It opens a connection for each request unless it keeps
/// one.
fn client(authority: &str, kept: usize) -> Client {
    let authority = Certificate::from_pem(authority.as_bytes()).unwrap();
    let builder = Client::builder().no_proxy().tls_certs_only([authority]).tls_info(true);
    builder.pool_max_idle_per_host(kept).build().unwrap()
}

/// Asks for the health of a server. Returns the certificate that it has, as DER.
async fn certificate(client: &Client, base: &str) -> reqwest::Result<Vec<u8>> {
    let reply = client.get(format!("{base}/health")).send().await?;
    let info = reply.extensions().get::<TlsInfo>().unwrap();
    let certificate = info.peer_certificate().unwrap().to_vec();
    assert_eq!(reply.text().await?, "ok");
    Ok(certificate)
}

fn first_certificate(pem: &str) -> Vec<u8> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap().to_vec()
}

/// The files of a certificate of one's own, and a client that trusts it.
struct Own {
    certificate: PathBuf,
    key: PathBuf,
}

impl Own {
    fn new(data: &Path) -> Self {
        Self { certificate: data.join("own.pem"), key: data.join("own.key") }
    }

    /// Writes a new pair. Returns the certificate as PEM.
    fn write(&self) -> String {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(&self.key, made.signing_key.serialize_pem()).unwrap();
        fs::write(&self.certificate, made.cert.pem()).unwrap();
        made.cert.pem()
    }

    fn server(&self, data: &Path) -> Server {
        let mut command = runstate(data);
        command.env("RUNSTATE_TLS_CERT", &self.certificate).env("RUNSTATE_TLS_KEY", &self.key);
        Server::of(command)
    }
}

/// Waits until new connections have this certificate.
async fn until_served(base: &str, certificate: &str) {
    let start = Instant::now();
    while self::certificate(&client(certificate, 0), base).await.is_err() {
        assert!(start.elapsed() < DEADLINE, "the new certificate is not used");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_first_run_serves_https_by_an_authority_that_stays() {
    let data = Directory::new();
    let file = |name: &str| fs::read_to_string(data.0.join("tls").join(name)).unwrap();
    let mut files = Vec::new();
    for _ in 0..2 {
        let server = Server::start(&data.0);
        let base = server.https.clone().unwrap();
        assert!(base.starts_with("https://localhost:"), "{base}");
        let served = certificate(&client(&file("ca.pem"), 0), &base).await.unwrap();
        assert_eq!(served, first_certificate(&file("server.pem")));
        assert!(file("ca-bundle.pem").ends_with(&file("ca.pem")));
        let mode = fs::metadata(data.0.join("tls/ca-key.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        files.push(["ca.pem", "ca-key.pem", "server.pem", "server-key.pem"].map(file));
    }
    assert_eq!(files[0], files[1]);
}

#[tokio::test]
async fn the_printed_address_works_with_curl_and_the_printed_authority() {
    let data = Directory::new();
    let server = Server::start(&data.0);
    let base = server.https.clone().unwrap();
    let line = server.curl.replace(&server.http, &base);
    let authority = data.0.join("tls/ca.pem");
    let line = format!("{line} -s --cacert '{}'", authority.display());
    let reply = text(&run(Command::new("sh").args(["-c", &line])).stdout);
    assert!(reply.starts_with("HTTP/1.1 201 Created"), "{reply}");
    assert!(reply.contains(&format!("ocation: {base}/beta/")), "{reply}");
    assert!(reply.contains(&format!(r#""@odata.context":"{base}/beta/$metadata#"#)), "{reply}");
}

#[test]
fn https_can_be_off() {
    let data = Directory::new();
    let server = Server::of({
        let mut command = runstate(&data.0);
        command.env("RUNSTATE_TLS_LISTEN", "off");
        command
    });
    assert_eq!(server.https, None);
    assert!(!data.0.join("tls").exists());
}

#[test]
fn a_port_that_is_taken_is_named_with_the_setting() {
    let data = Directory::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = run(runstate(&data.0).env("RUNSTATE_TLS_LISTEN", &address));
    assert!(!refused.status.success());
    let output = text(&refused.stderr);
    assert!(output.contains(&format!("cannot listen on {address} for HTTPS")), "{output}");
    assert!(output.contains("RUNSTATE_TLS_LISTEN"), "{output}");
}

#[test]
fn a_certificate_that_cannot_be_used_is_refused_by_its_file() {
    let data = Directory::new();
    let own = Own::new(&data.0);
    own.write();
    let missing = data.0.join("missing.pem");
    for (certificate, key, problem) in [
        (&missing, &own.key, "missing.pem: No such file"),
        (&own.certificate, &missing, "missing.pem: No such file"),
        (&own.key, &own.key, "own.key: the certificate file is not a list of certificates"),
        (&own.certificate, &own.certificate, "own.pem: the key file is not a private key"),
    ] {
        let mut command = runstate(&data.0);
        command.env("RUNSTATE_TLS_CERT", certificate).env("RUNSTATE_TLS_KEY", key);
        let refused = run(&mut command);
        assert!(!refused.status.success());
        let output = text(&refused.stderr);
        assert!(output.contains(problem), "{problem}: {output}");
    }
    let alone = run(runstate(&data.0).env("RUNSTATE_TLS_CERT", &own.certificate));
    assert_eq!(alone.status.code(), Some(2));
    assert!(text(&alone.stderr).contains("--tls-key"), "{}", text(&alone.stderr));
}

#[tokio::test]
async fn an_own_certificate_is_read_again_on_sighup_and_no_connection_is_lost() {
    let data = Directory::new();
    let own = Own::new(&data.0);
    let first = own.write();
    let server = own.server(&data.0);
    let base = server.https.clone().unwrap();
    let kept = client(&first, 1);
    assert_eq!(certificate(&kept, &base).await.unwrap(), first_certificate(&first));
    let second = own.write();
    server.signal("-HUP");
    until_served(&base, &second).await;
    // The connection that was open is used again: a new one would not be trusted.
    assert_eq!(certificate(&kept, &base).await.unwrap(), first_certificate(&first));
    assert!(certificate(&client(&first, 0), &base).await.is_err());
    assert!(!data.0.join("tls").exists());
}

#[tokio::test]
async fn an_own_certificate_is_read_again_when_its_file_changes() {
    let data = Directory::new();
    let own = Own::new(&data.0);
    own.write();
    let server = own.server(&data.0);
    let base = server.https.clone().unwrap();
    // Nothing but the change says so.
    let second = own.write();
    until_served(&base, &second).await;
}

#[tokio::test]
async fn requests_go_on_while_the_certificate_changes_often() {
    let data = Directory::new();
    let own = Own::new(&data.0);
    let first = own.write();
    let server = own.server(&data.0);
    let base = server.https.clone().unwrap();
    let mut requests = Vec::new();
    for _ in 0..8 {
        let (base, kept) = (base.clone(), client(&first, 1));
        // The connection is open before anything changes.
        certificate(&kept, &base).await.unwrap();
        requests.push(tokio::spawn(async move {
            for _ in 0..50 {
                certificate(&kept, &base).await.unwrap();
            }
        }));
    }
    // The pair is read between two writes as well, and then stays as it was.
    for _ in 0..20 {
        own.write();
        server.signal("-HUP");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for requests in requests {
        requests.await.unwrap();
    }
    let last = own.write();
    server.signal("-HUP");
    until_served(&base, &last).await;
}

#[test]
fn plain_text_on_a_public_address_is_warned_of() {
    for (listen, tls, public_url, is_warned_of) in [
        ("0.0.0.0:0", "off", None, true),
        ("0.0.0.0:0", "127.0.0.1:0", None, false),
        ("0.0.0.0:0", "off", Some("https://graph.example.com"), false),
        ("127.0.0.1:0", "off", None, false),
    ] {
        let data = Directory::new();
        let log = data.0.join("log");
        let mut command = runstate(&data.0);
        command.env("RUNSTATE_LISTEN", listen).env("RUNSTATE_TLS_LISTEN", tls);
        if let Some(url) = public_url {
            command.env("RUNSTATE_PUBLIC_URL", url);
        }
        command.stderr(File::create(&log).unwrap());
        drop(Server::with_log(command));
        let log = fs::read_to_string(log).unwrap();
        assert_eq!(log.contains("in plain text"), is_warned_of, "{listen} {tls}: {log}");
    }
}

/// Runs `openssl s_client` with these arguments and input. Returns whether the connection was
/// complete and trusted, and what was printed; `None` if OpenSSL is not installed.
fn openssl(data: &Path, base: &str, arguments: &[&str], input: &str) -> Option<(bool, String)> {
    let mut client = Command::new("openssl");
    let address = base.strip_prefix("https://").unwrap();
    client.args(["s_client", "-connect", address, "-verify_hostname", "localhost"]);
    client.args(["-verify_return_error", "-CAfile"]).arg(data.join("tls/ca.pem")).args(arguments);
    client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut client) = client.spawn() else {
        println!("openssl is not installed, so its tests are left out");
        return None;
    };
    // It may end before it has read everything.
    client.stdin.take().unwrap().write_all(input.as_bytes()).ok();
    let output = client.wait_with_output().unwrap();
    Some((output.status.success(), text(&output.stdout) + &text(&output.stderr)))
}

#[tokio::test]
async fn openssl_gets_tls_1_2_and_1_3_and_no_renegotiation() {
    let data = Directory::new();
    let server = Server::start(&data.0);
    let base = server.https.clone().unwrap();
    for (version, protocol) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let arguments = [version, "-servername", "localhost", "-alpn", "h2,http/1.1"];
        let Some((is_trusted, printed)) = openssl(&data.0, &base, &arguments, "") else { return };
        assert!(is_trusted, "{printed}");
        assert!(printed.contains(protocol) && printed.contains("ALPN protocol: http/1.1"));
    }
    for version in ["-tls1", "-tls1_1"] {
        let arguments = [version, "-cipher", "ALL:@SECLEVEL=0"];
        let (is_trusted, printed) = openssl(&data.0, &base, &arguments, "").unwrap();
        assert!(!is_trusted, "{printed}");
    }
    // The line `R` asks for a renegotiation.
    let (is_complete, printed) = openssl(&data.0, &base, &["-tls1_2"], "R\n").unwrap();
    assert!(!is_complete && printed.contains("no renegotiation"), "{printed}");
    let authority = fs::read_to_string(data.0.join("tls/ca.pem")).unwrap();
    certificate(&client(&authority, 0), &base).await.unwrap();
}
