//! Every metric: name, type, labels and help text. The names follow Prometheus: a unit at the end, and
//! `_total` after it for a counter. No label has a value that a client chooses, and none names a tenant.

/// A metric.
#[derive(Debug)]
pub struct Metric {
    /// The name, with its unit. A histogram's samples have `_bucket`, `_sum` and `_count` after it.
    pub name: &'static str,
    pub kind: Kind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it measures; a sentence without its full stop.
    pub help: &'static str,
}

/// The type of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, from 0 at the start of the process.
    Counter,
    /// A value of the moment.
    Gauge,
    /// How many measured values are at most as large as each of some bounds.
    Histogram,
}

const fn counter(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Metric {
    Metric { name, kind: Kind::Counter, labels, help }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Gauge, labels, help }
}

const fn histogram(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Metric {
    Metric { name, kind: Kind::Histogram, labels, help }
}

pub static REQUESTS: Metric = counter(
    "runstate_requests_total",
    &["target", "method", "status"],
    "Answered requests. Those inside of a batch count as well as the batch",
);
pub static REQUEST_DURATION: Metric = histogram(
    "runstate_request_duration_seconds",
    &["target"],
    "Time from the received request to its reply",
);
pub static STAGE_DURATION: Metric = histogram(
    "runstate_request_stage_duration_seconds",
    &["stage"],
    "Time of each stage of a request: the token, the plan, the wait for a connection or for a batch of \
     writes, the database, the reply",
);
pub static BATCH_ROWS: Metric =
    histogram("runstate_write_batch_rows", &[], "Writes that shared a statement and a commit");
pub static BATCH_WAIT: Metric = histogram(
    "runstate_write_batch_wait_seconds",
    &[],
    "How long the write of a batch that came first had waited for the batch to begin",
);
pub static BATCH_DURATION: Metric = histogram(
    "runstate_write_batch_duration_seconds",
    &[],
    "Time of the statement of a batch of writes, commit included",
);
pub static QUEUE_LENGTH: Metric = gauge(
    "runstate_write_queue_length",
    &[],
    "Writes that wait for the next batch, or are in the one under way",
);
pub static QUEUE_CAPACITY: Metric =
    gauge("runstate_write_queue_capacity", &[], "Waiting writes beyond which more are refused");
pub static DATABASE_AVAILABLE: Metric =
    gauge("runstate_database_available", &[], "1 if the database answers, else 0");
pub static DATABASE_WRITABLE: Metric = gauge(
    "runstate_database_writable",
    &[],
    "1 if the database takes writes, 0 if it is read-only, as a standby is",
);
pub static SCHEMA_CURRENT: Metric = gauge(
    "runstate_database_schema_current",
    &[],
    "1 if the schema has every migration of this version, else 0",
);
pub static POOL_CONNECTIONS: Metric = gauge(
    "runstate_database_connections",
    &["state"],
    "Open connections of the pool, in use or idle",
);
pub static POOL_CAPACITY: Metric =
    gauge("runstate_database_connections_capacity", &[], "Connections that the pool may open");
pub static POOL_WAITING: Metric = gauge(
    "runstate_database_connections_waiting",
    &[],
    "Requests and batches that wait for a connection",
);
pub static TOKENS: Metric = counter(
    "runstate_tokens_accepted_total",
    &["signature"],
    "Accepted tokens, by whether their signature was verified now or remembered",
);
pub static TOKENS_REFUSED: Metric = counter(
    "runstate_tokens_refused_total",
    &["reason"],
    "Requests without an acceptable token; the log has the whole reason",
);
pub static KEYS_AGE: Metric = gauge(
    "runstate_issuer_keys_age_seconds",
    &["issuer"],
    "Time since the keys of an issuer were last read; nothing before they were read once",
);
pub static SIGN_INS: Metric = counter(
    "runstate_sign_ins_total",
    &["grant", "outcome"],
    "Requests for a token of the local issuer: `success`, or the code of the error",
);
pub static HISTORY_AHEAD: Metric = gauge(
    "runstate_history_partitions_ahead",
    &[],
    "Partitions made ahead in the class of retention that has the fewest, at the last maintenance",
);
pub static HISTORY_WAITING: Metric = gauge(
    "runstate_history_partition_missing",
    &[],
    "1 if versions had no partition at the last maintenance, else 0",
);
pub static HISTORY_OLDEST: Metric = gauge(
    "runstate_history_oldest_timestamp_seconds",
    &[],
    "Start of the oldest partition with a version, at the last maintenance; nothing without one",
);
pub static CERTIFICATE_END: Metric = gauge(
    "runstate_tls_certificate_expiration_timestamp_seconds",
    &[],
    "When the certificate for HTTPS ends, or one of its issuers; nothing without HTTPS",
);
pub static BUILD: Metric = gauge("runstate_build_info", &["version"], "Always 1");
pub static CPU: Metric =
    counter("process_cpu_seconds_total", &[], "Processor time of the server's process");
pub static MEMORY: Metric =
    gauge("process_resident_memory_bytes", &[], "Memory of the server's process");
pub static OPEN_FILES: Metric =
    gauge("process_open_fds", &[], "Open files of the server's process, connections included");
pub static MAX_FILES: Metric = gauge("process_max_fds", &[], "The limit of open files");
pub static START_TIME: Metric =
    gauge("process_start_time_seconds", &[], "When the server's process started");

/// All metrics, in the order of the documents.
pub static ALL: [&Metric; 28] = [
    &REQUESTS,
    &REQUEST_DURATION,
    &STAGE_DURATION,
    &BATCH_ROWS,
    &BATCH_WAIT,
    &BATCH_DURATION,
    &QUEUE_LENGTH,
    &QUEUE_CAPACITY,
    &DATABASE_AVAILABLE,
    &DATABASE_WRITABLE,
    &SCHEMA_CURRENT,
    &POOL_CONNECTIONS,
    &POOL_CAPACITY,
    &POOL_WAITING,
    &TOKENS,
    &TOKENS_REFUSED,
    &KEYS_AGE,
    &SIGN_INS,
    &HISTORY_AHEAD,
    &HISTORY_WAITING,
    &HISTORY_OLDEST,
    &CERTIFICATE_END,
    &BUILD,
    &CPU,
    &MEMORY,
    &OPEN_FILES,
    &MAX_FILES,
    &START_TIME,
];
