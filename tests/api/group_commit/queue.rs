//! Writes that are passed to the service without HTTP, so that a test knows when each is in the queue,
//! and transactions that block the statements before them.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use runstate::clock::Clock;
use runstate::endpoints;
use runstate::message::{Method, NO_ADDRESS, Request, Response};
use runstate::service::Service;
use serde_json::{Value as Json, json};
use sqlx::{Executor, PgConnection};
use uuid::Uuid;

use crate::harness::{Server, WRITE_SCOPE, user};

/// A client that reports run states to the service.
pub(super) struct Queue {
    service: Arc<Service>,
    bearer: String,
}

/// A write that has started. Dropping it cancels it, as when a client disconnects.
pub(super) struct Write {
    /// The reply, if there was one without waiting.
    pub(super) at_once: Option<Response>,
    rest: Pin<Box<dyn Future<Output = Response>>>,
}

impl Queue {
    pub(super) fn of(server: &Server) -> Self {
        let token = server.token(&user(server.tenant(), &[WRITE_SCOPE]));
        Self { service: server.service(), bearer: format!("Bearer {token}") }
    }

    /// Starts to create a run state with this id below a script or a user state.
    pub(super) async fn create(&self, parent: &str, id: &str) -> Write {
        self.create_with(parent, json!({ "id": id, "runState": "success" })).await
    }

    pub(super) async fn create_with(&self, parent: &str, body: Json) -> Write {
        self.send(Method::Post, format!("{parent}/deviceRunStates"), &[], body).await
    }

    /// Starts to change a run state, or to create it, below a script or a user state.
    pub(super) async fn upsert(&self, parent: &str, id: &str, body: Json) -> Write {
        let prefer = [("prefer", "create-if-missing")];
        self.send(Method::Patch, format!("{parent}/deviceRunStates/{id}"), &prefer, body).await
    }

    /// Like [`Queue::upsert`], for a reply without the entity.
    pub(super) async fn upsert_minimal(&self, parent: &str, id: &str, body: Json) -> Write {
        let prefer = [("prefer", "create-if-missing, return=minimal")];
        self.send(Method::Patch, format!("{parent}/deviceRunStates/{id}"), &prefer, body).await
    }

    /// Starts to change a run state that exists and has this tag.
    pub(super) async fn update_if(&self, parent: &str, id: &str, tag: &str, body: Json) -> Write {
        let condition = [("if-match", tag)];
        self.send(Method::Patch, format!("{parent}/deviceRunStates/{id}"), &condition, body).await
    }

    async fn send(
        &self,
        method: Method,
        path: String,
        headers: &[(&str, &str)],
        body: Json,
    ) -> Write {
        let (service, id) = (Arc::clone(&self.service), Uuid::new_v4());
        let token = [("authorization", &*self.bearer), ("content-type", "application/json")];
        let request = Request {
            id,
            client_id: id.to_string(),
            method,
            path,
            query: String::new(),
            headers: token.iter().chain(headers).copied().collect(),
            body: body.to_string().into(),
            base: "http://localhost".into(),
            address: NO_ADDRESS,
            item: None,
            clock: Clock::Real,
        };
        let mut rest: Pin<Box<dyn Future<Output = Response>>> =
            Box::pin(async move { endpoints::answer(&service, &request).await });
        let at_once = std::future::poll_fn(|context| {
            Poll::Ready(match rest.as_mut().poll(context) {
                Poll::Ready(response) => Some(response),
                Poll::Pending => None,
            })
        });
        Write { at_once: at_once.await, rest }
    }
}

/// Wakes nobody, and panics the first time.
#[derive(Default)]
struct PanicOnce(AtomicBool);

impl Wake for PanicOnce {
    fn wake(self: Arc<Self>) {
        assert!(self.0.swap(true, Ordering::Relaxed), "a panic of the task that sends the result");
    }
}

impl Write {
    /// Lets the task that sends the result panic. The write must be waiting.
    pub(super) async fn panic_when_answered(&mut self) {
        // With a budget that is used up, the poll would wake its own task.
        tokio::task::yield_now().await;
        let waker = Waker::from(Arc::new(PanicOnce::default()));
        assert!(self.rest.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }

    pub(super) async fn answer(self) -> Response {
        match self.at_once {
            Some(response) => response,
            None => self.rest.await,
        }
    }

    pub(super) async fn status(self) -> u16 {
        self.answer().await.status
    }
}

pub(super) fn retry_after(response: &Response) -> Option<&str> {
    let name = |(name, _): &&(_, String)| *name == "Retry-After";
    response.headers.iter().find(name).map(|(_, value)| &**value)
}

/// A transaction that blocks every write below a script until the value is dropped.
pub(super) async fn hold(server: &Server, script: &str) -> PgConnection {
    let mut database = server.database().await;
    database.execute("BEGIN").await.unwrap();
    let id = script.rsplit('/').next().unwrap();
    let lock = "SELECT FROM script WHERE id = $1::uuid FOR UPDATE";
    sqlx::query(lock).bind(id).execute(&mut database).await.unwrap();
    database
}

/// Which of these run states exist, and the number of transactions that wrote them.
pub(super) async fn written(database: &mut PgConnection, ids: &[&str]) -> (Vec<String>, i64) {
    let rows = "SELECT coalesce(array_agg(id ORDER BY id), '{}'), count(DISTINCT xmin::text) \
                FROM device_state WHERE id = ANY($1)";
    sqlx::query_as(rows).bind(ids).fetch_one(database).await.unwrap()
}

/// A transaction that blocks every write of one run state until the value is dropped.
pub(super) async fn hold_state(server: &Server, id: &str) -> PgConnection {
    let mut database = server.database().await;
    database.execute("BEGIN").await.unwrap();
    let lock = "SELECT FROM device_state WHERE id = $1 FOR UPDATE";
    sqlx::query(lock).bind(id).execute(&mut database).await.unwrap();
    database
}
