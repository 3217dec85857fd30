//! The name of an issuer. It may be a template with a placeholder for the tenant.

const TENANT_PLACEHOLDER: &str = "{tenantid}";

pub(super) fn is_template(name: &str) -> bool {
    name.contains(TENANT_PLACEHOLDER)
}

/// Replaces the placeholder by a tenant.
pub(super) fn fill(name: &str, tenant: &str) -> String {
    name.replace(TENANT_PLACEHOLDER, tenant)
}
