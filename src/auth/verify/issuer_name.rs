//! The name of an issuer, which may be a template that each tenant fills in.

/// The part of a template that the tenant replaces.
const TENANT_PLACEHOLDER: &str = "{tenantid}";

/// Whether a name is a template.
pub(super) fn is_template(name: &str) -> bool {
    name.contains(TENANT_PLACEHOLDER)
}

/// The name for a tenant.
pub(super) fn filled(name: &str, tenant: &str) -> String {
    name.replace(TENANT_PLACEHOLDER, tenant)
}
