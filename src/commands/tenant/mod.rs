//! `runstate tenant`: adds and lists tenants, and moves them from one database to another.

mod moving;

use serde_json::json;
use uuid::Uuid;

use super::database::Database;
use super::first_run::add_public_clients;
use super::{Failure, output};
use crate::clock::is_twin_id;
use crate::config::{NewTenantOptions, Settings, TenantCommand};
use crate::directory::{NewTenant, Registration};

pub(super) async fn run(settings: &Settings, command: TenantCommand) -> Result<(), Failure> {
    match command {
        TenantCommand::Add(options) => register(settings, Some(options)).await,
        TenantCommand::List => register(settings, None).await,
        TenantCommand::Export(options) => moving::export(settings, options).await,
        TenantCommand::Import(options) => moving::import(settings, options).await,
        TenantCommand::Open(options) => moving::open(settings, options.tenant).await,
        TenantCommand::Remove(options) => moving::remove(settings, options).await,
    }
}

/// Adds a tenant, or lists all.
async fn register(settings: &Settings, new: Option<NewTenantOptions>) -> Result<(), Failure> {
    let database = Database::open_or_join(settings).await?;
    let done = async {
        let registration = Registration::begin(&database.options).await?;
        match new {
            Some(options) => add(registration, options).await,
            None => list(registration).await,
        }
    };
    let done = done.await;
    database.close().await;
    done
}

/// The tenant that an option names: by its id or a domain; without one, the default tenant.
pub(super) async fn find(
    registration: &mut Registration,
    name: Option<&str>,
) -> Result<Uuid, Failure> {
    let tenants = registration.tenants().await?;
    let found = match name {
        None => tenants.iter().find(|tenant| tenant.is_default),
        Some(name) => tenants.iter().find(|tenant| {
            let is_domain = tenant.domains.contains(&name.to_ascii_lowercase());
            is_domain || Uuid::try_parse(name) == Ok(tenant.id)
        }),
    };
    match (found, name) {
        (Some(tenant), _) => Ok(tenant.id),
        (None, Some(name)) => Err(format!("there is no tenant {name}").into()),
        (None, None) => {
            Err("there is no tenant yet: start the server once, or run `runstate tenant add`"
                .into())
        }
    }
}

async fn add(mut registration: Registration, options: NewTenantOptions) -> Result<(), Failure> {
    let id = options.id.unwrap_or_else(Uuid::new_v4);
    if is_twin_id(id) {
        return Err(format!(
            "{id} is an id of the test twin, which removes tenants that it did not make; nothing was \
             changed"
        )
        .into());
    }
    let mut domains = options.domain;
    domains.sort();
    if let Some(pair) = domains.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("the domain {} is given twice; nothing was changed", pair[0]).into());
    }
    let tenant = NewTenant { id, domains, serves_unknown: false };
    if !registration.add_tenant(&tenant).await? {
        return Err("the domain belongs to another tenant; nothing was changed".into());
    }
    add_public_clients(&mut registration, id).await?;
    registration.commit().await?;
    output::line(id)
}

async fn list(mut registration: Registration) -> Result<(), Failure> {
    for tenant in registration.tenants().await? {
        let mut line = json!({
            "id": tenant.id,
            "domains": tenant.domains,
            "is_default": tenant.is_default,
            "serves_unknown": tenant.serves_unknown,
        });
        if let Some(state) = tenant.state {
            line["state"] = state.into();
        }
        output::line(line)?;
    }
    Ok(())
}
