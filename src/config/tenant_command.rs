//! The commands of tenants, and what they accept.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use uuid::Uuid;

use super::directory::domain;

/// Commands of tenants.
#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Add a tenant of the local issuer, or a domain to a tenant, and print its id
    Add(NewTenantOptions),
    /// Print a JSON object for each tenant that is registered or closed
    List,
    /// Write all rows of a tenant into a file while the server works, as the database's owner
    Export(TenantExportOptions),
    /// Load an exported tenant into this database, which must have no rows of it
    Import(TenantImportOptions),
    /// Let a tenant take writes again that an export has closed, or that was imported from a copy
    Open(TenantOptions),
    /// Remove all rows of a tenant that has left this database, and refuse it from then on
    Remove(TenantRemoveOptions),
}

/// A new tenant.
#[derive(Debug, Args)]
pub struct NewTenantOptions {
    /// The id of the tenant [default: a new one]
    #[arg(long, value_name = "GUID")]
    pub id: Option<Uuid>,
    /// A domain, such as contoso.example; may be repeated [default: none]
    #[arg(long, value_name = "NAME", value_parser = domain)]
    pub domain: Vec<String>,
}

/// Options of `tenant export`.
#[derive(Debug, Args)]
pub struct TenantExportOptions {
    /// The tenant
    #[arg(value_name = "GUID")]
    pub tenant: Uuid,
    /// File to write, such as contoso.tar
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Refuse writes of the tenant from now on, so that the file has the last one: the tenant is to be
    /// moved
    #[arg(long)]
    pub close: bool,
    /// Replace the file if it exists
    #[arg(long)]
    pub force: bool,
}

/// Options of `tenant import`.
#[derive(Debug, Args)]
pub struct TenantImportOptions {
    /// The export
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Options of `tenant open`.
#[derive(Clone, Copy, Debug, Args)]
pub struct TenantOptions {
    /// The tenant
    #[arg(value_name = "GUID")]
    pub tenant: Uuid,
}

/// Options of `tenant remove`.
#[derive(Clone, Copy, Debug, Args)]
pub struct TenantRemoveOptions {
    /// The tenant
    #[arg(value_name = "GUID")]
    pub tenant: Uuid,
    /// Remove a tenant that takes writes: what it has is lost, unless there is a backup
    #[arg(long)]
    pub without_export: bool,
}
