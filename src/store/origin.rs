//! Tells the database who makes the changes of a transaction. Contains no SQL.

use sqlx::postgres::PgConnection;

use crate::auth::{CallerKind, Origin};
use crate::database::fetch;
use crate::error::Result;
use crate::sql::{self, Actor};

/// Says for the rest of the transaction where its changes come from.
pub(super) async fn set(connection: &mut PgConnection, origin: &Origin) -> Result<()> {
    fetch(connection, sql::set_actor(actor(origin))).await.map(drop)
}

fn actor(origin: &Origin) -> Actor {
    let Origin { kind, identity, .. } = origin;
    Actor {
        is_application: matches!(kind, CallerKind::Application { .. }),
        permissions: kind.permissions().to_vec(),
        application: identity.application.clone(),
        application_name: identity.application_name.clone(),
        user: identity.user.clone(),
        user_name: identity.user_name.clone(),
        address: origin.address.to_string(),
        client_request_id: origin.client_request_id.clone(),
    }
}
