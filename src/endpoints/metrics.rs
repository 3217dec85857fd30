//! `/metrics`, on a listener of its own: what the server counts, for Prometheus. Needs no token.

use crate::error::{Error, Result};
use crate::message::{Method, Request, Response};
use crate::metrics::{CONTENT_TYPE, Exposition};
use crate::respond;
use crate::service::Service;

/// The reply to a request that came to the listener of the metrics.
pub(super) fn answer(service: &Service, request: &Request) -> Response {
    let reply = page(service, request);
    reply.unwrap_or_else(|error| respond::error(request, &error))
}

fn page(service: &Service, request: &Request) -> Result<Response> {
    if request.path != "/metrics" {
        return Err(Error::NotFound);
    }
    if request.method != Method::Get {
        return Err(Error::MethodNotAllowed { allow: Method::Get.names().into() });
    }
    let mut page = Exposition::default();
    service.requests.expose(&mut page);
    service.store.expose(&mut page);
    service.issuers.expose(&mut page);
    if let Some(sign_in) = &service.sign_in {
        sign_in.sign_ins.expose(&mut page);
    }
    if let Some(certificate) = &service.certificate {
        certificate.expose(&mut page);
    }
    service.process.expose(&mut page);
    let headers = vec![("Content-Type".into(), CONTENT_TYPE.to_owned())];
    Ok(Response { status: 200, headers, body: page.text().into() })
}
