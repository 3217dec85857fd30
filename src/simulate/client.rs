//! Sends requests until they are answered: tokens, retries, measurements. The content of a request
//! never changes by a retry.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::Failure;
use super::connection::{Connection, Reply, Target};
use super::meter::Meter;
use super::random::Stream;
use super::requests::{Call, Kind};
use super::token::Tokens;

const PREFER: HeaderName = HeaderName::from_static("prefer");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Creates what does not exist, and does not return what was sent.
const UPSERT: HeaderValue = HeaderValue::from_static("create-if-missing, return=minimal");
/// The longest pause before a retry, in seconds, where the server asks for none.
const LONGEST_PAUSE: f64 = 60.0;
/// The longest pause that a server may ask for, in seconds.
const LONGEST_RETRY_AFTER: u64 = 300;
/// After this time without a useful reply, a request is given up.
const GIVE_UP: Duration = Duration::from_secs(15 * 60);

/// A client of one server.
pub(super) struct Client {
    pub(super) target: Arc<Target>,
    pub(super) tokens: Tokens,
    pub(super) meter: RefCell<Meter>,
    /// Cancelled when the user asks to stop.
    pub(super) stop: CancellationToken,
    pub(super) seed: u64,
    pub(super) keeps_going: bool,
    /// Why the latest request has to be sent again, until one is carried out.
    pub(super) obstacle: RefCell<Option<String>>,
}

/// How a request ended.
pub(super) enum Sent {
    /// It was carried out.
    Done(Reply),
    /// It was refused, and the simulation goes on.
    Refused,
    /// The user asked to stop before there was a reply.
    Stopped,
}

/// The form of errors in Graph.
#[derive(Deserialize)]
struct GraphError {
    error: ErrorBody,
}

#[derive(Deserialize)]
struct ErrorBody {
    code: String,
    message: String,
}

impl Client {
    pub(super) fn connection(&self) -> Connection {
        Connection::new(&self.target)
    }

