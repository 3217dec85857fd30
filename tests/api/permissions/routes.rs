//! Does every documented route exist, only for callers with permission? `tests/fixtures/routes.json`
//! lists the routes.

use std::collections::BTreeSet;

use reqwest::Method;
use runstate::model::{EntityType, NavigationKind, ROOT, Surface};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::harness::{Client, DEVICES, READ_SCOPE, Reply, Server, send};
use crate::paths::{methods, paths};

const BETA: &str = "/beta";
pub(crate) const FAMILIES: [&str; 3] =
    ["deviceManagementScripts", "deviceShellScripts", "deviceCustomAttributeShellScripts"];

#[derive(Deserialize)]
pub(crate) struct Route {
    pub(crate) method: String,
    pub(crate) path: String,
    status: u16,
}

/// The keys of a script of [`new_script`] and its contents, or keys that do not exist.
pub(crate) struct Keys {
    pub(crate) script: String,
    pub(crate) user: &'static str,
    pub(crate) of_script: &'static str,
    pub(crate) of_user: &'static str,
    pub(crate) assignment: String,
}

impl Keys {
    pub(crate) fn of(script: &str) -> Self {
        let assignment = format!("{script}:one-group");
        let script = script.to_owned();
        Self { script, user: "one-user", of_script: "of-script", of_user: "of-user", assignment }
    }

    pub(crate) fn of_none() -> Self {
        let script = uuid::Uuid::now_v7().to_string();
        let assignment = format!("{script}:no-group");
        Self { script, user: "no-user", of_script: "of-none", of_user: "no-users", assignment }
    }
}

pub(crate) fn routes() -> Vec<Route> {
    let routes: Vec<Route> =
        serde_json::from_str(include_str!("../../fixtures/routes.json")).unwrap();
    assert!(routes.len() >= 124, "there are only {}", routes.len());
    routes
}

/// The types of the entities in the collections that every script contains.
pub(crate) fn contained_types() -> impl Iterator<Item = (&'static str, &'static EntityType)> {
    let family = ROOT.navigation(FAMILIES[0]).unwrap().target;
    let contained = family.navigations.iter().filter(|it| it.kind == NavigationKind::Contained);
    contained.map(|navigation| (navigation.name, navigation.target))
}

fn group(id: &str) -> Json {
    json!({ "@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": id })
}

/// Creates a script of a family and returns its id. If `full`, each of its collections has an entity:
/// `{}` with the id `of-script`, unless it is given here.
pub(crate) async fn new_script(client: &Client, family: &str, full: bool) -> String {
    let device = format!("{DEVICES}/one-device");
    let state = |id: &str| json!({ "id": id, "managedDevice@odata.bind": device });
    let mut body = json!({ "displayName": "Script" });
    if full {
        for (name, _) in contained_types().filter(|(name, _)| *name != "groupAssignments") {
            body[name] = json!([{ "id": "of-script" }]);
        }
        body["assignments"] = json!([{ "target": group("one-group") }]);
        body["deviceRunStates"] = json!([state("of-script")]);
        body["userRunStates"] =
            json!([{ "id": "one-user", "deviceRunStates": [state("of-user")] }]);
    }
    let path = format!("{BETA}/deviceManagement/{family}");
    client.post(&path, &body).await.created()["id"].as_str().unwrap().to_owned()
}

impl Route {
    pub(crate) fn family(&self) -> &str {
        self.path.split('/').nth(2).unwrap()
    }

    pub(crate) fn keys(&self) -> usize {
        self.path.matches("{id}").count()
    }

    /// The path with keys.
    pub(crate) fn filled(&self, keys: &Keys, family: &str) -> String {
        let segments: Vec<&str> = self.path.split('/').skip(3).collect();
        let mut path = format!("{BETA}/deviceManagement/{family}");
        for (index, segment) in segments.iter().enumerate() {
            let before = index.checked_sub(1).map_or("", |index| segments[index]);
            let key = match before {
                "" => &keys.script,
                "assignments" | "groupAssignments" => &keys.assignment,
                "userRunStates" => keys.user,
                _ if segments.contains(&"userRunStates") => keys.of_user,
                _ => keys.of_script,
            };
            path.push('/');
            path.push_str(if *segment == "{id}" { key } else { segment });
        }
        path
    }

    /// A valid body for the route: `{}`, unless it is given here.
    pub(crate) fn body(&self) -> Option<Json> {
        let collection = self.path.trim_end_matches("/{id}").rsplit('/').next().unwrap();
        let body = match (&*self.method, collection) {
            ("POST", "assign") => {
                json!({ "deviceManagementScriptAssignments": [{ "target": group("h") }] })
            }
            ("POST", "hasPayloadLinks") => json!({ "payloadIds": ["p"] }),
            ("POST" | "PATCH", "assignments") => json!({ "target": group("h") }),
            ("POST" | "PATCH", "groupAssignments") => json!({ "targetGroupId": "h" }),
            ("POST" | "PATCH", "deviceRunStates") => json!({ "runState": "success" }),
            ("POST" | "PATCH", "userRunStates") => json!({ "userPrincipalName": "a@b.example" }),
            ("PATCH", "runSummary") => json!({ "errorDeviceCount": 3 }),
            ("POST" | "PATCH", name) if FAMILIES.contains(&name) => {
                json!({ "displayName": "Other" })
            }
            ("POST" | "PATCH", _) => json!({}),
            _ => return None,
        };
        Some(body)
    }

    async fn ask(&self, client: &Client, path: &str) -> Reply {
        let method = Method::from_bytes(self.method.as_bytes()).unwrap();
        let request = client.request(method, path);
        match self.body() {
            Some(body) => {
                let request = request.header("Content-Type", "application/json");
                send(request.body(body.to_string())).await
            }
            None => send(request).await,
        }
    }

