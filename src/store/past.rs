//! Reads of an older moment: a transaction that was opened then, and stays open for a while. For the
//! test twin, which shows clients stale data.

use sqlx::postgres::PgConnection;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::outcome::Outcome;
use super::{Store, transaction};
use crate::auth::Authorized;
use crate::database::{DEADLINE, failure};
use crate::error::{Error, Result};
use crate::sql::{self, Query};

/// A moment of a tenant.
#[derive(Debug)]
pub struct Past(mpsc::Sender<Read>);

/// A query, and where its outcome goes.
type Read = (Query, oneshot::Sender<Result<Outcome>>);

impl Past {
    /// Whether the transaction has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.0.is_closed()
    }
}

impl Store {
    /// Keeps the present moment of a tenant readable, for some time at most, and no longer than the
    /// value lives. `permit` is given back then.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the database fails.
    pub async fn keep_present(
        &self,
        tenant: Uuid,
        most: Duration,
        permit: OwnedSemaphorePermit,
    ) -> Result<Past> {
        let (sender, mut reads) = mpsc::channel(1);
        let (begun, is_begun) = oneshot::channel();
        let connections = self.connections.clone();
        let end = Instant::now() + most;
        self.connections.spawn(async move {
            let _permit = permit;
            let mut session = match connections.session(tenant).await {
                Ok(session) => session,
                Err(error) => return drop(begun.send(Err(error))),
            };
            let mut begun = Some(begun);
            let ended = session.transaction(async |connection| {
                let ready = begin(connection).await;
                let is_ready = ready.is_ok();
                if let Some(begun) = begun.take() {
                    begun.send(ready).ok();
                }
                while is_ready && let Ok(Some(read)) = timeout_at(end, reads.recv()).await {
                    let (query, reply): Read = read;
                    let outcome = transaction::run_uncommitted(connection, query, None).await;
                    // After another error, the database refuses every statement of the transaction.
                    let is_usable = matches!(outcome, Ok(_) | Err(Error::NotFound));
                    reply.send(outcome).ok();
                    if !is_usable {
                        break;
                    }
                }
                Ok(())
            });
            if let Err(error) = ended.await {
                tracing::debug!(%error, "stale reads ended");
            }
        });
        let begun = async {
            let ended = |_| Error::Internal("the transaction of stale reads ended".into());
            is_begun.await.map_err(ended)?
        };
        self.connections.with_timeout(DEADLINE, begun).await?;
        Ok(Past(sender))
    }

    /// Runs a plan that reads, as it would have been run at an older moment. `None` if the moment is
    /// not kept any more.
    ///
    /// # Errors
    /// As [`Store::run`].
    pub async fn read_past(&self, past: &Past, authorized: &Authorized) -> Option<Result<Outcome>> {
        let query = sql::query(authorized.tenant(), authorized.plan());
        let (sender, outcome) = oneshot::channel();
        past.0.send((query, sender)).await.ok()?;
        let outcome = async { Ok(outcome.await.ok()) };
        let outcome = match self.connections.with_timeout(DEADLINE, outcome).await {
            Ok(outcome) => outcome?,
            Err(error) => Err(error),
        };
        Some(outcome.map(|it| it.signed(&self.token_key(authorized.tenant()))))
    }
}

/// Takes the moment that the transaction shows.
#[expect(clippy::disallowed_methods, reason = "constant texts, without a value of a client")]
async fn begin(connection: &mut PgConnection) -> Result<()> {
    let isolation = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";
    for text in [isolation, "SELECT 1"] {
        let done = sqlx::query(text).execute(&mut *connection).await;
        done.map_err(|error| failure::statement_error(&error))?;
    }
    Ok(())
}
