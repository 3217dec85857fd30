//! A server on `actix-http` behind a strict stream: a greeting on `/`, the time once a second for two
//! minutes on `/clock`, and refusals in its own words.
//!
//! `cargo run -p strict-http1 --example hello` serves on 127.0.0.1:8080; another address can be
//! given as an argument.

use std::convert::Infallible;
use std::error::Error;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_http::body::{BodyStream, BoxBody, MessageBody};
use actix_http::{HttpService, Protocol, Request, Response, StatusCode};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, fn_service};
use bytes::Bytes;
use futures_util::stream;
use strict_http1::{AfterReply, Connection, Refusal, Settings, StrictStream, UnfinishedReply};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;

/// How many lines `/clock` sends.
const TICKS: u32 = 120;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("Listening on http://{}", listener.local_addr()?);
    // actix-http runs on one thread.
    LocalSet::new().run_until(serve(listener)).await
}

async fn serve(listener: TcpListener) -> Result<(), Box<dyn Error>> {
    let service = HttpService::build()
        // The strict stream has all timeouts.
        .client_request_timeout(Duration::ZERO)
        .client_disconnect_timeout(Duration::ZERO)
        .on_connect_ext(|stream: &StrictStream<TcpStream>, data| {
            data.insert(stream.connection());
        })
        .finish(fn_service(answer).into_factory())
        .new_service(())
        .await
        .map_err(|()| "the service cannot be made")?;
    let service = Rc::new(service);
    loop {
        let (socket, peer) = listener.accept().await?;
        let stream = StrictStream::new(socket, Settings::default());
        let service = Rc::clone(&service);
        tokio::task::spawn_local(async move {
            if let Err(error) = service.call((stream, Protocol::Http1, Some(peer))).await {
                println!("{peer}: {error}");
            }
        });
    }
}

async fn answer(request: Request) -> Result<Response<BoxBody>, Infallible> {
    let Some(connection) = request.conn_data::<Arc<Connection>>() else {
        return Ok(Response::internal_server_error());
    };
    Ok(match (connection.take_refusal(), request.path()) {
        (Some(refusal), _) => {
            let text = format!("{refusal}\n");
            let mut response = text_response(status(&refusal), text, connection, AfterReply::Close);
            response.head_mut().set_connection_type(actix_http::ConnectionType::Close);
            response
        }
        (None, "/clock") => {
            let unfinished = connection.unfinished_reply(AfterReply::KeepAlive);
            Response::with_body(StatusCode::OK, clock(unfinished))
        }
        (None, _) => {
            text_response(StatusCode::OK, "Hello\n".to_owned(), connection, AfterReply::KeepAlive)
        }
    })
}

/// A reply of one piece: finished as soon as the server has it.
fn text_response(
    status: StatusCode,
    text: String,
    connection: &Connection,
    after: AfterReply,
) -> Response<BoxBody> {
    connection.finish_reply(after);
    Response::with_body(status, BoxBody::new(text))
}

/// A line each second. The stream owns the unfinished reply, which is finished when it ends.
fn clock(unfinished: UnfinishedReply) -> BoxBody {
    let lines = stream::unfold((0, unfinished), async |(tick, unfinished)| {
        if tick == TICKS {
            return None;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let line = Bytes::from(format!("{}\n", now.as_secs()));
        Some((Ok::<_, Infallible>(line), (tick + 1, unfinished)))
    });
    BodyStream::new(Box::pin(lines)).boxed()
}

fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Malformed(_) => StatusCode::BAD_REQUEST,
        Refusal::Timeout => StatusCode::REQUEST_TIMEOUT,
        Refusal::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::TargetTooLong { .. } => StatusCode::URI_TOO_LONG,
        Refusal::UnknownExpectation => StatusCode::EXPECTATION_FAILED,
        Refusal::HeadersTooLarge(_) => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    }
}
