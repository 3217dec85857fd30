//! The console in a browser, with an empty cache: what its first view takes, and how soon the failures of
//! a script with a million states are in groups. Times are taken in the page.

use serde_json::{Value as Json, json};
use sqlx::query;
use tokio::time::{Duration, Instant, sleep};

use crate::Result;
use crate::browser::Browser;
use crate::database::{BUSIEST, Database, script, tenant};
use crate::devices;
use crate::driver::Driver;
use crate::report::{Table, Target, Value};
use crate::server::Server;
use crate::setup::Setup;

const SCRIPTS: u32 = 24;
const DEVICES: u64 = 1_000;
const STATES: i64 = 1_000_000;
const PATIENCE: Duration = Duration::from_secs(60);

/// A million states of three days; one of 33 fails, for one of twenty causes.
const FILL: &str = "
    INSERT INTO device_state (tenant_id, script_id, id, managed_device_id, last_state_update,
                              last_state_update_offset, run_state, error_code, result_message,
                              error_description)
    SELECT $1, $2, 'state-' || number, 'device-' || number % $3,
           621355968000000000 + (extract(epoch FROM now())::bigint - number % 259200) * 10000000, 0,
           CASE WHEN number % 33 = 0 THEN 'fail' ELSE 'success' END::run_state,
           CASE WHEN number % 33 = 0 THEN 1 ELSE 0 END,
           CASE WHEN number % 33 = 0
                THEN repeat('Checked the volume. ', 20) || E'\\nBackup-Key : Cause '
                     || chr(65 + (number / 33 % 20)::int) || ' of {' || md5(number::text)::uuid
                     || E'} failed\\nAt C:\\\\Scripts\\\\' || number || '.ps1:48 char:9'
                ELSE 'done' END,
           ''
    FROM generate_series(1, $4::bigint) AS number";

/// Notes when something is on the page for the first time.
const NOTED: &str = "
    if (!window.noted) {
      const text = (selector) => document.querySelector(selector)?.textContent ?? '';
      const wanted = {
        signIn: () => document.querySelector('#token'),
        scripts: () => document.querySelector('.scripts .failing'),
        groups: () => document.querySelector('.groups .cause'),
        allGroups: () => /failures read/.test(text('.chips [role=status]')),
        device: () => document.querySelector('.lanes .lane-mark'),
      };
      window.noted = {};
      new MutationObserver(() => {
        for (const [name, isThere] of Object.entries(wanted)) {
          if (!(name in noted) && isThere()) noted[name] = performance.now();
        }
      }).observe(document, { subtree: true, childList: true, characterData: true });
    }";

/// What the first view asked for, before the other views are loaded: requests, and bytes of files.
const SENT: &str = "
    const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    const other = entries.find(({ name }) => name.endsWith('/views/twin.mjs'));
    if (!other) return null;
    const first = entries.filter(({ startTime }) => startTime < other.startTime);
    const files = first.filter(({ name }) => name.includes('/console/'));
    return [first.length, files.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)];";

/// The figures of one visit, in milliseconds, requests, bytes and MiB.
#[derive(Default)]
struct Visit {
    first_view: f64,
    requests: f64,
    bytes: f64,
    groups: f64,
    all_groups: f64,
    device: f64,
    memory: f64,
}

