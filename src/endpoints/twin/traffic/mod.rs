//! The request of a client of a tenant that the twin made: recorded, throttled, and hit by a rule.
//! Carries out all that a fault does, except for the bytes of the reply, which `http` sends.

mod call;
mod reply;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::sleep;

use crate::auth::{self, Caller};
use crate::endpoints;
use crate::error::{Error, Result, TwinReason};
use crate::message::{Body, Delivery, Request, Response};
use crate::respond;
use crate::route::ProtectedTarget;
use crate::service::Service;
use crate::twin::limits::{MAX_STALE, MAX_STALE_TENANTS};
use crate::twin::{
    Call, Ending, Fault, Hit, Loss, Overrides, Place, Sender, Tenant, Twin, fault_of_header,
    may_happen,
};

/// The header by which a request asks for a fault, where the tenant allows it.
const FAULT_HEADER: &str = "x-runstate-fault";

/// A request, and where it belongs.
pub(in crate::endpoints) struct TenantRequest<'a> {
    pub(in crate::endpoints) service: &'a Service,
    pub(in crate::endpoints) twin: &'a Twin,
    pub(in crate::endpoints) tenant: &'a Tenant,
    pub(in crate::endpoints) caller: &'a Caller,
    pub(in crate::endpoints) request: &'a Request,
    pub(in crate::endpoints) target: &'a Result<ProtectedTarget>,
}

impl TenantRequest<'_> {
    /// The reply to the request.
    pub(in crate::endpoints) async fn answer(&self) -> Response {
        let Self { tenant, caller, request, target, .. } = self;
        let traffic = tenant.traffic();
        let call = call(call::sender(caller, request), tenant, request, target);
        let records = tenant.settings().records;
        let number =
            records.then(|| traffic.record().begin(request.id, Arc::clone(&call), tenant.now()));
        let mut ending = Ending::default();
        let is_batch = call::is_batch(request, target);
        let response = match self.choose(&call) {
            Ok(hit) => {
                ending.rule =
                    hit.as_ref().map(|it| it.rule.clone().unwrap_or_else(|| "header".into()));
                let counted = if is_batch { None } else { Some(&*call) };
                self.carry_out(hit.as_ref(), counted, &mut ending).await
            }
            Err(error) => respond::error(request, &error),
        };
        if let Some(number) = number {
            reply::describe(&response, &mut ending);
            traffic.record().end(number, ending, tenant.now());
        }
        response
    }

    /// The fault of the request: that of its header, else that of the first rule that holds.
    fn choose(&self, call: &Call) -> Result<Option<Hit>> {
        let asked = call.header(FAULT_HEADER).filter(|_| self.tenant.settings().header_faults);
        let Some(asked) = asked else { return Ok(self.tenant.traffic().rules().hit(call)) };
        let fault = fault_of_header(asked)?;
        match may_happen(&fault, call) {
            true => Ok(Some(Hit { rule: None, fault, random: 0.0 })),
            false => {
                let (name, found) = ("X-Runstate-Fault".into(), format!("'{asked}'"));
                let expected = "a fault that can happen to this request".into();
                Err(TwinReason::Member { name, found, expected }.into())
            }
        }
    }

    /// Answers the request with what the fault does before, instead of and after that. `counted` is
    /// the call if the throttle counts it.
    async fn carry_out(
        &self,
        hit: Option<&Hit>,
        counted: Option<&Call>,
        ending: &mut Ending,
    ) -> Response {
        let Self { tenant, request, .. } = self;
        let fault = hit.map(|hit| &hit.fault);
        match fault {
            Some(Fault::Status(fault)) => return reply::status(request, fault),
            Some(Fault::Throttle { retry_after, form }) => {
                let retry_after = form.write(*retry_after, tenant.now());
                return respond::error(request, &Error::Throttled { retry_after });
            }
            Some(Fault::Refuse) => return reply::refused(),
            _ => {}
        }
        self.wait(hit, Place::Before).await;
        let refused = counted.map(|call| tenant.traffic().throttle().count(call, tenant.now()));
        let response = match refused {
            Some(Err(refusal)) => {
                ending.is_early = refusal.is_early;
                let retry_after = refusal.retry_after;
                respond::error(request, &Error::Throttled { retry_after })
            }
            _ => self.serve(fault).await,
        };
        self.wait(hit, Place::After).await;
        match fault {
            Some(Fault::LostReply(loss)) => reply::broken(
                response,
                match loss {
                    Loss::Close => Delivery::Close,
                    Loss::Reset => Delivery::Reset,
                    Loss::Timeout => Delivery::Silence,
                },
            ),
            Some(Fault::Cut(cut)) => reply::cut(response, *cut),
            Some(Fault::Drip { bytes_per_second }) => {
                reply::broken(response, Delivery::Drip(*bytes_per_second))
            }
            Some(fault) => reply::rewritten(response, fault),
            None => response,
        }
    }

    /// Lets the service answer; twice, from an older moment or without storing anything, as the fault
    /// says.
    async fn serve(&self, fault: Option<&Fault>) -> Response {
        let overrides = || Overrides {
            quirk: fault.and_then(|fault| match fault {
                Fault::Quirk(quirk) => Some(*quirk),
                _ => None,
            }),
            rolls_back: matches!(fault, Some(Fault::Pretend)),
            past: self.tenant.traffic().past(self.tenant.now()),
        };
        let served = async {
            if let Some(Fault::Stale(length)) = fault {
                self.keep_present(*length).await?;
            }
            let response = self.serve_once(&overrides()).await;
            if matches!(fault, Some(Fault::Twice)) && response.is_ok() {
                self.serve_once(&overrides()).await?;
            }
            response
        };
        Box::pin(served).await.unwrap_or_else(|error| respond::error(self.request, &error))
    }

    /// Lets the service answer as without a twin, but for what is different.
    async fn serve_once(&self, overrides: &Overrides) -> Result<Response> {
        let Self { service, tenant, caller, request, target, .. } = self;
        let target = (*target).clone();
        endpoints::serve_tenant(service, tenant, caller, request, target, overrides).await
    }

    /// Reads see the tenant as it is now, for some time of its clock.
    async fn keep_present(&self, length: Duration) -> Result<()> {
        let Self { service, twin, tenant, .. } = self;
        tenant.traffic().show_present();
        let permit = Arc::clone(&twin.stale_tenants).try_acquire_owned();
        let permit = permit.map_err(|_| TwinReason::StaleFull { limit: MAX_STALE_TENANTS })?;
        let past = service.store.keep_present(tenant.id, MAX_STALE, permit).await?;
        let length = TimeDelta::from_std(length).unwrap_or_default();
        tenant.traffic().show_past(past, tenant.now() + length);
        Ok(())
    }

    /// The delay of a fault, if it has one at this place.
    async fn wait(&self, hit: Option<&Hit>, here: Place) {
        let Some(Hit { fault: Fault::Delay { place, length, jitter }, random, .. }) = hit else {
            return;
        };
        if *place == here {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the product is below the jitter, which is a small whole number"
            )]
            let more = (*jitter as f64 * random) as u64;
            sleep(Duration::from_millis(length + more)).await;
        }
    }
}

