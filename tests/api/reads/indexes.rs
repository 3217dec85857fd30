//! Does the database find each answer by an index? `EXPLAIN` counts the run states and the pages that
//! the statements of a request visit, among 120,000 run states of many tenants.

use std::fmt::Write;

use runstate::message::Method;
use runstate::plan::skip_token;
use runstate::sql::Statement;
use serde_json::Value as Json;
use sqlx::{Executor, PgConnection, Row};
use uuid::Uuid;

use crate::harness::{SCRIPTS, Server, TOKEN_KEY, encoded, execute, explained, operation, query};

/// More pages than a visit of 100 rows by an index needs, and far fewer than a scan visits.
const MOST_PAGES: u64 = 160;

/// Makes the database: one script of the tenant with 20,000 run states, one a second, each of a device
/// of its own, every tenth a failure and every tenth a script error; ten more scripts with a run state of
/// 200 of these devices; 50 other tenants with 10 scripts of 200 run states. Twenty failures and twenty
/// script errors of the script have the code 7, the others 0, and successes have fifty codes: the planner
/// sees many codes, whichever rows ANALYZE samples.
const FILL: &str = "
    SET session_replication_role = replica;
    INSERT INTO device_state (tenant_id, script_id, id, managed_device_id, user_state_id, run_state,
                              last_state_update, last_state_update_offset, error_code)
    SELECT '{tenant}', '{script}', 'state-' || lpad(number::text, 5, '0'), 'device-' || number,
           CASE WHEN number % 200 = 0 THEN 'user' END,
           CASE number % 10 WHEN 0 THEN 'fail' WHEN 5 THEN 'scriptError' ELSE 'success'
                END::run_state,
           638000000000000000 + number * 10000000, 0,
           CASE WHEN number % 1000 IN (0, 5) THEN 7 WHEN number % 5 = 0 THEN 0
                ELSE 100 + number % 50 END
    FROM generate_series(0::bigint, 19999) AS number;
    INSERT INTO device_state (tenant_id, script_id, id, managed_device_id, run_state,
                              last_state_update, last_state_update_offset, error_code)
    SELECT tenant_id, id, 'state-' || number, 'device-' || number, 'success', number, 0, 0
    FROM script, generate_series(0, 199) AS number WHERE id <> '{script}';
    INSERT INTO device_state (tenant_id, script_id, id, managed_device_id, run_state,
                              last_state_update, last_state_update_offset, error_code)
    SELECT md5('tenant' || tenant)::uuid, md5('script' || tenant || '-' || script)::uuid,
           'state-' || number, 'device-' || number, 'success', number, 0, 0
    FROM generate_series(1, 50) AS tenant, generate_series(1, 10) AS script,
         generate_series(1, 200) AS number;
    RESET session_replication_role;
    SELECT recount();";

/// The time of the run state 19,500, and a minute later.
const SINCE: &str = "2022-09-29T03:38:20Z";
const UNTIL: &str = "2022-09-29T03:39:20Z";

