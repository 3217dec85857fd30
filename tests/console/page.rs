//! One page in a browser: what a person does with it, and what the tests ask of each page.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::browser::{Browser, Element};
use crate::world::World;

const HELD: &str = include_str!("held.js");
const AXE: &str = include_str!("vendor/axe.min.js");

/// How long a page may take to show something on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// See the [module](self).
pub(crate) struct Page {
    pub(crate) browser: Browser,
    pub(crate) world: Arc<World>,
}

impl Page {
    /// A page in a browser, whose last test left nothing.
    pub(crate) async fn new(browser: Browser, world: Arc<World>) -> Self {
        let page = Self { browser, world };
        page.command("Page.enable", json!({})).await;
        page.command("Page.addScriptToEvaluateOnNewDocument", json!({ "source": HELD })).await;
        page.command("Network.clearBrowserCookies", json!({})).await;
        page.command("Network.clearBrowserCache", json!({})).await;
        let everything = json!({ "origin": "*", "storageTypes": "all" });
        page.command("Storage.clearDataForOrigin", everything).await;
        let clipboard = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
        page.command("Browser.grantPermissions", clipboard).await;
        page.size(1280, 860).await;
        page.theme("light").await;
        page
    }

    /// A command of the `DevTools` protocol.
    pub(crate) async fn command(&self, method: &str, parameters: Json) -> Json {
        self.browser.command(method, parameters).await
    }

    pub(crate) async fn size(&self, width: u32, height: u32) {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.command("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// `light` or `dark`, as the system would prefer it.
    pub(crate) async fn theme(&self, theme: &str) {
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": theme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.command("Emulation.setEmulatedMedia", features).await;
    }

    /// Opens an absolute address.
    pub(crate) async fn open(&self, address: &str) {
        self.browser.open(address).await;
    }

    /// Opens the console at an address of the API, signed in with a token.
    pub(crate) async fn sign_in(&self, base: &str, token: &str, fragment: &str) {
        self.open(&format!("{base}/console/#{fragment}")).await;
        self.find("#token").await;
        let paste = "document.querySelector('#token').value = arguments[0]; \
                     document.querySelector('form:has(#token)').requestSubmit()";
        self.run(paste, json!([token])).await;
        self.find(".sections").await;
    }

    /// Opens the console of the fleet that all tests read.
    pub(crate) async fn console(&self, fragment: &str) {
        let fleet = self.world.fleet().await;
        self.sign_in(&self.world.server.http, &fleet.token, fragment).await;
    }

    /// Changes the fragment of the address, as a link does.
    pub(crate) async fn go(&self, fragment: &str) {
        self.run("location.hash = arguments[0]", json!([fragment])).await;
    }

    pub(crate) async fn address(&self) -> String {
        self.browser.address().await
    }

    /// Runs the body of a function in the page, and returns its value.
    pub(crate) async fn run(&self, script: &str, arguments: Json) -> Json {
        self.browser.execute(script, arguments).await
    }

    /// Runs the body of an asynchronous function in the page, and returns its value.
    pub(crate) async fn await_script(&self, script: &str, arguments: Json) -> Json {
        let script = format!(
            "const done = arguments[arguments.length - 1]; \
             (async (...arguments) => {{ {script} }})(...arguments) \
             .then((value) => done({{ value }}), (error) => done({{ error: String(error) }}));"
        );
        let reply = self.browser.execute_async(&script, arguments).await;
        assert_eq!(reply.get("error"), None, "the script in the page fails");
        reply["value"].clone()
    }

    /// Waits until an expression is true in the page. `what` says what is awaited.
    pub(crate) async fn until(&self, what: &str, expression: &str) {
        let script = format!("return Boolean({expression})");
        let start = Instant::now();
        while self.run(&script, json!([])).await != json!(true) {
            if start.elapsed() > PATIENCE {
                let text = self.run("return document.body.innerText", json!([])).await;
                panic!("{what}: not within {PATIENCE:?}; the page says {text:#}");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Waits until the page shows a text, whatever its case and its spaces.
    pub(crate) async fn shows(&self, text: &str) {
        let text = serde_json::to_string(&text.to_lowercase()).unwrap();
        let visible = "document.body.innerText.toLowerCase().replace(/\\s+/g, ' ')";
        self.until(&format!("the page shows {text}"), &format!("{visible}.includes({text})")).await;
    }

    /// The first element that a selector finds, as soon as it is there.
    pub(crate) async fn find(&self, selector: &str) -> Element<'_> {
        let quoted = serde_json::to_string(selector).unwrap();
        self.until(selector, &format!("document.querySelector({quoted})")).await;
        self.browser.find(selector).await
    }

    pub(crate) async fn click(&self, selector: &str) {
        self.find(selector).await.click().await;
    }

    /// Presses keys, wherever the focus is.
    pub(crate) async fn keys(&self, keys: &str) {
        self.browser.press(keys).await;
    }

    /// Waits until nothing on the page is being read any more.
    pub(crate) async fn settles(&self) {
        let idle =
            "document.querySelector('main > *') && !document.querySelector('.skeleton, .loading')";
        self.until("the view is there", idle).await;
    }

    /// The text of the first element that a selector finds.
    pub(crate) async fn text(&self, selector: &str) -> String {
        self.find(selector).await.text().await
    }

    /// Fails if the page broke a rule that holds for every page.
    pub(crate) async fn assert_nothing_held(&self) {
        let held = self.run("return window.runstateHeld ?? []", json!([])).await;
        assert_eq!(held, json!([]), "what no page may do");
    }

    /// Fails if the page breaks a rule of WCAG 2.2 AA, is wider than its window, or cuts a text off.
    pub(crate) async fn assert_accessible(&self, what: &str) {
        if self.run("return typeof axe === 'undefined'", json!([])).await == json!(true) {
            self.run(AXE, json!([])).await;
        }
        let found = self.await_script(include_str!("accessible.js"), json!([])).await;
        if found != json!([]) {
            self.picture(&format!("failed-{}", what.replace([' ', '/'], "-"))).await;
        }
        assert_eq!(found, json!([]), "{what}");
    }

    /// Keeps a picture of the window for people, in `target/console`.
    pub(crate) async fn picture(&self, name: &str) -> Vec<u8> {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("console");
        std::fs::create_dir_all(&folder).unwrap();
        let picture = self.browser.picture().await;
        std::fs::write(folder.join(format!("{name}.png")), &picture).unwrap();
        picture
    }
}