    fn writes(&self) -> bool {
        self.method != "GET" && !self.path.ends_with("hasPayloadLinks")
    }
}

/// The wrong replies, one line for each.
#[derive(Default)]
struct Wrong(Vec<String>);

impl Wrong {
    fn expect(&mut self, route: &Route, caller: &str, status: u16, reply: &Reply) {
        if reply.status != status {
            let (method, path) = (&route.method, &route.path);
            let (found, body) = (reply.status, &reply.body);
            self.0.push(format!("{method} {path} {caller}: {found}, not {status}: {body}"));
        }
    }

    fn none(self) {
        assert!(self.0.is_empty(), "{}", self.0.join("\n"));
    }
}

pub(crate) async fn with_device() -> (Server, Client) {
    let server = Server::start().await;
    let client = server.client();
    client.post(DEVICES, &json!({ "id": "one-device" })).await.created();
    (server, client)
}

#[test]
fn the_documented_routes_are_those_of_the_model() {
    let mut ours = BTreeSet::new();
    for set in ROOT.navigations.iter().filter(|set| FAMILIES.contains(&set.name)) {
        let paths = paths("", set, Surface::Graph);
        for path in &paths {
            let methods = methods(path);
            let routes = methods.split(", ").map(|it| format!("{it} /{}/{path}", ROOT.name));
            ours.extend(routes);
        }
        let is_collection = |path: &&String| paths.contains(&format!("{path}/{{id}}"));
        let collections = paths.iter().filter(is_collection);
        ours.extend(collections.map(|path| format!("GET /{}/{path}/$count", ROOT.name)));
    }
    let documented = routes().into_iter().map(|it| format!("{} {}", it.method, it.path));
    let documented: BTreeSet<String> = documented.collect();
    let missing: Vec<_> = ours.difference(&documented).collect();
    let surplus: Vec<_> = documented.difference(&ours).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "tests/fixtures/routes.json lacks these routes of the model: {missing:#?}\n\
         and has these, which the model does not make: {surplus:#?}"
    );
}

#[tokio::test]
async fn every_route_is_answered_with_its_documented_status() {
    let (_server, client) = with_device().await;
    let mut wrong = Wrong::default();
    for route in routes() {
        let script = new_script(&client, route.family(), true).await;
        let path = route.filled(&Keys::of(&script), route.family());
        let reply = route.ask(&client, &path).await;
        wrong.expect(&route, "with full permission", route.status, &reply);
        if reply.status == route.status {
            assert_eq!(reply.body.is_empty(), route.status == 204, "{} {path}", route.method);
        }
    }
    wrong.none();
}

#[tokio::test]
async fn every_route_requires_its_permission() {
    let (server, client) = with_device().await;
    let (nobody, reader) =
        (server.client_with_token(None), server.client_with_scopes(&[READ_SCOPE]));
    let mut wrong = Wrong::default();
    for family in FAMILIES {
        let script = new_script(&client, family, true).await;
        for route in routes().iter().filter(|route| route.family() == family) {
            let path = route.filled(&Keys::of(&script), family);
            wrong.expect(route, "without a token", 401, &route.ask(&nobody, &path).await);
            let status = if route.writes() { 403 } else { route.status };
            wrong.expect(route, "with read permission", status, &route.ask(&reader, &path).await);
        }
    }
    wrong.none();
}

#[tokio::test]
async fn managed_devices_can_be_created_changed_and_deleted_and_run_states_stay() {
    let (server, client) = with_device().await;
    let script = new_script(&client, FAMILIES[1], true).await;
    let state =
        format!("{BETA}/deviceManagement/{}/{script}/deviceRunStates/of-script", FAMILIES[1]);
    let body = json!({
        "deviceName": "One", "complianceState": "compliant", "totalStorageSpaceInBytes": (1_i64 << 40),
        "lastSyncDateTime": "2020-01-01T00:00:00+01:00", "ethernetMacAddress": null,
        "usersLoggedOn": [{ "userId": "u", "lastLogOnDateTime": "2020-01-01T00:00:00Z" }],
        "hardwareInformation": { "serialNumber": "S", "isEncrypted": true },
    });
    let created = client.post(DEVICES, &body).await.created();
    for name in ["deviceName", "complianceState", "totalStorageSpaceInBytes", "lastSyncDateTime"] {
        assert_eq!(created[name], body[name], "{name}");
    }
    assert_eq!(created["usersLoggedOn"][0]["userId"], "u");
    assert_eq!(created["hardwareInformation"]["isEncrypted"], true);
    let path = format!("{DEVICES}/{}", created["id"].as_str().unwrap());
    assert_eq!(client.get(&path).await.ok(), created);
    server.other_tenant().get(&path).await.refused(404, "ResourceNotFound");
    assert_eq!(client.patch(&path, &json!({ "notes": "n" })).await.ok()["notes"], "n");
    let bad = json!({ "complianceState": "nonsense" });
    client.patch(&path, &bad).await.refused(400, "ModelValidationFailure");
    assert_eq!(client.delete(&path).await.status, 204);
    client.get(&path).await.refused(404, "ResourceNotFound");

    assert_eq!(client.get(&format!("{state}/managedDevice")).await.ok()["id"], "one-device");
    assert_eq!(client.delete(&format!("{DEVICES}/one-device")).await.status, 204);
    assert_eq!(client.get(&format!("{state}/managedDevice")).await.status, 204);
    assert_eq!(client.get(&state).await.ok()["id"], "of-script");
}