    /// Sends a request until there is a reply that says whether it was carried out. The latency of a
    /// report counts from `since`.
    pub(super) async fn send(
        &self,
        connection: &mut Connection,
        call: &Call,
        since: Instant,
    ) -> Result<Sent, Failure> {
        let mut pauses = None;
        let mut next_pause = |attempt| {
            let new = || Stream::new(self.seed, "pause", &call.path, &[]);
            pause(attempt, pauses.get_or_insert_with(new))
        };
        let (start, mut attempt, mut has_renewed) = (Instant::now(), 0, false);
        loop {
            if self.stop.is_cancelled() {
                return Ok(Sent::Stopped);
            }
            let header = self.tokens.header().await?;
            let (pause, problem) = match self.try_once(connection, call, &header).await {
                Ok(reply) => match reply.status {
                    200..300 => {
                        self.obstacle.take();
                        if call.kind == Kind::Report {
                            self.meter.borrow_mut().latency(since.elapsed());
                        }
                        return Ok(Sent::Done(reply));
                    }
                    404 if call.method == "DELETE" => return Ok(Sent::Done(reply)),
                    401 if !has_renewed && self.tokens.expire(&header) => {
                        has_renewed = true;
                        (Duration::ZERO, refusal(call, &reply))
                    }
                    429 | 502..=504 => {
                        let is_asked = matches!(reply.status, 429 | 503);
                        self.meter.borrow_mut().waits += u64::from(is_asked);
                        self.obstacle.replace(Some(format!("the server answers {}", reply.status)));
                        let pause = retry_after(&reply).unwrap_or_else(|| next_pause(attempt));
                        (pause, refusal(call, &reply))
                    }
                    _ if self.keeps_going => {
                        self.meter.borrow_mut().refused += 1;
                        return Ok(Sent::Refused);
                    }
                    _ => return Err(Failure::Refused(refusal(call, &reply))),
                },
                Err(error) => {
                    self.meter.borrow_mut().broken += 1;
                    let problem = root(&*error).to_string();
                    self.obstacle.replace(Some(problem.clone()));
                    (next_pause(attempt), problem)
                }
            };
            if start.elapsed() > GIVE_UP {
                let minutes = GIVE_UP.as_secs() / 60;
                let problem = format!("no useful answer for {minutes} minutes: {problem}");
                return Err(Failure::Unfinished(problem));
            }
            attempt += 1;
            self.meter.borrow_mut().retries += 1;
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Sends a request once. The first one of a simulation has no retries.
    pub(super) async fn try_once(
        &self,
        connection: &mut Connection,
        call: &Call,
        authorization: &HeaderValue,
    ) -> Result<Reply, super::connection::ConnectionError> {
        let mut headers = HeaderMap::with_capacity(6);
        headers.insert(AUTHORIZATION, authorization.clone());
        let body = call.body.clone().map(Bytes::from);
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if call.method == "PATCH" {
            headers.insert(PREFER, UPSERT);
        }
        if let Some(key) = call.idempotency_key.and_then(|key| key.to_string().parse().ok()) {
            headers.insert(IDEMPOTENCY_KEY, key);
        }
        let body = body.unwrap_or_default();
        let sent = call.path.len() + body.len();
        let reply = connection.exchange(call.method, &call.path, headers, body).await?;
        self.meter.borrow_mut().reply(call.kind, reply.status, sent, reply.body.len());
        Ok(reply)
    }

    /// The path of an absolute link of the server, with its query.
    pub(super) fn path_of(&self, link: &str) -> String {
        let after_host = link.split_once("://").map_or(link, |(_, rest)| rest);
        let path = after_host.find('/').map_or("/", |start| &after_host[start..]);
        path.strip_prefix(&self.target.prefix).unwrap_or(path).to_owned()
    }

    /// Asks the server for one script, so that one that cannot be used is known before the work begins.
    pub(super) async fn check(&self, server: &str) -> Result<(), Failure> {
        let call = Call::get(format!("{}/deviceManagementScripts?$top=1", super::requests::ROOT));
        let header = self.tokens.header().await?;
        let mut connection = self.connection();
        let reply = self.try_once(&mut connection, &call, &header).await;
        let reply = reply.map_err(|error| {
            Failure::Refused(format!(
                "cannot reach {server}: {}. Start the server first.",
                root(&*error)
            ))
        })?;
        match reply.status {
            200..300 | 429 | 503 => Ok(()),
            401 => Err(Failure::Refused(format!(
                "{server} does not accept the token (401). Use the server's data directory, or set \
                 --token."
            ))),
            _ => Err(Failure::Refused(refusal(&call, &reply))),
        }
    }
}

/// The pause before a retry: 1, 2, 4 … seconds, each with a spread, so that devices do not come
/// back all at once.
fn pause(attempt: u32, stream: &mut Stream) -> Duration {
    let seconds = f64::from(1_u32 << attempt.min(6)).min(LONGEST_PAUSE);
    Duration::from_secs_f64(seconds * stream.between(0.5, 1.0))
}

fn retry_after(reply: &Reply) -> Option<Duration> {
    let seconds = reply.headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse::<u64>().ok()?;
    Some(Duration::from_secs(seconds.min(LONGEST_RETRY_AFTER)))
}

/// Why a request was refused, in a line.
fn refusal(call: &Call, reply: &Reply) -> String {
    let path = call.path.split('?').next().unwrap_or_default();
    let why = match serde_json::from_slice::<GraphError>(&reply.body) {
        Ok(GraphError { error }) => format!("{}: {}", error.code, error.message),
        Err(_) => "the reply is not an error of Graph".to_owned(),
    };
    let why = why.lines().next().unwrap_or_default();
    format!("{} {path} was refused with {}: {why}", call.method, reply.status)
}

/// The innermost cause, which says what the system said.
fn root<'e>(error: &'e (dyn std::error::Error + 'static)) -> &'e (dyn std::error::Error + 'static) {
    error.source().map_or(error, root)
}
