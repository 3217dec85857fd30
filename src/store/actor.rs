//! Names the actor of a transaction to the database. Contains no SQL.

use sqlx::postgres::PgConnection;

use crate::auth::{Actor, CallerKind};
use crate::database::fetch;
use crate::error::Result;
use crate::sql::{self, ActorRow};

/// Names the actor of all changes in the rest of the transaction.
pub(super) async fn set(connection: &mut PgConnection, actor: &Actor) -> Result<()> {
    fetch(connection, sql::set_actor(row(actor))).await.map(drop)
}

fn row(actor: &Actor) -> ActorRow {
    let Actor { kind, identity, .. } = actor;
    ActorRow {
        is_application: matches!(kind, CallerKind::Application { .. }),
        permissions: kind.permissions().to_vec(),
        application: identity.application.clone(),
        application_name: identity.application_name.clone(),
        user: identity.user.clone(),
        user_name: identity.user_name.clone(),
        address: actor.address.to_string(),
        client_request_id: actor.client_request_id.clone(),
    }
}
