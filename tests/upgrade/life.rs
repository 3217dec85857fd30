//! The life of a database before its upgrade: everything that clients can store, and what they keep of it
//! themselves, such as tokens and links.

use std::path::Path;

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::program::{Program, Server};

const SCRIPTS: &str = "/beta/deviceManagement/deviceManagementScripts";
const SHELL_SCRIPTS: &str = "/beta/deviceManagement/deviceShellScripts";
const ATTRIBUTE_SCRIPTS: &str = "/beta/deviceManagement/deviceCustomAttributeShellScripts";
const DEVICES: &str = "/beta/deviceManagement/managedDevices";
const RETENTION: &str = "/runstate/v1/retention";
/// The key of a create that is sent once before the upgrade and once after it.
const KEY: &str = "8e03978e-40d5-43e8-bc93-6894a57f9324";
/// The permissions for everything.
const SCOPES: [&str; 2] =
    ["DeviceManagementManagedDevices.ReadWrite.All", "DeviceManagementApps.ReadWrite.All"];
/// How many run states the script has. Half of them were reported a second time.
const STATES: usize = 8;

/// What clients keep.
pub(crate) struct Life {
    pub(crate) token: String,
    /// The path of each script.
    pub(crate) scripts: Vec<String>,
    /// The link to the second page of run states.
    next_page: String,
    /// The reply to the create with [`KEY`].
    replayed: (u16, String),
    sign_in: SignIn,
}

/// A user who signed in.
struct SignIn {
    tenant: String,
    client: String,
    refresh_token: String,
}

impl Life {
    /// Fills the database of a server of the program, whose data directory this is.
    pub(crate) async fn begin(program: &Program, server: &Server, data: &Path) -> Self {
        let tenant = program.run(&["tenant", "add", "--domain", "contoso.example"]);
        assert_eq!(tenant.lines().count(), 1);
        program.run(&["app", "add", "Report"]);
        let scopes = SCOPES.iter().flat_map(|scope| ["--scope", scope]);
        let arguments: Vec<&str> = ["token", "--expires", "1d"].into_iter().chain(scopes).collect();
        let token = program.run(&arguments).trim().to_owned();
        let client = Client { server, token: &token };
        let device =
            json!({ "id": "laptop-17", "deviceName": "LAPTOP-17", "operatingSystem": "Windows" });
        client.post(DEVICES, &device, 201).await;
        let mut scripts = Vec::new();
        for set in [SCRIPTS, SHELL_SCRIPTS, ATTRIBUTE_SCRIPTS] {
            scripts.push(fill_script(&client, set).await);
        }
        client.send(Method::PATCH, RETENTION, &json!({ "historyDays": 365 }), 200).await;
        let policy = format!("{RETENTION}/scripts/{}", scripts[0].rsplit('/').next().unwrap());
        client.send(Method::PUT, &policy, &json!({ "historyVersions": 5 }), 200).await;
        let page = client.get(&format!("{}/deviceRunStates?$top=3&$orderby=id", scripts[0])).await;
        let next_page = page["@odata.nextLink"].as_str().unwrap().to_owned();
        let replayed = client.create_once(&scripts[0]).await;
        let sign_in = SignIn::begin(server, data).await;
        Self { token, scripts, next_page, replayed, sign_in }
    }

    /// The paths of everything that is read before and after the upgrade.
    pub(crate) fn reads(&self) -> Vec<String> {
        let mut paths: Vec<String> = [
            "/beta",
            "/beta/$metadata",
            "/openapi.json",
            SCRIPTS,
            SHELL_SCRIPTS,
            ATTRIBUTE_SCRIPTS,
            DEVICES,
            "/beta/deviceManagement/auditEvents?$orderby=activityDateTime,id",
            RETENTION,
            "/common/v2.0/.well-known/openid-configuration",
            "/common/discovery/v2.0/keys",
        ]
        .map(str::to_owned)
        .into();
        paths.push(format!("{DEVICES}/laptop-17"));
        paths.push(self.next_page.clone());
        for script in &self.scripts {
            let below = [
                "",
                "?$expand=*",
                "/assignments",
                "/groupAssignments",
                "/runSummary",
                "/userRunStates?$expand=deviceRunStates",
                "/deviceRunStates?$count=true&$orderby=id",
                "/deviceRunStates?$filter=runState eq 'fail'&$expand=managedDevice",
                "/deviceRunStates/$count",
                "/deviceRunStates/device-0/history",
                "/userRunStates/adele/deviceRunStates",
            ];
            paths.extend(below.map(|path| format!("{script}{path}")));
            paths.push(format!("{RETENTION}/scripts/{}", script.rsplit('/').next().unwrap()));
        }
        paths
    }

