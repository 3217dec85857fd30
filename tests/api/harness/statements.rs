//! Statements that tests run directly on the database: those of a request, execution, plans, expected
//! errors, waiting for locks.

use std::time::{Duration, Instant};

use chrono::Utc;
use runstate::clock::Clock;
use runstate::headers::{ReplyFormat, Wishes};
use runstate::message::{Headers, Method};
use runstate::model::Surface;
use runstate::odata::Options;
use runstate::plan::{self, Operation, Parameters};
use runstate::route::{Target, Task};
use runstate::sql::{self, Bind, Cells, Query, Statement};
use serde_json::Value as Json;
#[expect(clippy::disallowed_types, reason = "the SQL of tests contains no input of clients")]
use sqlx::AssertSqlSafe;
use sqlx::{Executor, PgConnection, Row};
use uuid::Uuid;

/// The key that signs the page tokens of [`query`].
pub(crate) const TOKEN_KEY: &[u8] = b"key";
/// A statement must wait for its lock within this time.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The processes of this database that wait for a lock.
const BLOCKED: &str = "SELECT pid FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// The operation that a method asks of a path.
pub(crate) fn operation(method: Method, path: &str) -> Operation {
    let Target::Protected(Ok(target)) = Target::of(path) else { panic!("no target: {path}") };
    match target.with(method).unwrap() {
        Task::Operation(operation) => operation,
        task => panic!("{path} is no resource: {task:?}"),
    }
}

/// The statements that the service would run for an operation. The options are percent-encoded.
pub(crate) fn query(tenant: Uuid, operation: &Operation, options: &str, body: &str) -> Query {
    let parameters = Parameters {
        options: Options::parse(options).unwrap(),
        wishes: Wishes::read(&Headers::default(), None, ReplyFormat::Json).unwrap(),
        body: body.into(),
        root: String::new(),
        now: Utc::now(),
        clock: &Clock::Real,
        keeps_ids: false,
        token_key: TOKEN_KEY,
        surface: Surface::Extended,
    };
    sql::query(tenant, &plan::make(operation, parameters).unwrap())
}

/// Executes a statement.
pub(crate) async fn execute(database: &mut PgConnection, statement: String) {
    database.execute(AssertSqlSafe(statement)).await.unwrap();
}

/// Executes a statement as a prepared one. Returns what `EXPLAIN` says of its execution.
pub(crate) async fn explained(database: &mut PgConnection, statement: Statement) -> Json {
    let (types, values): (Vec<String>, Vec<String>) =
        statement.binds.into_iter().map(constant).unzip();
    let prepare = format!("PREPARE explained ({}) AS {}", types.join(", "), statement.text);
    let explain = format!(
        "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE explained ({})",
        values.join(", ")
    );
    execute(database, prepare).await;
    let explained = database.fetch_one(AssertSqlSafe(explain)).await.unwrap();
    execute(database, "DEALLOCATE explained".into()).await;
    let text: String = explained.try_get_unchecked(0).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The type and the value of a bind.
fn constant(Bind { cells, is_array }: Bind) -> (String, String) {
    fn texts<T: ToString>(cells: Vec<Option<T>>) -> Vec<Option<String>> {
        cells.into_iter().map(|cell| cell.map(|value| value.to_string())).collect()
    }
    let (of, cells) = match cells {
        Cells::Guids(cells) => ("uuid", texts(cells)),
        Cells::Texts(cells) => ("text", cells),
        Cells::Bigints(cells) => ("bigint", texts(cells)),
        others => panic!("no explained statement has {others:?}"),
    };
    let of_array = |cell: Option<String>| match cell {
        Some(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        None => "NULL".into(),
    };
    let text = match is_array {
        false => cells.into_iter().next().flatten(),
        true => {
            let cells: Vec<String> = cells.into_iter().map(of_array).collect();
            Some(format!("{{{}}}", cells.join(",")))
        }
    };
    let value = text.map_or("NULL".into(), |text| format!("'{}'", text.replace('\'', "''")));
    (format!("{of}{}", if is_array { "[]" } else { "" }), value)
}

/// Executes a statement and returns its SQLSTATE, or `None` if it succeeds.
pub(crate) async fn error_code(database: &mut PgConnection, statement: String) -> Option<String> {
    let error = database.execute(AssertSqlSafe(statement)).await.err()?;
    Some(error.as_database_error().unwrap().code().unwrap().into_owned())
}

/// Waits until a statement waits for a lock. Returns its process id.
pub(crate) async fn wait_until_blocked(database: &mut PgConnection) -> i32 {
    let end = Instant::now() + TIMEOUT;
    loop {
        let found = sqlx::query_scalar(BLOCKED).fetch_optional(&mut *database).await.unwrap();
        if let Some(process) = found {
            return process;
        }
        assert!(Instant::now() < end, "no statement waits for a lock");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
