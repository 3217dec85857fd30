//! The resources of the API: one request from its operation to its reply. This is the page to read
//! first; each line is a room of its own.

use std::borrow::Cow;
use std::sync::Arc;

use super::timing::Timing;
use crate::auth::{self, Authorized, Caller};
use crate::error::Result;
use crate::headers::{self, ReplyFormat, Wishes};
use crate::message::{Request, Response};
use crate::metrics::Stage;
use crate::model::permission::Profile;
use crate::model::{API_VERSION, Edm, Surface};
use crate::odata::Options;
use crate::plan::{self, Operation, Parameters};
use crate::respond;
use crate::service::Service;
use crate::store::{IdempotentReply, Outcome};
use crate::twin::{Overrides, Quirk};

/// The reply to a caller who asks for an operation.
pub(super) async fn answer(
    service: &Service,
    profile: Profile,
    caller: &Caller,
    request: &Request,
    operation: Operation,
    overrides: Option<&Overrides>,
) -> Result<Response> {
    let mut timing = Timing::start(service.store.stages(), request);
    let permitted = auth::permit(profile, caller, operation)?;
    let parameters = parameters(request, permitted.operation(), service.surface, overrides)?;
    let token_key = match &parameters.options.skip_token {
        Some(token) => service.store.key_of_page_token(caller.tenant(), token).await?,
        None => Vec::new(),
    };
    let parameters = Parameters { token_key: &token_key, ..parameters };
    let plan = plan::make(permitted.operation(), parameters)?;
    let authorized = Arc::new(permitted.authorize(plan, request)?);
    let plan = authorized.plan();
    timing.end("plan", Some(Stage::Plan));
    let reply = |outcome| respond::success(request, plan, outcome);
    if let Some(overrides) = overrides
        && let Some(outcome) = Box::pin(overridden(service, &authorized, overrides)).await
    {
        return Ok(reply(outcome?));
    }
    let mut response = match plan.idempotency_key() {
        None => {
            let outcome = service.store.run(&authorized).await?;
            timing.end("store", None);
            let response = reply(outcome);
            timing.end("reply", Some(Stage::Reply));
            response
        }
        Some(key) => {
            // The reply is made and stored in the transaction.
            let reply = service.store.run_idempotent(&authorized, key, reply).await?;
            timing.end("store", None);
            match reply {
                IdempotentReply::New(response) => response,
                IdempotentReply::Replayed(response) => respond::replayed(response),
            }
        }
    };
    timing.show(&mut response);
    Ok(response)
}

/// The outcome of a plan that the test twin runs differently, if it does.
async fn overridden(
    service: &Service,
    authorized: &Authorized,
    overrides: &Overrides,
) -> Option<Result<Outcome>> {
    match (&overrides.past, authorized.plan().operation().is_read()) {
        (_, false) if overrides.rolls_back => Some(service.store.rehearse(authorized).await),
        (Some(past), true) => service.store.read_past(past, authorized).await,
        _ => None,
    }
}

/// Changes the options as a quirk of Graph does. The client's own text stays in links.
fn apply(quirk: Quirk, operation: &Operation, options: &mut Options) {
    match quirk {
        Quirk::IgnoreFilter => options.filter = None,
        Quirk::IgnoreOrderBy => options.order_by = None,
        Quirk::FirstPage(most) => {
            if matches!(operation, Operation::List(_)) && options.skip_token.is_none() {
                options.top = Some(options.top.map_or(most, |top| top.min(most)));
            }
        }
        Quirk::NoNextLink | Quirk::NoRetryAfter | Quirk::Innererror | Quirk::NullsLeftOut => {}
    }
}

/// The options, headers and body of a request.
fn parameters<'a>(
    request: &'a Request,
    operation: &Operation,
    surface: Surface,
    overrides: Option<&Overrides>,
) -> Result<Parameters<'a>> {
    let mut options = Options::parse(&request.query)?;
    if let Some(quirk) = overrides.and_then(|overrides| overrides.quirk) {
        apply(quirk, operation, &mut options);
    }
    let format = match operation {
        Operation::GetRawValue(_, property) if matches!(property.edm, Edm::Binary) => {
            ReplyFormat::Bytes
        }
        Operation::Count(_) | Operation::GetRawValue(..) => ReplyFormat::Text,
        _ => ReplyFormat::Json,
    };
    let wishes = Wishes::read(&request.headers, options.format.as_deref(), format)?;
    let body = match operation.has_body() {
        true => headers::json_charset(&request.headers)?.decode(&request.body)?,
        false => Cow::Borrowed(""),
    };
    Ok(Parameters {
        options,
        wishes,
        body,
        root: format!("{}/{API_VERSION}", request.base),
        now: request.clock.now(),
        clock: &request.clock,
        keeps_ids: false,
        token_key: &[],
        surface,
    })
}
