//! Plans that take several statements: all of them happen, or none.

use sqlx::postgres::{PgConnection, PgPool};
use uuid::Uuid;

use super::{Outcome, creates, failure, rows};
use crate::error::{Error, Result};
use crate::plan::{Address, NewEntity, Plan, Shape};
use crate::sql;

/// Creates an entity and those that it contains, parents first.
pub(super) async fn create_all(
    pool: &PgPool,
    tenant: Uuid,
    entities: &[NewEntity],
    plan: &Plan,
) -> Result<Outcome> {
    let (first, others) = entities.split_first().ok_or(Error::NotFound)?;
    let mut transaction = pool.begin().await.map_err(failure::of_statement)?;
    let statement = sql::create(&[(tenant, first)], &plan.shape, &plan.root);
    let created = rows(&mut *transaction, statement.ok_or(Error::NotFound)?).await?;
    let outcome = creates::outcome(created.first(), first)?;
    for new in others {
        create_one(&mut transaction, tenant, new).await?;
    }
    transaction.commit().await.map_err(failure::of_statement)?;
    Ok(outcome)
}

/// Removes what a collection holds and creates entities instead; of several that come to the same
/// key the first one stays.
pub(super) async fn replace(
    pool: &PgPool,
    tenant: Uuid,
    plan: &Plan,
    collection: &Address,
    entities: &[NewEntity],
) -> Result<Outcome> {
    let mut transaction = pool.begin().await.map_err(failure::of_statement)?;
    let found = rows(&mut *transaction, sql::lock(tenant, &plan.address)).await?;
    if found.is_empty() {
        return Err(Error::NotFound);
    }
    rows(&mut *transaction, sql::clear(tenant, collection)).await?;
    for new in entities {
        match create_one(&mut transaction, tenant, new).await {
            Ok(_) | Err(Error::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    transaction.commit().await.map_err(failure::of_statement)?;
    Ok(Outcome::Done)
}

async fn create_one(
    connection: &mut PgConnection,
    tenant: Uuid,
    new: &NewEntity,
) -> Result<Outcome> {
    let shape = Shape::of_key(new.address.target());
    let statement = sql::create(&[(tenant, new)], &shape, "");
    let created = rows(connection, statement.ok_or(Error::NotFound)?).await?;
    creates::outcome(created.first(), new)
}
