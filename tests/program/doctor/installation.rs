//! What the examination finds in settings and files, and without a database.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime};

use rcgen::{CertificateParams, KeyPair};

use super::{assert_has, doctor, lines};
use crate::process::{Directory, run, runstate, text};

#[test]
fn without_a_database_the_report_says_so_and_has_everything_else() {
    let data = Directory::new();
    let of = |url: &str| {
        let mut command = doctor(&data.0);
        command.env("DATABASE_URL", url).env("RUNSTATE_LOCAL_ISSUER", "true");
        command.args(["--listen", "127.0.0.1:1"]);
        command
    };
    for url in ["postgres://ada:secret-word@127.0.0.1:1/x", "postgres://ada:secret-word@[/x"] {
        let (code, found) = lines(&mut of(url));
        assert_eq!(code, Some(1));
        let [.., connection, others] = &found[..] else { panic!("{found:#?}") };
        assert!(connection.starts_with("fail connection: cannot be examined: "), "{connection}");
        let all = "skip database: not checked without a connection: encryption, rights, row-level \
                   security, version, clock, durability, replication, replication slots, \
                   connections, transactions, schema, indexes, unused indexes, counters, size, \
                   disk, dead rows, transaction ids, partitions, retention, audit events, tenants";
        assert_eq!(others, all);
        let refused = "warn server: no server answers on 127.0.0.1:1: io: Connection refused (os error \
                       111) -> Start the server, or set RUNSTATE_LISTEN as it is set for the server.";
        assert_has(&found, &[refused, "ok local issuer: trusted; the first start makes its key"]);
        let output = run(&mut of(url));
        let everything = text(&output.stdout) + &text(&output.stderr);
        assert!(!everything.contains("secret-word"), "{everything}");
    }
    assert_eq!(fs::read_dir(&data.0).unwrap().count(), 0, "the examination makes a file");
}

