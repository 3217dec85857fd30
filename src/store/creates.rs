//! The door through which every create of one entity goes. Behind it creates that wait together can
//! become one statement; no other room would notice.

use sqlx::postgres::{PgPool, PgRow};
use uuid::Uuid;

use super::{Outcome, column, rows};
use crate::error::{Error, Result};
use crate::plan::{NewEntity, Plan};
use crate::sql;

/// Creates an entity and answers with its JSON as stored, once that is committed.
pub(super) async fn create(
    pool: &PgPool,
    tenant: Uuid,
    new: &NewEntity,
    plan: &Plan,
) -> Result<Outcome> {
    let statement = sql::create(&[(tenant, new)], &plan.shape, &plan.root);
    let rows = rows(pool, statement.ok_or(Error::NotFound)?).await?;
    outcome(rows.first(), new)
}

/// What the row of a create says.
pub(super) fn outcome(row: Option<&PgRow>, new: &NewEntity) -> Result<Outcome> {
    let row = row.ok_or(Error::NotFound)?;
    if !column::<bool>(row, 1)? {
        return Err(Error::BadRequest(
            "An entity that the body names with '@odata.bind' does not exist.".into(),
        ));
    }
    match (column(row, 2)?, column(row, 3)?) {
        (Some(entity), Some(tag)) => Ok(Outcome::Entity(entity, tag)),
        _ => Err(conflict(new)),
    }
}

fn conflict(new: &NewEntity) -> Error {
    let id = new.key().key_text().unwrap_or_default();
    let name = new.address.target().name;
    Error::Conflict(format!("A {name} with the id '{id}' exists already; nothing was changed."))
}