/// The questions about the script: URL after its path, how many run states it finds, and how many the
/// database may visit. That is two more than a page shows; an incremental sort reads 32 more.
const QUESTIONS: [(&str, u64, u64); 31] = [
    ("deviceRunStates?$top=100", 100, 102),
    ("deviceRunStates?$top=100&$orderby=id desc", 100, 102),
    ("deviceRunStates?$filter=managedDevice/id eq 'device-7'", 1, 1),
    ("deviceRunStates?$filter=managedDevice/id in ('device-7','device-8')", 2, 2),
    ("deviceRunStates?$top=100&$orderby=lastStateUpdateDateTime", 100, 133),
    ("deviceRunStates?$top=100&$orderby=lastStateUpdateDateTime desc", 100, 133),
    ("deviceRunStates?$top=100&$orderby=lastStateUpdateDateTime desc,id desc", 100, 133),
    ("deviceRunStates?$top=100&$filter=lastStateUpdateDateTime ge {since}", 100, 133),
    ("deviceRunStates?$top=100&$filter=lastStateUpdateDateTime lt {since}", 100, 133),
    (
        "deviceRunStates?$top=100&$orderby=lastStateUpdateDateTime desc\
         &$filter=lastStateUpdateDateTime ge {since} and lastStateUpdateDateTime lt {until}",
        60,
        60,
    ),
    (
        "deviceRunStates?$top=10&$orderby=lastStateUpdateDateTime desc&$filter=runState eq 'fail'",
        10,
        42,
    ),
    ("deviceRunStates?$filter=runState eq 'fail' and lastStateUpdateDateTime ge {since}", 50, 50),
    (
        "deviceRunStates?$top=10&$orderby=lastStateUpdateDateTime desc&$filter=runState eq 'scriptError'",
        10,
        42,
    ),
    (
        "deviceRunStates?$filter=runState eq 'scriptError' and lastStateUpdateDateTime ge {since}",
        50,
        50,
    ),
    ("deviceRunStates?$top=100&$filter=runState eq 'fail'", 100, 102),
    ("deviceRunStates?$filter=runState eq 'fail' and errorCode eq 7", 20, 20),
    ("deviceRunStates/$count", 20_000, 0),
    ("deviceRunStates/$count?$filter=runState eq 'success'", 16_000, 0),
    ("deviceRunStates/$count?$filter=runState eq 'fail' or runState eq 'pending'", 2_000, 0),
    ("deviceRunStates/$count?$filter=lastStateUpdateDateTime ge {since}", 500, 500),
    (
        "deviceRunStates/$count?$filter=runState eq 'fail' and lastStateUpdateDateTime ge {since}",
        50,
        50,
    ),
    (
        "deviceRunStates/$count?$filter=runState eq 'scriptError' and lastStateUpdateDateTime ge {since}",
        50,
        50,
    ),
    ("deviceRunStates/$count?$filter=runState eq 'fail' and errorCode eq 7", 20, 20),
    ("deviceRunStates/$count?$filter=runState eq 'scriptError' and errorCode eq 7", 20, 20),
    ("deviceRunStates/$count?$filter=runState in ('fail') and errorCode eq 7", 20, 20),
    ("deviceRunStates/$count?$filter=runState eq 'fail' and errorCode eq 7.0", 20, 20),
    ("deviceRunStates/$count?$filter=runState in ('fail') and errorCode in (7.00)", 20, 20),
    ("deviceRunStates?$top=1&$count=true&$filter=runState eq 'fail'", 1, 3),
    ("userRunStates/user/deviceRunStates?$top=10", 10, 12),
    ("userRunStates/user/deviceRunStates/$count?$filter=runState eq 'fail'", 100, 0),
    ("userRunStates/user/deviceRunStates?$top=10&$orderby=lastStateUpdateDateTime desc", 10, 100),
];

/// A database that is filled, and a session of it as the server has it.
struct Filled {
    server: Server,
    script: String,
    session: PgConnection,
}

impl Filled {
    async fn new() -> Self {
        let filled = Self::without_statistics().await;
        filled.server.database().await.execute("VACUUM ANALYZE").await.unwrap();
        filled
    }

    async fn without_statistics() -> Self {
        let server = Server::start().await;
        let client = server.client();
        let script = client.new_script().await;
        client.new_user_state(&script, "user").await;
        for _ in 0..10 {
            client.new_script().await;
        }
        let id = script.rsplit_once('/').unwrap().1;
        let mut owner = server.database().await;
        let fill = FILL.replace("{tenant}", &server.tenant().to_string()).replace("{script}", id);
        execute(&mut owner, fill).await;
        let mut session = server.database().await;
        for setting in [
            "SET ROLE runstate_server".to_owned(),
            format!("SET runstate.tenants = '{{{}}}'", server.tenant()),
            "SET plan_cache_mode = force_generic_plan".to_owned(),
        ] {
            execute(&mut session, setting).await;
        }
        Self { server, script, session }
    }

    /// The URL of a question about the script.
    fn url(&self, question: &str) -> String {
        let question = question.replace("{since}", SINCE).replace("{until}", UNTIL);
        format!("{}/{question}", self.script)
    }

    /// The statement for a question about the script.
    fn statement(&self, question: &str) -> Statement {
        statement(self.server.tenant(), Method::Get, &self.url(question), "")
    }
}

/// The statement for a URL whose options are not percent-encoded.
fn statement(tenant: Uuid, method: Method, url: &str, body: &'static str) -> Statement {
    let (path, asked) = url.split_once('?').unwrap_or((url, ""));
    let mut options = String::new();
    for option in asked.split('&').filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').unwrap();
        write!(options, "{name}={}&", encoded(value)).unwrap();
    }
    query(tenant, &operation(method, path), &options, body).first.statement
}

