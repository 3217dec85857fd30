//! The statement about keys of page tokens. Knows no token.

use uuid::Uuid;

use super::statement::{Cells, Statement, Writer};

/// A row for each key with which another database signed page tokens of the tenant.
#[must_use]
pub fn former_page_token_keys(tenant: Uuid) -> Statement {
    let mut writer = Writer::default();
    let tenant = writer.bind_one(Cells::Guids(vec![Some(tenant)]));
    writer.statement(format!("SELECT key FROM former_page_token_key WHERE tenant_id = {tenant}"))
}
