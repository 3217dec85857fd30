//! `runstate app`: registers, lists and removes applications of the local issuer, and their secrets.

use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::server::ParsedCertificate;
use serde_json::json;
use uuid::Uuid;

use super::database::Database;
use super::{Failure, output, tenant};
use crate::auth::{application_object_id, hash_secret, random_secret};
use crate::config::{
    AppCommand, AppOptions, Grant, NewAppOptions, OfTenant, RedirectKind, SecretOptions, Settings,
};
use crate::directory::{NewApplication, NewSecret, Registration};
use crate::model::permission;

/// The grants of an application that keeps a secret, unless others are named.
const CONFIDENTIAL: [Grant; 3] =
    [Grant::ClientCredentials, Grant::AuthorizationCode, Grant::RefreshToken];
/// The grants of a public client, unless others are named.
const PUBLIC: [Grant; 4] =
    [Grant::AuthorizationCode, Grant::DeviceCode, Grant::Password, Grant::RefreshToken];

pub(super) async fn run(settings: &Settings, command: AppCommand) -> Result<(), Failure> {
    let database = Database::open_or_join(settings).await?;
    let done = async {
        let registration = Registration::begin(&database.options).await?;
        match command {
            AppCommand::Add(options) => add(registration, options).await,
            AppCommand::List(of) => list(registration, &of).await,
            AppCommand::Remove(options) => remove(registration, &options).await,
            AppCommand::Secret(options) => change_secret(registration, &options).await,
        }
    };
    let done = done.await;
    database.close().await;
    done
}

async fn add(mut registration: Registration, options: NewAppOptions) -> Result<(), Failure> {
    let tenant = tenant::find(&mut registration, options.of.tenant.as_deref()).await?;
    let application = application(tenant, &options)?;
    let id = application.id;
    if !registration.add_application(tenant, &application).await? {
        return Err(format!("an application {id} exists already; nothing was changed").into());
    }
    let mut added = json!({ "tenant_id": tenant, "client_id": id });
    if !options.public && application.certificates.is_empty() {
        added["client_secret"] = add_secret(&mut registration, tenant, id).await?.into();
    }
    registration.commit().await?;
    output::line(added)
}

fn application(tenant: Uuid, options: &NewAppOptions) -> Result<NewApplication, Failure> {
    let id = options.id.unwrap_or_else(Uuid::new_v4);
    let grants = match (&options.grant[..], options.public) {
        ([], true) => PUBLIC.to_vec(),
        ([], false) => CONFIDENTIAL.to_vec(),
        (named, _) => named.to_vec(),
    };
    let redirects = |kind: RedirectKind| {
        let own = options.redirect_uri.iter().filter(|redirect| redirect.kind == kind);
        own.map(|redirect| redirect.uri.clone()).collect()
    };
    let certificates = options.certificate.iter().map(|path| read_certificate(path));
    Ok(NewApplication {
        id,
        object_id: application_object_id(tenant, &id.to_string()),
        name: options.name.clone(),
        is_public: options.public,
        grant_types: grants.into_iter().map(|grant| name(grant).to_owned()).collect(),
        permissions: match options.permission.is_empty() {
            true => permission::ALL.map(str::to_owned).to_vec(),
            false => options.permission.clone(),
        },
        web_redirect_uris: redirects(RedirectKind::Web),
        spa_redirect_uris: redirects(RedirectKind::Spa),
        public_redirect_uris: redirects(RedirectKind::Public),
        certificates: certificates.collect::<Result<_, _>>()?,
    })
}

fn name(grant: Grant) -> &'static str {
    match grant {
        Grant::ClientCredentials => "client_credentials",
        Grant::AuthorizationCode => "authorization_code",
        Grant::DeviceCode => "device_code",
        Grant::Password => "password",
        Grant::RefreshToken => "refresh_token",
    }
}

/// Reads a certificate, and checks that an assertion can be verified with it.
fn read_certificate(path: &Path) -> Result<Vec<u8>, Failure> {
    let fail = |reason: String| -> Failure { format!("{}: {reason}", path.display()).into() };
    let certificate =
        CertificateDer::from_pem_file(path).map_err(|error| fail(error.to_string()))?;
    ParsedCertificate::try_from(&certificate).map_err(|error| fail(error.to_string()))?;
    Ok(certificate.to_vec())
}

async fn list(mut registration: Registration, of: &OfTenant) -> Result<(), Failure> {
    let tenant = tenant::find(&mut registration, of.tenant.as_deref()).await?;
    for application in registration.applications(tenant).await? {
        let line = json!({
            "client_id": application.id,
            "name": application.name,
            "is_public": application.is_public,
            "grants": application.grant_types,
            "permissions": application.permissions,
            "redirect_uris": application.redirect_uris,
            "certificates": application.certificates,
            "secrets": application.secrets,
        });
        output::line(line)?;
    }
    Ok(())
}

async fn remove(mut registration: Registration, options: &AppOptions) -> Result<(), Failure> {
    let tenant = tenant::find(&mut registration, options.of.tenant.as_deref()).await?;
    if !registration.remove_application(tenant, options.id).await? {
        return Err(no_application(options.id));
    }
    Ok(registration.commit().await?)
}

async fn change_secret(
    mut registration: Registration,
    options: &SecretOptions,
) -> Result<(), Failure> {
    let tenant = tenant::find(&mut registration, options.of.tenant.as_deref()).await?;
    if let Some(secret) = options.remove {
        if !registration.remove_secret(tenant, options.id, secret).await? {
            return Err(format!("the application {} has no secret {secret}", options.id).into());
        }
        return Ok(registration.commit().await?);
    }
    let secret = add_secret(&mut registration, tenant, options.id).await?;
    registration.commit().await?;
    let added = json!({ "tenant_id": tenant, "client_id": options.id, "client_secret": secret });
    output::line(added)
}

/// Adds a new secret, and returns it.
async fn add_secret(
    registration: &mut Registration,
    tenant: Uuid,
    application: Uuid,
) -> Result<String, Failure> {
    let secret = random_secret()?;
    let new = NewSecret { id: Uuid::now_v7(), hash: hash_secret(&secret)? };
    match registration.add_secret(tenant, application, &new).await? {
        true => Ok(secret),
        false => Err(no_application(application)),
    }
}

fn no_application(id: Uuid) -> Failure {
    format!("the tenant has no application {id}").into()
}
