//! The door through which every create goes. Behind it creates that wait together can become one
//! statement; no other room would notice.

use sqlx::postgres::PgPool;

use super::{column, rows};
use crate::error::{Error, Result};
use crate::plan::{Shape, Value};
use crate::sql::{self, NewEntity};

/// Creates an entity and answers with its JSON as stored, once that is committed.
pub(super) async fn create(pool: &PgPool, new: NewEntity<'_>, shape: &Shape) -> Result<String> {
    let statement = sql::create(&[new], shape).ok_or(Error::NotFound)?;
    let rows = rows(pool, statement).await?;
    let row = rows.first().ok_or(Error::NotFound)?;
    column::<Option<String>>(row, 1)?.ok_or_else(|| conflict(new))
}

fn conflict(new: NewEntity<'_>) -> Error {
    let id = match new.values.first() {
        Some(Value::Text(id)) => id.as_str(),
        _ => "",
    };
    let name = new.address.target().name;
    Error::Conflict(format!("A {name} with the id '{id}' exists already; nothing was changed."))
}
