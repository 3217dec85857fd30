//! One visit of the console: a user who comes with an empty cache and goes from view to view. Times are
//! taken in the page.

use serde_json::{Value as Json, json};
use tokio::time::{Duration, Instant, sleep};

use crate::Result;
use crate::browser::Browser;
use crate::database::BUSIEST;
use crate::request::script_path;
use crate::server::Server;
use crate::setup::Setup;

/// The console reads so many failures, and then more on demand.
pub(super) const MOST_FAILURES: u64 = 50_000;

pub(super) const DEVICES: &str = "/beta/deviceManagement/managedDevices";
const PATIENCE: Duration = Duration::from_secs(60);

/// Notes when something is on the page for the first time since the last address, and the last batch.
const NOTED: &str = "
    if (!window.noted) {
      const text = (selector) => document.querySelector(selector)?.textContent ?? '';
      const wanted = {
        signIn: () => document.querySelector('#token'),
        scripts: () => document.querySelector('.scripts .failing'),
        groups: () => document.querySelector('.groups .cause'),
        allGroups: () => /failures read|Read .* more/.test(text('.chips .end')),
        device: () => document.querySelector('.lanes .lane-mark'),
        devices: () => document.querySelector('.inventory .name'),
        states: () => document.querySelector('.states .name'),
        query: () => document.querySelector('.reply .code'),
      };
      window.noted = {};
      new MutationObserver(() => {
        for (const [name, isThere] of Object.entries(wanted)) {
          if (!(name in noted) && isThere()) noted[name] = performance.now();
        }
      }).observe(document, { subtree: true, childList: true, characterData: true });
      performance.setResourceTimingBufferSize(10000);
      const send = window.fetch;
      window.fetch = (url, options) => {
        if (String(url).endsWith('$batch')) window.lastBatch = options.body;
        return send(url, options);
      };
    }";

/// What the first view asked for, before the other views are loaded: requests, and bytes of files.
const SENT: &str = "
    const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    const other = entries.find(({ name }) => name.endsWith('/views/twin.mjs'));
    if (!other) return null;
    const first = entries.filter(({ startTime }) => startTime < other.startTime);
    const files = first.filter(({ name }) => name.includes('/console/'));
    return [first.length, files.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)];";

/// The time until something was on the page, without the times in which a request was under way.
const BEYOND: &str = "
    const end = window.noted[arguments[0]];
    if (!end) return null;
    let [at, waited] = [window.left, 0];
    for (const { startTime, responseEnd } of performance.getEntriesByType('resource').sort((a, b) => a.startTime - b.startTime)) {
      const [from, to] = [Math.max(startTime, at), Math.min(responseEnd, end)];
      if (to > from) [at, waited] = [to, waited + to - from];
    }
    return end - window.left - waited;";

/// The figures of one visit, in milliseconds, requests, bytes and MiB.
#[derive(Default)]
pub(super) struct Visit {
    pub(super) first_view: f64,
    pub(super) requests: f64,
    pub(super) bytes: f64,
    pub(super) groups: f64,
    pub(super) all_groups: f64,
    pub(super) device: f64,
    pub(super) beyond: f64,
    pub(super) memory: f64,
}

pub(super) async fn visit(setup: &Setup<'_>, server: &Server, browser: &Browser) -> Result<Visit> {
    let mut visit = Visit::default();
    sign_in(setup, server, browser).await?;
    // A user who comes back from an issuer has no page to sign in between: the two times are one.
    let first = "return window.noted.scripts ? window.noted.scripts - window.pasted + window.noted.signIn \
                 - performance.getEntriesByType('navigation')[0].responseEnd : null";
    visit.first_view = number(&until(browser, first).await?);
    let sent = until(browser, SENT).await?;
    (visit.requests, visit.bytes) = (number(&sent[0]), number(&sent[1]));

    let path = script_path(BUSIEST);
    go(browser, &path).await;
    visit.groups = number(&until(browser, &since("groups")).await?);
    visit.all_groups = number(&until(browser, &since("allGroups")).await?);
    let device = format!("{DEVICES}/device-17");
    go(browser, &device).await;
    visit.device = number(&until(browser, &since("device")).await?);
    for (name, fragment) in [
        ("devices", DEVICES.to_owned()),
        ("device", device),
        ("scripts", String::new()),
        ("query", format!("{DEVICES}?$top=5;view=query")),
        ("states", format!("{path}/deviceRunStates")),
    ] {
        go(browser, &fragment).await;
        until(browser, &since(name)).await?;
        let beyond = number(&browser.execute(BEYOND, json!([name])).await);
        visit.beyond = visit.beyond.max(beyond);
    }
    let scroll = "const body = document.querySelector('.states .body'); if (!body) return null; \
                  document.querySelector('[data-scrolls]').scrollTop = body.offsetTop + body.offsetHeight * Math.min(100_000 / document.querySelector('.states [role=table]').ariaRowCount, 1); \
                  const row = document.querySelector('.states .body [role=row]:has(.name)'); \
                  return row?.ariaRowIndex > 90_000 ? performance.memory.usedJSHeapSize : null";
    visit.memory = number(&until(browser, scroll).await?) / f64::from(1 << 20);
    Ok(visit)
}

/// Opens the console, and signs in with the token.
pub(super) async fn sign_in(setup: &Setup<'_>, server: &Server, browser: &Browser) -> Result<()> {
    browser.command("Page.enable", json!({})).await;
    let noted = json!({ "source": NOTED });
    browser.command("Page.addScriptToEvaluateOnNewDocument", noted).await;
    browser.open(&format!("http://{}/console/", server.address)).await;
    until(browser, "return window.noted.signIn ?? null").await?;
    let paste = "document.querySelector('#token').value = arguments[0]; window.pasted = performance.now(); \
                 document.querySelector('form:has(#token)').requestSubmit()";
    browser.execute(paste, json!([setup.token])).await;
    Ok(())
}

/// Changes the fragment of the address, as a link does.
pub(super) async fn go(browser: &Browser, fragment: &str) {
    let script = "window.noted = {}; window.left = performance.now(); location.hash = arguments[0]";
    browser.execute(script, json!([fragment])).await;
}

/// The time since the view was left for which something was to come.
pub(super) fn since(name: &str) -> String {
    format!("return window.noted.{name} ? window.noted.{name} - window.left : null")
}

/// Waits until a script returns something.
pub(super) async fn until(browser: &Browser, script: &str) -> Result<Json> {
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

pub(super) fn number(json: &Json) -> f64 {
    json.as_f64().unwrap_or(f64::NAN)
}