#[test]
fn settings_that_are_not_safe_are_warnings_which_fail_only_if_asked() {
    let data = Directory::new();
    let of = |variables: &[(&str, &str)]| {
        let mut command = doctor(&data.0);
        for (name, value) in variables {
            command.env(name, value);
        }
        let (_, found) = lines(&mut command);
        found
    };
    let found = of(&[
        ("RUNSTATE_LISTEN", "0.0.0.0:1"),
        ("RUNSTATE_PUBLIC_URL", "http://graph.example.com"),
        ("RUNSTATE_TRUSTED_PROXIES", "10.0.0.0/8,0.0.0.0/0"),
        ("RUNSTATE_TWIN", "true"),
        ("RUNSTATE_IMPERSONATE_MICROSOFT", "true"),
    ]);
    assert_has(
        &found,
        &[
            "warn addresses: tokens from other machines come in plain text on 0.0.0.0:1 -> Set \
             RUNSTATE_TLS_LISTEN, or RUNSTATE_PUBLIC_URL to the https address of a proxy.",
            "warn public url: the public URL is not https: clients that follow links send tokens in \
             plain text -> Set RUNSTATE_PUBLIC_URL to an https address.",
            "warn proxies: every client is a trusted proxy, so each can choose its address, scheme \
             and host -> Set RUNSTATE_TRUSTED_PROXIES to the addresses of your proxies.",
            "warn test twin: on: rules can make requests of its tenants fail -> Set \
             RUNSTATE_TWIN=false on a server that people use.",
            "warn impersonation: on: the server has certificates for hosts of Microsoft -> Trust \
             their authority only in programs that must use this server.",
        ],
    );
    // The nearest settings that are safe.
    let found = of(&[
        ("RUNSTATE_LISTEN", "0.0.0.0:1"),
        ("RUNSTATE_PUBLIC_URL", "https://graph.example.com"),
        ("RUNSTATE_TRUSTED_PROXIES", "10.0.0.0/8,10.1.2.3"),
    ]);
    assert_has(
        &found,
        &[
            "ok addresses: HTTP on 0.0.0.0:1, HTTPS off, metrics off",
            "ok public url: set: links have it, whatever host a client used",
            "ok proxies: addresses and networks that are trusted: 2",
            "ok test twin: off",
            "ok impersonation: off",
        ],
    );
    let found = of(&[("RUNSTATE_PUBLIC_URL", "https://graph.example.com")]);
    let unnamed = "warn proxies: a proxy ends TLS and is not trusted, so all clients have the address \
                   of the proxy -> Set RUNSTATE_TRUSTED_PROXIES to the address of the proxy.";
    assert_has(&found, &[unnamed]);
    assert!(run(runstate(&data.0).arg("migrate")).status.success());
    for (arguments, code) in [(&[][..], 0), (&["--strict"], 1)] {
        let output = run(doctor(&data.0).args(arguments).env("RUNSTATE_TWIN", "true"));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn certificates_and_keys_that_cannot_be_used_are_found() {
    let data = Directory::new();
    let path = |name: &str| data.0.join(name).display().to_string();
    let write = |name: &str, text: &str| {
        fs::write(path(name), text).unwrap();
        path(name)
    };
    let made = |days: u64| {
        let mut parameters = CertificateParams::new(["a.test".to_owned()]).unwrap();
        parameters.not_after = (SystemTime::now() + Duration::from_hours(24 * days)).into();
        let key = KeyPair::generate().unwrap();
        (parameters.self_signed(&key).unwrap().pem(), key.serialize_pem())
    };
    let of_pair = |certificate: &str, key: &str| {
        let mut command = doctor(&data.0);
        command.env("RUNSTATE_TLS_LISTEN", "127.0.0.1:2");
        command.env("RUNSTATE_TLS_CERT", certificate).env("RUNSTATE_TLS_KEY", key);
        lines(&mut command).1
    };
    let certificate = path("a.pem");
    let renew = "Renew it; a running server reads the file again by itself.";
    for (days, expected) in [
        (90, format!("ok certificate: {certificate} ends in 89 days")),
        (14, format!("warn certificate: {certificate} ends in 13 days -> {renew}")),
    ] {
        let (text, key) = made(days);
        write("a.pem", &text);
        assert_has(&of_pair(&certificate, &write("a.key", &key)), &[&expected]);
    }
    let (ended, key) = made(0);
    write("a.pem", &ended);
    write("a.key", &key);
    let expected = format!("fail certificate: {certificate} has ended -> {renew}");
    assert_has(&of_pair(&certificate, &path("a.key")), &[&expected]);
    write("a.key", &made(90).1);
    let found = of_pair(&certificate, &path("a.key"));
    let other =
        format!("fail certificate: cannot be used: {certificate}: the certificate and the key");
    assert!(found.iter().any(|line| line.starts_with(&other)), "{found:#?}");

    let key = write("local-issuer.pem", "no key");
    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    let issuers = write(
        "issuers.json",
        r#"[{"issuer": "https://a.test", "audiences": ["x"], "jwks_uri": "http://127.0.0.1:1/keys"}]"#,
    );
    let of_issuers = || {
        let mut command = doctor(&data.0);
        command.env("RUNSTATE_ISSUERS", &issuers).env("RUNSTATE_LOCAL_ISSUER", "true");
        lines(&mut command).1
    };
    let unusable = format!(
        "fail local issuer: its key cannot be used: {key}: is not an RSA private key in PKCS#8 PEM \
         format -> Restore the file from a backup, or delete it: all tokens are refused then."
    );
    let unreachable = "fail issuers: keys cannot be read: https://a.test: the request failed: io: \
                       Connection refused (os error 111) -> Correct RUNSTATE_ISSUERS, or let this \
                       machine reach the address.";
    assert_has(&of_issuers(), &[&unusable, unreachable]);
    write("issuers.json", "{}");
    let unreadable =
        format!("fail issuers: RUNSTATE_ISSUERS cannot be read: {issuers}: is not a JSON");
    let found = of_issuers();
    assert!(found.iter().any(|line| line.starts_with(&unreadable)), "{found:#?}");
}
