//! A request → its plan and its statements, as the server makes them, at a fixed time and without a
//! database.

use chrono::{DateTime, Utc};
use runstate::clock::Clock;
use runstate::headers::{ReplyFormat, Wishes};
use runstate::message::{Headers, Method};
use runstate::model::Surface;
use runstate::odata::Options;
use runstate::plan::{self, Operation, Parameters, Plan};
use runstate::route::{Target, Task};
use runstate::sql::{self, Query};
use uuid::Uuid;

/// The tenant of all requests.
pub(crate) const TENANT: Uuid = Uuid::from_u128(0x11111111_1111_4111_8111_111111111111);
/// The scripts of the tenant, as a request of these tests addresses them.
pub(crate) const SCRIPTS: &str = "deviceManagementScripts";
/// A script.
pub(crate) const SCRIPT: &str = "deviceManagementScripts/22222222-2222-4222-8222-222222222222";
/// The key that signs page tokens.
pub(crate) const TOKEN_KEY: &[u8] = b"key";
const NOW: &str = "2026-01-02T03:04:05.678Z";
/// The part of all paths that the requests of these tests leave out.
const ROOT: &str = "/beta/deviceManagement/";

/// A request.
pub(crate) struct Request {
    pub(crate) method: &'static str,
    /// Path and query below [`ROOT`].
    pub(crate) target: String,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn get(target: impl Into<String>) -> Self {
        Self::new("GET", target, "")
    }

    pub(crate) fn post(target: impl Into<String>, body: &str) -> Self {
        Self::new("POST", target, body)
    }

    pub(crate) fn patch(target: impl Into<String>, body: &str) -> Self {
        Self::new("PATCH", target, body)
    }

    pub(crate) fn delete(target: impl Into<String>) -> Self {
        Self::new("DELETE", target, "")
    }

    fn new(method: &'static str, target: impl Into<String>, body: &str) -> Self {
        Self { method, target: target.into(), headers: Vec::new(), body: body.into() }
    }

    pub(crate) fn with(mut self, header: &'static str, value: &'static str) -> Self {
        self.headers.push((header, value));
        self
    }

    /// The plan.
    pub(crate) fn plan(&self) -> Plan {
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let operation = self.operation(path);
        let options = Options::parse(query).unwrap();
        let headers: Headers = self.headers.iter().copied().collect();
        let format = match operation {
            Operation::Count(_) | Operation::GetRawValue(..) => ReplyFormat::Text,
            _ => ReplyFormat::Json,
        };
        let wishes = Wishes::read(&headers, options.format.as_deref(), format).unwrap();
        let parameters = Parameters {
            options,
            wishes,
            body: self.body.as_str().into(),
            root: "http://localhost:8080/beta".into(),
            now: NOW.parse::<DateTime<Utc>>().unwrap(),
            clock: &Clock::Real,
            keeps_ids: false,
            token_key: TOKEN_KEY,
            surface: Surface::Extended,
        };
        plan::make(&operation, parameters).unwrap()
    }

    /// The statements.
    pub(crate) fn query(&self) -> Query {
        sql::query(TENANT, &self.plan())
    }

    fn operation(&self, path: &str) -> Operation {
        let path = format!("{ROOT}{path}");
        let Target::Protected(Ok(target)) = Target::of(&path) else { panic!("no target: {path}") };
        let method = match self.method {
            "GET" => Method::Get,
            "POST" => Method::Post,
            "PATCH" => Method::Patch,
            _ => Method::Delete,
        };
        match target.with(method).unwrap() {
            Task::Operation(operation) => operation,
            task => panic!("{path} is no resource: {task:?}"),
        }
    }
}
