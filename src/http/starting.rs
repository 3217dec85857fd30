//! Requests that come while the server starts. A check of health is answered at once; every other request
//! waits for the service.

use actix_web::{HttpRequest, HttpResponse};
use strict_http1::AfterReply;
use tokio::time::sleep;

use super::handler::{AppData, finish, request};
use super::limits::SERVICE_TIMEOUT;
use crate::endpoints;
use crate::error::Error;
use crate::respond;
use crate::service::Service;

/// The service, once it is there, or else the reply. The body has not been received, so the reply closes the
/// connection.
pub(super) async fn wait<'a>(
    head: &HttpRequest,
    app: &'a AppData,
) -> Result<&'a Service, HttpResponse> {
    let request = request(head, app, None);
    let response = match endpoints::answer_while_starting(&request) {
        Some(response) => response,
        None => tokio::select! {
            service = app.service.wait() => return Ok(service),
            () = sleep(SERVICE_TIMEOUT) => respond::error(&request, &Error::Starting),
            () = app.stopping.notified() => respond::error(&request, &Error::Starting),
        },
    };
    Err(finish(head, app, &request, response, AfterReply::Close))
}