/// The reply to a request whose token is refused. If the token names a tenant that the twin made, the
/// request is in its record.
pub(in crate::endpoints) fn refuse(
    service: &Service,
    request: &Request,
    target: &Result<ProtectedTarget>,
    error: &Error,
) -> Response {
    let response = respond::error(request, error);
    let named = auth::unverified_tenant(&request.headers);
    let twin = service.twin.as_ref();
    let tenant = twin.zip(named).and_then(|(twin, id)| twin.admit(id).ok().flatten());
    if let Some(tenant) = tenant.filter(|tenant| tenant.settings().records) {
        let call = call(Sender::default(), &tenant, request, target);
        let mut ending = Ending::default();
        reply::describe(&response, &mut ending);
        let mut record = tenant.traffic().record();
        let number = record.begin(request.id, call, tenant.now());
        record.end(number, ending, tenant.now());
    }
    response
}

/// A request of a sender in the words of rules and of the record.
fn call(
    sender: Sender,
    tenant: &Tenant,
    request: &Request,
    target: &Result<ProtectedTarget>,
) -> Arc<Call> {
    let number = |batch| tenant.traffic().record().number(batch).unwrap_or(0);
    let batch = request.item.as_ref().map(|item| number(item.batch));
    Arc::new(call::call(sender, request, target, batch))
}

/// Whether a reply has a body that is sent as a whole.
fn is_whole(response: &Response) -> bool {
    matches!(response.body, Body::Whole(_))
}
