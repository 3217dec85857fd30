//! Plans that take several statements: all of them happen, or none.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::Outcome;
use super::group_commit;
use crate::database::{Connections, rows};
use crate::error::{Error, Result};
use crate::plan::{Act, Address, NewEntity, Plan, Shape};
use crate::sql;

/// Carries out a plan and commits it.
pub(super) async fn run(connections: &Connections, tenant: Uuid, plan: &Plan) -> Result<Outcome> {
    let mut session = connections.session(tenant).await?;
    session.transaction(async |connection| carry_out(connection, tenant, plan).await).await
}

/// Carries out a plan in a transaction, which after an error must not be committed.
pub(super) async fn carry_out(
    connection: &mut PgConnection,
    tenant: Uuid,
    plan: &Plan,
) -> Result<Outcome> {
    match &plan.act {
        Act::Create(entities) => create_all(connection, tenant, entities, plan).await,
        Act::Replace { collection, entities } => {
            replace(connection, tenant, plan, collection, entities).await
        }
        _ => Err(Error::Internal("this plan is one statement, not a transaction".into())),
    }
}

/// Creates an entity and those that it contains, parents first.
async fn create_all(
    connection: &mut PgConnection,
    tenant: Uuid,
    entities: &[NewEntity],
    plan: &Plan,
) -> Result<Outcome> {
    let (first, others) = entities.split_first().ok_or(Error::NotFound)?;
    let statement = sql::create(&[(tenant, first)], &plan.shape, &plan.root);
    let created = rows(&mut *connection, statement.ok_or(Error::NotFound)?).await?;
    let outcome = group_commit::outcome(created.first(), first)?;
    for new in others {
        create_one(connection, tenant, new).await?;
    }
    Ok(outcome)
}

/// Removes what a collection holds and creates entities instead; of several that come to the same
/// key the first one stays.
async fn replace(
    connection: &mut PgConnection,
    tenant: Uuid,
    plan: &Plan,
    collection: &Address,
    entities: &[NewEntity],
) -> Result<Outcome> {
    let found = rows(&mut *connection, sql::lock(tenant, &plan.address)).await?;
    if found.is_empty() {
        return Err(Error::NotFound);
    }
    rows(&mut *connection, sql::clear(tenant, collection)).await?;
    for new in entities {
        match create_one(connection, tenant, new).await {
            Ok(_) | Err(Error::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
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
    group_commit::outcome(created.first(), new)
}
