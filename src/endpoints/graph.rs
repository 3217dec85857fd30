//! One request through the service: the whole program on one page. Knows HTTP as data, not as a
//! framework; `http` and whoever else has a request call [`Service::answer`].

use std::sync::Arc;

use chrono::Utc;

use crate::auth::{self, Issuers};
use crate::endpoints::describe;
use crate::error::Result;
use crate::message::{Method, Request, Response};
use crate::model::permission::Profile;
use crate::odata::Path;
use crate::store::{Once, Store};
use crate::{plan, respond};

/// What answering takes.
pub struct Service {
    /// Whose tokens are trusted.
    pub issuers: Issuers,
    /// Which permissions they must hold.
    pub profile: Profile,
    /// Where everything is kept.
    pub store: Store,
}

impl Service {
    /// The reply to a request, whatever it is.
    pub async fn answer(&self, request: &Request) -> Response {
        match self.attempt(request).await {
            Ok(response) => response,
            Err(error) => respond::error(request, &error),
        }
    }

    async fn attempt(&self, request: &Request) -> Result<Response> {
        if let Some(description) = describe::answer(request)? {
            return Ok(description);
        }
        if request.method == Method::Options {
            // It has no address; the error says what has. `$metadata` says as much to anyone.
            plan::address(&Path::parse(&request.path)?, request.method)?;
        }
        let caller = self.issuers.caller(&request.headers).await?;
        tracing::debug!(id = %request.id, tenant = %caller.tenant, "permits a token");
        let path = Path::parse(&request.path)?;
        let addressed = plan::address(&path, request.method)?;
        let permitted = auth::permit(self.profile, &caller, addressed)?;
        let key = self.store.token_key(caller.tenant);
        let plan =
            permitted.try_map(|addressed| plan::make(addressed, request, Utc::now(), &key))?;
        let plan = Arc::new(auth::permit_reads(self.profile, &caller, plan)?);
        let reply = |outcome| respond::success(request, plan.what(), outcome);
        let Some(key) = &plan.what().idempotency_key else {
            return Ok(reply(self.store.run(&plan).await?));
        };
        Ok(match self.store.run_once(&plan, key, reply).await? {
            Once::Done(response) => response,
            Once::Replayed(response) => respond::replayed(response),
        })
    }
}
