//! Writes that are rolled back: the outcome is that of a write, and nothing is stored. For the test
//! twin, which answers writes that it did not make.

use super::outcome::Outcome;
use super::{Store, transaction};
use crate::auth::Authorized;
use crate::database::DEADLINE;
use crate::error::{Error, Result};
use crate::sql::{self, Query};

impl Store {
    /// Runs a plan and rolls it back.
    ///
    /// # Errors
    /// As [`Store::run`].
    pub async fn rehearse(&self, authorized: &Authorized) -> Result<Outcome> {
        let rehearsal = Box::pin(self.rehearse_once(authorized));
        let outcome = self.connections.with_timeout(DEADLINE, rehearsal).await?;
        Ok(outcome.signed(&self.token_key(authorized.tenant())))
    }

    async fn rehearse_once(&self, authorized: &Authorized) -> Result<Outcome> {
        let (tenant, plan) = (authorized.tenant(), authorized.plan());
        let outcome = self.roll_back(authorized, sql::query(tenant, plan)).await;
        let outcome = match (outcome, sql::create_of_upsert(tenant, plan)) {
            (Err(Error::NotFound), Some(create)) => self.roll_back(authorized, create).await,
            (outcome, _) => outcome,
        };
        self.explained(authorized, outcome).await
    }

    async fn roll_back(&self, authorized: &Authorized, query: Query) -> Result<Outcome> {
        let mut session = self.connections.session(authorized.tenant()).await?;
        let actor = authorized.actor();
        let run =
            async |connection: &mut _| transaction::run_uncommitted(connection, query, actor).await;
        session.rolled_back(run).await
    }
}
