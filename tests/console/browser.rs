//! A browser as W3C's `WebDriver` controls it: the few commands that the tests need. A crate for this would
//! change how the program under test writes JSON, since it asks `serde_json` to keep the order of names.
//! Knows no page.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

/// The name under which the protocol has the id of an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Keys without a character, as the protocol has them.
pub(crate) const TAB: &str = "\u{e004}";
pub(crate) const ENTER: &str = "\u{e007}";
pub(crate) const ESCAPE: &str = "\u{e00c}";

/// A session: a browser with one window. It has to be [ended](Browser::quit).
pub(crate) struct Browser {
    http: reqwest::Client,
    session: String,
}

/// An element of the page.
pub(crate) struct Element<'a> {
    browser: &'a Browser,
    id: String,
}

impl Browser {
    /// A new browser of the driver at an address.
    pub(crate) async fn new(driver: &str, options: Json) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let wanted = json!({ "goog:chromeOptions": options, "timeouts": { "script": 60_000 } });
        let body = json!({ "capabilities": { "alwaysMatch": wanted } });
        let reply = http.post(format!("{driver}/session")).json(&body).send().await.unwrap();
        let reply: Json = reply.json().await.unwrap();
        let id = reply["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("{reply}"));
        Self { session: format!("{driver}/session/{id}"), http }
    }

    /// Ends the session.
    pub(crate) async fn quit(self) {
        self.http.delete(&self.session).send().await.ok();
    }

    /// Opens an address, and waits until it is loaded.
    pub(crate) async fn open(&self, address: &str) {
        self.post("url", json!({ "url": address })).await;
    }

    pub(crate) async fn reload(&self) {
        self.post("refresh", json!({})).await;
    }

    /// Goes back in the history of the tab.
    pub(crate) async fn back(&self) {
        self.post("back", json!({})).await;
    }

    /// Goes forward in the history of the tab.
    pub(crate) async fn forward(&self) {
        self.post("forward", json!({})).await;
    }

    /// The tab that takes the commands.
    pub(crate) async fn tab(&self) -> String {
        self.get("window").await.as_str().unwrap().to_owned()
    }

    /// Opens a tab, which takes the commands from now on, and returns it.
    pub(crate) async fn new_tab(&self) -> String {
        let opened = self.post("window/new", json!({ "type": "tab" })).await;
        let tab = opened["handle"].as_str().unwrap().to_owned();
        self.switch(&tab).await;
        tab
    }

    /// Has another tab take the commands.
    pub(crate) async fn switch(&self, tab: &str) {
        self.post("window", json!({ "handle": tab })).await;
    }

    /// Closes the tab that takes the commands.
    pub(crate) async fn close_tab(&self) {
        Self::value("window", self.http.delete(format!("{}/window", self.session))).await;
    }

    pub(crate) async fn address(&self) -> String {
        self.get("url").await.as_str().unwrap().to_owned()
    }

    /// Runs the body of a function, and returns its value.
    pub(crate) async fn execute(&self, script: &str, arguments: Json) -> Json {
        self.post("execute/sync", json!({ "script": script, "args": arguments })).await
    }

    /// Runs the body of a function, and returns what it passes to its last argument.
    pub(crate) async fn execute_async(&self, script: &str, arguments: Json) -> Json {
        self.post("execute/async", json!({ "script": script, "args": arguments })).await
    }

    /// A command of the `DevTools` protocol.
    pub(crate) async fn command(&self, method: &str, parameters: Json) -> Json {
        self.post("goog/cdp/execute", json!({ "cmd": method, "params": parameters })).await
    }

    /// The first element that a selector finds.
    pub(crate) async fn find(&self, selector: &str) -> Element<'_> {
        let found =
            self.post("element", json!({ "using": "css selector", "value": selector })).await;
        Element { browser: self, id: found[ELEMENT].as_str().unwrap().to_owned() }
    }

    /// Presses keys, one after the other.
    pub(crate) async fn press(&self, keys: &str) {
        let strokes = keys.chars().flat_map(|key| {
            ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() }))
        });
        let actions: Vec<Json> = strokes.collect();
        let actions =
            json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] });
        self.post("actions", actions).await;
    }

    /// A picture of the window, as PNG.
    pub(crate) async fn picture(&self) -> Vec<u8> {
        STANDARD.decode(self.get("screenshot").await.as_str().unwrap()).unwrap()
    }

    async fn get(&self, path: &str) -> Json {
        Self::value(path, self.http.get(format!("{}/{path}", self.session))).await
    }

    async fn post(&self, path: &str, body: Json) -> Json {
        Self::value(path, self.http.post(format!("{}/{path}", self.session)).json(&body)).await
    }

    async fn value(path: &str, request: reqwest::RequestBuilder) -> Json {
        let mut reply: Json = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(reply["value"].get("error"), None, "{path}: {}", reply["value"]["message"]);
        reply["value"].take()
    }
}

impl Element<'_> {
    /// Scrolls to the element, and clicks it.
    pub(crate) async fn click(&self) {
        self.post("click", json!({})).await;
    }

    /// Types a text into the element.
    pub(crate) async fn write(&self, text: &str) {
        self.post("value", json!({ "text": text })).await;
    }

    pub(crate) async fn text(&self) -> String {
        self.get("text").await
    }

    pub(crate) async fn attribute(&self, name: &str) -> String {
        self.get(&format!("attribute/{name}")).await
    }

    async fn get(&self, path: &str) -> String {
        let value = self.browser.get(&format!("element/{}/{path}", self.id)).await;
        value.as_str().unwrap_or_default().to_owned()
    }

    async fn post(&self, path: &str, body: Json) {
        self.browser.post(&format!("element/{}/{path}", self.id), body).await;
    }
}
