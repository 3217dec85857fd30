//! What a page of the console costs that stays open: while reports come in, and while nobody sees it.

use serde_json::json;
use sqlx::{ConnectOptions, query_scalar};
use tokio::time::{Duration, Instant, sleep};

use super::visit::{DEVICES, go, number, sign_in, since, until};
use crate::Result;
use crate::browser::Browser;
use crate::connection::Connection;
use crate::database::{BUSIEST, Database};
use crate::report::{Table, Target, Value};
use crate::request::{Request, script_path};
use crate::server::Server;
use crate::setup::Setup;

/// Enough time for some eight turns of the page.
const WATCHED: Duration = Duration::from_secs(40);
/// A turn is sent so often to measure what it costs the database.
const TURNS: u32 = 50;
/// A connection of PostgreSQL that is idle reports what it has done within this time.
const REPORTED: Duration = Duration::from_secs(11);

/// How many requests are sent in five seconds, by the time between the first and the last.
const PACE: &str = "
    const times = performance.getEntriesByType('resource').filter(({ name }) => name.includes('/beta/'))
      .map(({ startTime }) => startTime).filter((time) => time > window.watched);
    return (times.length - 1) * 5000 / (times.at(-1) - times[0]);";

/// The requests since the page was hidden, or null where it was not.
const HIDDEN: &str = "
    if (!window.hidden) return null;
    return performance.getEntriesByType('resource').filter(({ name, startTime }) =>
      name.includes('/beta/') && startTime > window.hidden && startTime < window.seen).length;";

/// Adds the figures to the table.
pub(super) async fn measure(
    setup: &Setup<'_>,
    server: &Server,
    database: &Database,
    browser: &Browser,
    table: &mut Table,
) -> Result<()> {
    sign_in(setup, server, browser).await?;
    for (name, fragment, wanted) in [
        ("Scripts", String::new(), "scripts"),
        ("a script", format!("{}/deviceRunStates", script_path(BUSIEST)), "states"),
    ] {
        let (pace, milliseconds) =
            watch(setup, server, database, browser, &fragment, wanted).await?;
        let requests = format!("{name} open, reports come in: requests in 5 s");
        // The pause is five seconds, give or take a tenth.
        let goal = ("goal", Value::Count(1.0));
        table.compare(&requests, Value::Count(pace), goal, Target::AtMost(1.1));
        let time = format!("{name} open: database time of a turn");
        let goal = ("goal", Value::Milliseconds(15.0));
        table.compare(&time, Value::Milliseconds(milliseconds), goal, Target::AtMost(1.0));
    }
    let requests = hide(browser).await?;
    table.add("page that nobody sees: requests in 11 s", Value::Count(requests));
    Ok(())
}

/// Requests in five seconds, and the database time of one of them.
async fn watch(
    setup: &Setup<'_>,
    server: &Server,
    database: &Database,
    browser: &Browser,
    fragment: &str,
    wanted: &str,
) -> Result<(f64, f64)> {
    go(browser, DEVICES).await;
    until(browser, &since("devices")).await?;
    go(browser, fragment).await;
    until(browser, &since(wanted)).await?;
    // What the view reads once comes first: the curve, or the last day.
    sleep(Duration::from_secs(4)).await;
    browser.execute("window.watched = performance.now()", json!([])).await;
    let mut connection = Connection::open(server.address, None).await?;
    let states = format!("{}/deviceRunStates", script_path(BUSIEST));
    let start = Instant::now();
    while start.elapsed() < WATCHED {
        connection.exchange(&Request::state(&states, &setup.token).text).await?.success()?;
        sleep(Duration::from_secs(1)).await;
    }
    let pace = number(&browser.execute(PACE, json!([])).await);
    let turn = browser.execute("return window.lastBatch", json!([])).await;
    let turn = turn.as_str().ok_or("the page has sent no batch")?;
    let turn = Request::post("/beta/$batch", &setup.token, turn).text;

    // An address without a view reads nothing meanwhile.
    go(browser, "nothing").await;
    let before = active_milliseconds(database).await?;
    for _ in 0..TURNS {
        connection.exchange(&turn).await?.success()?;
    }
    let after = active_milliseconds(database).await?;
    Ok((pace, (after - before) / f64::from(TURNS)))
}

/// The time that the database has spent in statements, as PostgreSQL counts it.
async fn active_milliseconds(database: &Database) -> Result<f64> {
    sleep(REPORTED).await;
    let mut connection = database.options().connect().await?;
    let time =
        query_scalar("SELECT active_time FROM pg_stat_database WHERE datname = current_database()");
    Ok(time.fetch_one(&mut connection).await?)
}

/// Hides the page behind another tab for a while, and returns how many requests it sent.
async fn hide(browser: &Browser) -> Result<f64> {
    go(browser, &script_path(BUSIEST)).await;
    until(browser, &since("allGroups")).await?;
    let listen = "document.addEventListener('visibilitychange', () => (window.hidden ??= performance.now()))";
    browser.execute(listen, json!([])).await;
    let tab = browser.tab().await;
    browser.new_tab().await;
    sleep(REPORTED).await;
    browser.switch(&tab).await;
    browser.execute("window.seen = performance.now()", json!([])).await;
    let requests = browser.execute(HIDDEN, json!([])).await;
    requests.as_f64().ok_or_else(|| "the browser does not hide a page behind another".into())
}