    /// Asserts that what clients kept is still good: the key of a create, and a refresh token.
    pub(crate) async fn goes_on(&self, server: &Server) {
        let client = Client { server, token: &self.token };
        let count = format!("{}/deviceRunStates/$count", self.scripts[0]);
        let before = client.get(&count).await;
        assert_eq!(client.create_once(&self.scripts[0]).await, self.replayed);
        assert_eq!(client.get(&count).await, before, "the create was not repeated");
        let SignIn { tenant, client: application, refresh_token } = &self.sign_in;
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", application),
            ("refresh_token", refresh_token),
        ];
        let tokens = token(server, tenant, &form).await;
        let client = Client { server, token: tokens["access_token"].as_str().unwrap() };
        assert_eq!(client.get(&count).await, before);
        let state = format!("{}/deviceRunStates/device-0", self.scripts[0]);
        let changed = client.send(Method::PATCH, &state, &json!({ "errorCode": 9 }), 200).await;
        assert_eq!(changed["errorCode"], 9);
    }
}

impl SignIn {
    async fn begin(server: &Server, data: &Path) -> Self {
        let text = std::fs::read_to_string(data.join("first-run.json")).unwrap();
        let first: Json = serde_json::from_str(&text).unwrap();
        let of = |name: &str| first[name].as_str().unwrap().to_owned();
        let form = [
            ("grant_type", "password".to_owned()),
            ("client_id", of("client_id")),
            ("username", of("username")),
            ("password", of("password")),
            ("scope", "offline_access https://graph.microsoft.com/.default".to_owned()),
        ];
        let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
        let tokens = token(server, &of("tenant_id"), &form).await;
        let refresh_token = tokens["refresh_token"].as_str().unwrap().to_owned();
        Self { tenant: of("tenant_id"), client: of("client_id"), refresh_token }
    }
}

/// A script with everything that a script contains. Returns its path.
async fn fill_script(client: &Client<'_>, set: &str) -> String {
    let mut body = json!({
        "displayName": "Disk check",
        "description": "Looks at the disk",
        "scriptContent": "V3JpdGUtT3V0cHV0ICJIZWxsbyI=",
        "fileName": "disk",
        "runAsAccount": "user",
        "roleScopeTagIds": ["0", "a \"b\""],
    });
    if set == ATTRIBUTE_SCRIPTS {
        body["customAttributeName"] = json!("Free space");
        body["customAttributeType"] = json!("integer");
    }
    let created = client.post(set, &body, 201).await;
    let script = format!("{set}/{}", created["id"].as_str().unwrap());
    let everyone =
        json!({ "target": { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" } });
    client.post(&format!("{script}/assignments"), &everyone, 201).await;
    let group = json!({ "targetGroupId": "22222222-2222-4222-8222-222222222222" });
    client.post(&format!("{script}/groupAssignments"), &group, 201).await;
    client.post(&format!("{script}/userRunStates"), &json!({ "id": "adele" }), 201).await;
    let of_user = format!("{script}/userRunStates/adele/deviceRunStates");
    client.post(&of_user, &json!({ "id": "of-adele", "runState": "success" }), 201).await;
    let states = format!("{script}/deviceRunStates");
    for number in 0..STATES {
        let run_state = if number % 3 == 0 { "fail" } else { "success" };
        let mut state = json!({ "id": format!("device-{number}"), "runState": run_state });
        state["resultMessage"] = json!(format!("Disk {number}: \"C:\\\"\n"));
        if number == 0 {
            state["managedDevice@odata.bind"] =
                json!("deviceManagement/managedDevices('laptop-17')");
        }
        client.post(&states, &state, 201).await;
        if number % 2 == 0 {
            let path = format!("{states}/device-{number}");
            client.send(Method::PATCH, &path, &json!({ "errorCode": number }), 200).await;
        }
    }
    script
}

/// A client with a token.
struct Client<'a> {
    server: &'a Server,
    token: &'a str,
}

impl Client<'_> {
    async fn get(&self, path: &str) -> Json {
        self.send(Method::GET, path, &Json::Null, 200).await
    }

    async fn post(&self, path: &str, body: &Json, status: u16) -> Json {
        self.send(Method::POST, path, body, status).await
    }

    async fn send(&self, method: Method, path: &str, body: &Json, status: u16) -> Json {
        let mut request = self.server.request(method, path).bearer_auth(self.token);
        if !body.is_null() {
            request = request.json(body);
        }
        let reply = request.send().await.unwrap();
        let (got, text) = (reply.status().as_u16(), reply.text().await.unwrap());
        assert_eq!(got, status, "{path}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Creates a run state under [`KEY`], or gets the reply to that again.
    async fn create_once(&self, script: &str) -> (u16, String) {
        let request = self.server.request(Method::POST, &format!("{script}/deviceRunStates"));
        let request = request.bearer_auth(self.token).header("Idempotency-Key", KEY);
        let reply = request.json(&json!({ "runState": "success" })).send().await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    }
}

async fn token(server: &Server, tenant: &str, form: &[(&str, &str)]) -> Json {
    let request = server.request(Method::POST, &format!("/{tenant}/oauth2/v2.0/token"));
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let tokens: Json = request.body(body).send().await.unwrap().json().await.unwrap();
    assert_eq!(tokens["token_type"], "Bearer", "{tokens}");
    tokens
}
