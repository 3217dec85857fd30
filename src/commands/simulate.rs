//! `runstate simulate`: where its server is, how it signs in, and what its exit codes mean.

use std::io::{BufWriter, stdout};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;
use tokio_util::sync::CancellationToken;

use super::{https, output};
use crate::auth::{LocalIssuer, TokenRequest};
use crate::config::{FIRST_TENANT, Settings, SimulateOptions};
use crate::getting_started;
use crate::loopback::reachable;
use crate::simulate::{Access, Credentials, Ended, Failure, Profile, ReportFormat, Simulation};

/// The work could not be finished.
const UNFINISHED: u8 = 2;
/// Interrupted by Ctrl-C, as shells have it.
const INTERRUPTED: u8 = 130;
/// How long a token of the local issuer is valid.
const TOKEN_LIFE: Duration = Duration::from_secs(60 * 60);

pub(super) async fn run(settings: &Settings, options: SimulateOptions) -> ExitCode {
    match simulate(settings, options).await {
        Ok(Ended::Right) => ExitCode::SUCCESS,
        Ok(Ended::Wrong) => ExitCode::FAILURE,
        Ok(Ended::Incomplete) => UNFINISHED.into(),
        Ok(Ended::Interrupted) | Err(Failure::Interrupted) => INTERRUPTED.into(),
        Err(failure) => {
            tracing::error!("{failure}");
            match failure {
                Failure::Unfinished(_) => UNFINISHED.into(),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

async fn simulate(settings: &Settings, options: SimulateOptions) -> Result<Ended, Failure> {
    let profile = match &options.profile {
        Some(file) => Profile::read(file)?,
        None => Profile::default(),
    };
    let profile = options.over(profile);
    let simulation = Simulation::new(profile.clone(), Utc::now(), options.quiet)?;
    if options.print_profile {
        return print(&profile.to_toml()?);
    }
    if options.dry_run {
        let mut out = BufWriter::with_capacity(1 << 20, stdout().lock());
        return match simulation.print(&mut out) {
            Err(Failure::Output(error)) => Ok(output::unless_closed(Err(error))?),
            printed => printed,
        }
        .map(|()| Ended::Right);
    }
    let format = ReportFormat::from(options.report);
    let clean = options.clean;
    let access = access(settings, options)?;
    stop_on_interrupt(access.stop.clone())?;
    let (ended, text) = match clean {
        true => simulation.clean(access).await?,
        false => simulation.run(access, format).await?,
    };
    print(&text)?;
    Ok(ended)
}

fn print(text: &str) -> Result<Ended, Failure> {
    output::write(text)?;
    Ok(Ended::Right)
}

/// The first Ctrl-C lets the requests end that are under way, the second one does not.
fn stop_on_interrupt(stop: CancellationToken) -> Result<(), Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupts = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        interrupts.recv().await;
        stop.cancel();
        interrupts.recv().await;
        std::process::exit(INTERRUPTED.into());
    });
    Ok(())
}

/// Where the server is, and how the simulation signs in there.
fn access(settings: &Settings, options: SimulateOptions) -> Result<Access, Failure> {
    let is_local = options.server.is_none();
    let server = options.server.clone().unwrap_or_else(|| local_server(settings));
    let tls = Arc::new(tls(settings)?);
    let credentials = credentials(settings, options, is_local)?;
    Ok(Access { server, credentials, tls, stop: CancellationToken::new() })
}

/// The address of the server on this machine that has these settings.
fn local_server(settings: &Settings) -> String {
    format!("http://{}", reachable(settings.listen))
}

/// A token of the command line; beside a local server its issuer's tokens, else the client credentials.
fn credentials(
    settings: &Settings,
    options: SimulateOptions,
    is_local: bool,
) -> Result<Credentials, Failure> {
    if let Some(token) = options.token {
        return Ok(Credentials::Token(token));
    }
    let client = options.client;
    let has_data = settings.data_dir.is_dir();
    let is_asked_for = options.tenant.is_some();
    if let (Some(tenant), Some(id), Some(secret)) =
        (client.tenant, client.client_id, client.client_secret)
        && !is_asked_for
        && !(is_local && has_data)
    {
        return Ok(Credentials::Client { authority: client.authority, tenant, id, secret });
    }
    if !has_data {
        return Err(Failure::Refused(format!(
            "there is no way to sign in: the data directory {} does not exist. Start the server first, \
             with the same data directory, or set --token or the AZURE_ variables of `runstate env`.",
            settings.data_dir.display()
        )));
    }
    let issuer = LocalIssuer::open(&settings.data_dir);
    let issuer = issuer.map_err(|error| Failure::Refused(error.to_string()))?;
    let scopes = getting_started::scopes(settings.profile());
    let request = TokenRequest {
        tenant: options.tenant.unwrap_or(FIRST_TENANT),
        user: None,
        scopes: scopes.into_iter().map(str::to_owned).collect(),
        roles: Vec::new(),
        application: false,
        client: None,
        expires_in: TOKEN_LIFE,
    };
    Ok(Credentials::Maker(Box::new(move || {
        issuer.token(&request).map_err(|error| error.to_string())
    })))
}

/// The authorities that the machine trusts, and the development authority of the data directory.
fn tls(settings: &Settings) -> Result<ClientConfig, Failure> {
    let fail = |problem: String| Failure::Refused(format!("TLS cannot be configured: {problem}"));
    let development = [Some(https::development(settings)), https::impersonation(settings)];
    let files = development.into_iter().flatten().map(|it| it.certificate_file());
    let mut authorities = Vec::new();
    for file in files.filter(|file| file.exists()) {
        authorities.extend(certificates(&file).map_err(|error| fail(error.to_string()))?);
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Verifier::new_with_extra_roots(authorities, Arc::clone(&provider));
    let verifier = verifier.map_err(|error| fail(error.to_string()))?;
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| fail(error.to_string()))?;
    let config = config.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(config.with_no_client_auth())
}

fn certificates(
    file: &Path,
) -> Result<Vec<CertificateDer<'static>>, rustls::pki_types::pem::Error> {
    CertificateDer::pem_file_iter(file)?.collect()
}