pub(crate) async fn measure(setup: &Setup<'_>) -> Result<Table> {
    let mut table = Table::new("console, one tab: medians");
    let database = setup.cluster.database("console").await?;
    database.fill_scripts(1, SCRIPTS, 0).await?;
    let server = Server::start(&database, setup.directory).await?;
    devices::create(setup, &server, DEVICES).await?;
    fill(&database).await?;
    let driver = Driver::start(setup.directory);
    let driver = driver.ok_or("no chromedriver (apt-get install chromium chromium-driver)")?;
    let mut visits = Vec::new();
    // The first visit also starts the connections of the server.
    for round in 0..=setup.preset.rounds {
        let browser = driver.session().await;
        let visit = visit(setup, &server, &browser).await;
        browser.quit().await;
        let visit = visit?;
        if round > 0 {
            visits.push(visit);
        }
    }
    type Figure = (&'static str, fn(&Visit) -> f64, fn(f64) -> Value, f64);
    let figures: [Figure; 7] = [
        ("first view usable", |it| it.first_view, Value::Milliseconds, 500.0),
        ("requests of the first view", |it| it.requests, Value::Count, 30.0),
        ("files of the first view, gzip", |it| it.bytes, Value::Bytes, 60_000.0),
        ("1,000,000 states, first groups of failures", |it| it.groups, Value::Milliseconds, 500.0),
        ("all groups of 30,303 failures", |it| it.all_groups, Value::Milliseconds, 5_000.0),
        ("page of a device", |it| it.device, Value::Milliseconds, 500.0),
        ("memory of the page after 100,000 rows", |it| it.memory, Value::Mebibytes, 150.0),
    ];
    for (name, figure, unit, goal) in figures {
        let mut all: Vec<f64> = visits.iter().map(figure).collect();
        all.sort_by(f64::total_cmp);
        let median = all.get(all.len() / 2).copied().unwrap_or(f64::NAN);
        table.compare(name, unit(median), ("goal", unit(goal)), Target::AtMost(1.0));
    }
    Ok(table)
}

async fn fill(database: &Database) -> Result<()> {
    let mut connection = database.filling().await?;
    let states = query(FILL).bind(tenant(0)).bind(script(BUSIEST));
    let states = states.bind(i64::try_from(DEVICES)?).bind(STATES);
    states.execute(&mut connection).await?;
    database.filled(connection).await
}

async fn visit(setup: &Setup<'_>, server: &Server, browser: &Browser) -> Result<Visit> {
    let mut visit = Visit::default();
    browser.command("Page.enable", json!({})).await;
    let noted = json!({ "source": NOTED });
    browser.command("Page.addScriptToEvaluateOnNewDocument", noted).await;
    browser.open(&format!("http://{}/console/", server.address)).await;
    until(browser, "return window.noted.signIn ?? null").await?;
    let paste = "document.querySelector('#token').value = arguments[0]; window.pasted = performance.now(); \
                 document.querySelector('form:has(#token)').requestSubmit()";
    browser.execute(paste, json!([setup.token])).await;
    // A user who comes back from an issuer has no page to sign in between: the two times are one.
    let first = "return window.noted.scripts ? window.noted.scripts - window.pasted + window.noted.signIn \
                 - performance.getEntriesByType('navigation')[0].responseEnd : null";
    visit.first_view = number(&until(browser, first).await?);
    let sent = until(browser, SENT).await?;
    (visit.requests, visit.bytes) = (number(&sent[0]), number(&sent[1]));

    let path = format!("/beta/deviceManagement/deviceManagementScripts/{}", script(BUSIEST));
    go(browser, &path).await;
    visit.groups = number(&until(browser, &since("groups")).await?);
    visit.all_groups = number(&until(browser, &since("allGroups")).await?);
    go(browser, "/beta/deviceManagement/managedDevices/device-17").await;
    visit.device = number(&until(browser, &since("device")).await?);

    go(browser, &format!("{path}/deviceRunStates")).await;
    let scroll = "const body = document.querySelector('.states .body'); if (!body) return null; \
                  document.querySelector('[data-scrolls]').scrollTop = body.offsetTop + body.offsetHeight / 10; \
                  const row = document.querySelector('.states .body [role=row]:has(.name)'); \
                  return row?.ariaRowIndex > 90_000 ? performance.memory.usedJSHeapSize : null";
    visit.memory = number(&until(browser, scroll).await?) / f64::from(1 << 20);
    Ok(visit)
}

/// Changes the fragment of the address, as a link does.
async fn go(browser: &Browser, fragment: &str) {
    let script = "window.left = performance.now(); location.hash = arguments[0]";
    browser.execute(script, json!([fragment])).await;
}

/// The time since the view was left for which something was to come.
fn since(name: &str) -> String {
    format!("return window.noted.{name} ? window.noted.{name} - window.left : null")
}

/// Waits until a script returns something.
async fn until(browser: &Browser, script: &str) -> Result<Json> {
    let start = Instant::now();
    loop {
        let found = browser.execute(script, json!([])).await;
        if !found.is_null() {
            return Ok(found);
        }
        if start.elapsed() > PATIENCE {
            return Err(format!("the console does not come so far: {script}").into());
        }
        sleep(Duration::from_millis(20)).await;
    }
}

fn number(json: &Json) -> f64 {
    json.as_f64().unwrap_or(f64::NAN)
}