/// How many run states the nodes of a plan visited.
fn visited(node: &Json) -> u64 {
    let number = |name: &str| node[name].as_f64().unwrap_or_default();
    let own = match node["Relation Name"].as_str() {
        Some("device_state") => {
            let removed =
                number("Rows Removed by Filter") + number("Rows Removed by Index Recheck");
            ((number("Actual Rows") + removed) * number("Actual Loops")) as u64
        }
        _ => 0,
    };
    let below = node["Plans"].as_array().into_iter().flatten();
    below.fold(own, |sum, node| sum + visited(node))
}

/// Asserts that a statement visits at most so many run states.
async fn assert_visits(session: &mut PgConnection, name: &str, statement: Statement, most: u64) {
    let explained = explained(session, statement).await;
    let plan = &explained[0]["Plan"];
    let pages = |kind: &str| plan[kind].as_u64().unwrap();
    let pages = pages("Shared Hit Blocks") + pages("Shared Read Blocks");
    let visited = visited(plan);
    assert!(visited <= most, "{name} visits {visited} run states, not {most}: {plan:#}");
    assert!(pages <= MOST_PAGES, "{name} visits {pages} pages: {plan:#}");
}

#[tokio::test]
async fn a_question_visits_the_run_states_that_answer_it_and_few_others() {
    let mut filled = Filled::new().await;
    let client = filled.server.client();
    for (question, found, most) in QUESTIONS {
        let statement = filled.statement(question);
        assert_visits(&mut filled.session, question, statement, most).await;
        let reply = client.get(&filled.url(question)).await;
        let answer = match question.contains("/$count") {
            true => reply.body.parse::<u64>().unwrap(),
            false => reply.ok()["value"].as_array().unwrap().len() as u64,
        };
        assert_eq!(answer, found, "{question}");
    }
    // The run states of a device, below each of eleven scripts.
    let of_device = "deviceRunStates($filter=managedDevice/id eq 'device-7')";
    let url = format!("{SCRIPTS}?$select=id&$expand={of_device}");
    let statement = statement(filled.server.tenant(), Method::Get, &url, "");
    assert_visits(&mut filled.session, &url, statement, 11).await;
}

#[tokio::test]
async fn a_page_far_from_the_first_visits_no_more_run_states_than_the_first() {
    let mut filled = Filled::new().await;
    for options in [
        "$top=100",
        "$top=100&$orderby=lastStateUpdateDateTime desc",
        "$top=100&$orderby=lastStateUpdateDateTime",
        "$top=100&$filter=lastStateUpdateDateTime ge 2000-01-01T00:00:00Z",
        "$top=100&$orderby=lastStateUpdateDateTime desc&$filter=runState eq 'fail'",
        "$top=100&$filter=runState eq 'fail' and errorCode eq 0",
    ] {
        let first = format!("deviceRunStates?{options}");
        let mut question = first.clone();
        for _ in 0..15 {
            let page = runstate::database::bind(filled.statement(&question));
            let page = page.fetch_one(&mut filled.session).await.unwrap();
            let position: String = page.get(2);
            question = format!("{first}&$skiptoken={}", skip_token::sign(TOKEN_KEY, &position));
        }
        let statement = filled.statement(&question);
        assert_visits(&mut filled.session, &question, statement, 133).await;
    }
}

#[tokio::test]
async fn a_run_state_of_a_new_table_is_found_by_its_key() {
    let mut filled = Filled::without_statistics().await;
    let (question, tenant) = ("deviceRunStates/state-00001", filled.server.tenant());
    let get = filled.statement(question);
    assert_visits(&mut filled.session, question, get, 1).await;
    let url = filled.url(question);
    let update = || statement(tenant, Method::Patch, &url, r#"{"resultMessage": "late"}"#);
    // The first update of a session reads the catalog: the partitions of the history.
    explained(&mut filled.session, update()).await;
    // It is locked, found again and changed.
    assert_visits(&mut filled.session, "the update", update(), 3).await;
    let delete = statement(tenant, Method::Delete, &url, "");
    assert_visits(&mut filled.session, "the delete", delete, 2).await;
}
