//! The actor of the changes in a transaction: session settings, which the triggers of
//! `migrations/0017_audit.sql` read.

use super::statement::{Cells, Statement, Writer};

/// The actor, as changes are recorded with it.
#[derive(Debug)]
pub struct ActorRow {
    /// Whether the actor is an application without a user.
    pub is_application: bool,
    /// The scopes or roles.
    pub permissions: Vec<String>,
    /// The id of the application.
    pub application: Option<String>,
    /// The name of the application.
    pub application_name: Option<String>,
    /// The id of the user.
    pub user: Option<String>,
    /// The name of the user.
    pub user_name: Option<String>,
    /// The IP address of the client.
    pub address: String,
    /// The client's id of the request.
    pub client_request_id: String,
}

/// Names the actor of all changes in the rest of the transaction.
#[must_use]
pub fn set_actor(actor: ActorRow) -> Statement {
    let mut writer = Writer::default();
    let is_application = writer.bind_one(Cells::Booleans(vec![Some(actor.is_application)]));
    let permissions = actor.permissions.into_iter().map(Some).collect();
    let permissions = writer.bind(Cells::Texts(permissions));
    let texts = [
        actor.application,
        actor.application_name,
        actor.user,
        actor.user_name,
        Some(actor.address),
    ];
    let texts = texts.map(|text| writer.bind_one(Cells::Texts(vec![text]))).join(", ");
    let request = writer.bind_text(&actor.client_request_id);
    writer.statement(format!(
        "SELECT set_config('runstate.actor', \
         actor_json({is_application}, {permissions}, {texts})::text, true), \
         set_config('runstate.request', {request}, true)"
    ))
}
