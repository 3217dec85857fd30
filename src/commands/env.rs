//! `runstate env`: variables for a shell, so that the SDKs of Graph use this server, trust its
//! certificate and sign in.

use std::io::{IsTerminal, stdout};
use std::net::SocketAddr;
use std::path::{Path, absolute};

use serde::Deserialize;

use super::first_run::CREDENTIALS_FILE;
use super::https::{self, development};
use super::{Failure, output};
use crate::config::{EnvOptions, FIRST_TLS_PORT, Settings, Shell};
use crate::model::API_VERSION;
use crate::trust::Command;

/// The port that addresses without one have.
const HTTPS_PORT: u16 = 443;
/// Where clients with fixed addresses sign in.
const LOGIN: &str = "https://login.microsoftonline.com";
/// Where clients with fixed addresses find Graph.
const GRAPH: &str = "https://graph.microsoft.com";

/// What the first start wrote.
#[derive(Deserialize)]
struct Credentials {
    tenant_id: String,
    client_id: String,
    client_secret: String,
    username: String,
    password: String,
}

/// A variable and its value.
pub(super) type Variable = (&'static str, String);

pub(super) fn run(settings: &Settings, options: EnvOptions) -> Result<(), Failure> {
    for (name, value) in variables(settings)? {
        output::line(options.shell.assignment(name, &value))?;
    }
    if stdout().is_terminal() {
        output::line(format_args!("\n# {}", options.shell.hint()))?;
    }
    Ok(())
}

/// The variables by which clients trust, find and sign in at the server.
pub(super) fn variables(settings: &Settings) -> Result<Vec<Variable>, Failure> {
    let mut variables = authorities(settings)?;
    variables.extend(credentials(settings)?);
    Ok(variables)
}

/// The variables by which clients trust the development authority. An own certificate needs none: it
/// is the operator's to say who trusts it.
fn authorities(settings: &Settings) -> Result<Vec<Variable>, Failure> {
    let development = match https::impersonation(settings) {
        Some(impersonation) => impersonation,
        None if settings.tls.certificate.is_some() => return Ok(Vec::new()),
        None => development(settings),
    };
    let (authority, bundle) = (development.certificate_file(), development.bundle_file());
    let [authority, bundle] = [authority, bundle].map(|file| existing(&file));
    let (authority, bundle) = (authority?, bundle?);
    // Python's requests and git do not read SSL_CERT_FILE, curl does not always, and Node.js reads
    // none of these.
    let replacing = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO"];
    let mut variables: Vec<Variable> =
        replacing.into_iter().map(|name| (name, bundle.clone())).collect();
    variables.push(("NODE_EXTRA_CA_CERTS", authority));
    Ok(variables)
}

/// The absolute path of a file that the first start makes.
fn existing(file: &Path) -> Result<String, Failure> {
    match file.exists() {
        true => Ok(absolute(file)?.to_string_lossy().into_owned()),
        false => Err(not_started(file)),
    }
}

fn not_started(file: &Path) -> Failure {
    let file = file.display();
    format!("{file} does not exist. Start the server first, with the same data directory.").into()
}

/// The variables by which the Azure SDKs sign in, and where Graph is.
fn credentials(settings: &Settings) -> Result<Vec<Variable>, Failure> {
    let address = settings.tls_address().ok_or(
        "the SDKs need HTTPS, which is off. Set RUNSTATE_TLS_LISTEN as for the server, such as \
         127.0.0.1:8443.",
    )?;
    if address.port() == 0 {
        return Err("the server chooses any free port for HTTPS. Set RUNSTATE_TLS_LISTEN to the \
                    address that it prints."
            .into());
    }
    let (authority, graph) = match settings.tls.impersonate_microsoft {
        true if address.port() != HTTPS_PORT => {
            return Err("the addresses of Microsoft have port 443. Set RUNSTATE_TLS_LISTEN to an \
                        address with that port."
                .into());
        }
        true => (LOGIN.to_owned(), GRAPH.to_owned()),
        false => {
            let base = https::base(settings, address);
            (base.clone(), base)
        }
    };
    let file = settings.data_dir.join(CREDENTIALS_FILE);
    existing(&file)?;
    let text = std::fs::read_to_string(&file);
    let text = text.map_err(|error| format!("{}: {error}", file.display()))?;
    let made: Credentials =
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(vec![
        ("AZURE_AUTHORITY_HOST", authority),
        ("AZURE_TENANT_ID", made.tenant_id),
        ("AZURE_CLIENT_ID", made.client_id),
        ("AZURE_CLIENT_SECRET", made.client_secret),
        ("RUNSTATE_GRAPH_URL", format!("{graph}/{API_VERSION}")),
        ("RUNSTATE_USERNAME", made.username),
        ("RUNSTATE_PASSWORD", made.password),
    ])
}

/// The command of a shell that sets the variables for the server that listens on `address`. It works
/// in each directory.
pub(super) fn line(settings: &Settings, address: SocketAddr) -> Result<String, Failure> {
    let program = std::env::current_exe()?;
    let mut words = vec![program.into_os_string(), "env".into(), "--data-dir".into()];
    words.push(absolute(&settings.data_dir)?.into());
    if settings.tls.listen.is_some() || address.port() != FIRST_TLS_PORT {
        words.extend(["--tls-listen".into(), address.to_string().into()]);
    }
    if settings.tls.impersonate_microsoft {
        words.push("--impersonate-microsoft".into());
    }
    if let Some(url) = &settings.public_url {
        words.extend(["--public-url".into(), url.into()]);
    }
    if let (Some(certificate), Some(key)) = (&settings.tls.certificate, &settings.tls.key) {
        words.extend(["--tls-cert".into(), absolute(certificate)?.into()]);
        words.extend(["--tls-key".into(), absolute(key)?.into()]);
    }
    let words: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Ok(format!("eval \"$({})\"", Command::new(&words)))
}

impl Shell {
    /// The line that sets and exports a variable.
    fn assignment(self, name: &str, value: &str) -> String {
        match self {
            Self::Sh => format!("export {name}='{}'", value.replace('\'', r"'\''")),
            Self::Fish => {
                let value = value.replace('\\', r"\\").replace('\'', r"\'");
                format!("set -gx {name} '{value}'")
            }
            Self::Powershell => format!("$env:{name} = '{}'", value.replace('\'', "''")),
        }
    }

    /// How the shell takes the lines.
    fn hint(self) -> &'static str {
        match self {
            Self::Sh => r#"To set them in this shell: eval "$(runstate env)""#,
            Self::Fish => "To set them in this shell: runstate env --shell fish | source",
            Self::Powershell => {
                "To set them in this shell: runstate env --shell powershell | Out-String | iex"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_with_quotes_is_one_word_in_each_shell() {
        let value = r#"it's \ "$HOME""#;
        let lines = [Shell::Sh, Shell::Fish, Shell::Powershell].map(|it| it.assignment("A", value));
        assert_eq!(lines[0], r#"export A='it'\''s \ "$HOME"'"#);
        assert_eq!(lines[1], r#"set -gx A 'it\'s \\ "$HOME"'"#);
        assert_eq!(lines[2], r#"$env:A = 'it''s \ "$HOME"'"#);
    }
}
