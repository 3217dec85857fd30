//! A fleet of a tenant, reported through the API as devices do it: 60 devices, scripts of each kind,
//! two causes of failures, and one device with a history.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::world::World;

pub(crate) const DEVICES: usize = 60;
/// The devices that fail since `BitLocker` is off. All have one model, which 6 others have as well.
pub(crate) const OFF: usize = 24;
/// The devices whose script ran too long.
pub(crate) const SLOW: usize = 6;

const MANAGEMENT: &str = "/beta/deviceManagement";
const DAY: u64 = 24 * 60 * 60;

/// See the [module](self).
pub(crate) struct Fleet {
    pub(crate) token: String,
    /// The id of the script that fails on some devices.
    pub(crate) script: String,
    /// The id of a custom attribute that no device has run.
    pub(crate) unused: String,
}

impl Fleet {
    pub(crate) async fn new(world: &World) -> Self {
        let token = world.token(Uuid::new_v4());
        let api = Api::new(&world.server.http, &token);
        let script = api.script("deviceManagementScripts", "BitLocker: escrow recovery key").await;
        let shell = api.script("deviceShellScripts", "FileVault: check escrow").await;
        let attribute = "deviceCustomAttributeShellScripts";
        let unused = api.script(attribute, "Battery cycle count").await;
        api.batch((0..DEVICES).map(device).collect()).await;
        for (set, script, devices) in [
            ("deviceManagementScripts", &script, 0..DEVICES),
            ("deviceShellScripts", &shell, 40..44),
        ] {
            let states = format!("{MANAGEMENT}/{set}/{script}/deviceRunStates");
            api.batch(devices.map(|n| report(&states, script, n)).collect()).await;
        }
        api.history(&script).await;
        api.users(&script).await;
        Self { token, script, unused }
    }
}

/// The id of a device.
pub(crate) fn device_id(n: usize) -> String {
    format!("device-{n:02}")
}

/// A date-time some seconds ago, as a client writes it.
fn before(seconds: u64) -> String {
    let time = SystemTime::now() - Duration::from_secs(seconds);
    DateTime::<Utc>::from(time).to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn device(n: usize) -> Json {
    let body = json!({
        "id": device_id(n),
        "deviceName": format!("LYN-5CG34{n:02}XKT"),
        "operatingSystem": "Windows",
        "osVersion": if n.is_multiple_of(3) { "10.0.22631.5909" } else { "10.0.26200.6584" },
        "manufacturer": "Dell Inc.",
        "model": if n < OFF + 6 { "OptiPlex 7010" } else { "Latitude 5440" },
        "deviceCategoryDisplayName": if n.is_multiple_of(2) { "Lyon plant" } else { "Office" },
        "userPrincipalName": if n < 2 { "chloe.laurent@contoso.example".to_owned() } else { format!("user{n}@contoso.example") },
        "userDisplayName": if n < 2 { "Chloé Laurent".to_owned() } else { format!("User {n}") },
        "freeStorageSpaceInBytes": 40_000_000_000_i64,
        "lastSyncDateTime": before(360),
    });
    json!({ "method": "POST", "url": "/deviceManagement/managedDevices", "body": body })
}

/// The latest report of a device.
fn report(states: &str, script: &str, n: usize) -> Json {
    let (state, code, message) = match n {
        _ if n < OFF => ("fail", -2_144_272_376, record(n)),
        _ if n < OFF + SLOW => {
            let text = "Powershell script execution timed out. timeout = 1800 seconds";
            ("scriptError", i32::MAX, text.to_owned())
        }
        _ if n == DEVICES - 1 => ("pending", 0, String::new()),
        _ => ("success", 0, format!("Key protector {} is in the directory", n + 1)),
    };
    let body = json!({
        "runState": state,
        "errorCode": code,
        "resultMessage": message,
        "lastStateUpdateDateTime": before(60 * (n as u64 + 1)),
        "managedDevice@odata.bind": format!("deviceManagement/managedDevices('{}')", device_id(n)),
    });
    upsert(states, &format!("{script}:{}", device_id(n)), &body)
}

fn upsert(states: &str, id: &str, body: &Json) -> Json {
    let url = format!("{}/{id}", states.trim_start_matches("/beta"));
    let headers = json!({ "Content-Type": "application/json", "Prefer": "create-if-missing" });
    json!({ "method": "PATCH", "url": url, "body": body, "headers": headers })
}

/// What PowerShell writes when a command fails.
fn record(n: usize) -> String {
    format!(
        "Checking OS volume C: attempt {n}\r\n\
         BackupToAAD-BitLockerKeyProtector : BitLocker Drive Encryption is not enabled on C:.\r\n\
         Turn on BitLocker.\r\n\
         At C:\\Program Files (x86)\\Microsoft Intune Management Extension\\Policies\\{n}.ps1:48 char:9\r\n\
         +         BackupToAAD-BitLockerKeyProtector -MountPoint $env:SystemDrive\r\n    \
         + CategoryInfo          : NotSpecified: (:) [Write-Error], WriteErrorException\r\n"
    )
}

/// A client of the API.
pub(crate) struct Api {
    base: String,
    token: String,
    http: reqwest::Client,
}

impl Api {
    pub(crate) fn new(base: &str, token: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { base: base.to_owned(), token: token.to_owned(), http }
    }

    /// Sends a request that must succeed. Returns the body of the reply.
    pub(crate) async fn send(&self, method: &str, path: &str, body: &Json) -> Json {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, format!("{}{path}", self.base));
        let reply = request.bearer_auth(&self.token).json(body).send().await.unwrap();
        let (status, text) = (reply.status(), reply.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Json::Null)
    }

    /// Creates a script. Returns its id.
    pub(crate) async fn script(&self, set: &str, name: &str) -> String {
        let mut body = json!({
            "displayName": name,
            "fileName": "Backup-RecoveryKey.ps1",
            "scriptContent": "V3JpdGUtT3V0cHV0ICJIZWxsbyI=",
        });
        if set == "deviceCustomAttributeShellScripts" {
            body["customAttributeName"] = json!(name);
            body["customAttributeType"] = json!("integer");
        }
        let new = self.send("POST", &format!("{MANAGEMENT}/{set}"), &body).await;
        new["id"].as_str().unwrap().to_owned()
    }

    /// Sends requests in batches. All must succeed.
    pub(crate) async fn batch(&self, mut requests: Vec<Json>) {
        for chunk in requests.chunks_mut(20) {
            for (id, request) in chunk.iter_mut().enumerate() {
                request["id"] = json!(id.to_string());
                if request.get("headers").is_none() {
                    request["headers"] = json!({ "Content-Type": "application/json" });
                }
            }
            let reply = self.send("POST", "/beta/$batch", &json!({ "requests": chunk })).await;
            for response in reply["responses"].as_array().unwrap() {
                assert!(response["status"].as_u64().unwrap() < 300, "{response}");
            }
        }
    }

    /// The device 0 succeeded three days ago and failed since: three versions of its state.
    async fn history(&self, script: &str) {
        let state = format!(
            "{MANAGEMENT}/deviceManagementScripts/{script}/deviceRunStates/{script}:{}",
            device_id(0)
        );
        let reports =
            [("success", 0, 3 * DAY), ("scriptError", 99, DAY), ("fail", -2_144_272_376, 60)];
        for (run_state, code, ago) in reports {
            let mut body = json!({
                "runState": run_state, "errorCode": code, "lastStateUpdateDateTime": before(ago)
            });
            if run_state == "fail" {
                body["resultMessage"] = json!(record(0));
            }
            self.send("PATCH", &state, &body).await;
        }
    }

    /// Two users with two states each.
    async fn users(&self, script: &str) {
        let users = format!("{MANAGEMENT}/deviceManagementScripts/{script}/userRunStates");
        for (user, run_state) in [("chloe", "fail"), ("omar", "success")] {
            let name = format!("{user}@contoso.example");
            self.send("POST", &users, &json!({ "id": user, "userPrincipalName": name })).await;
            for n in 0..2 {
                let state = json!({
                    "id": format!("{user}-{n}"),
                    "runState": run_state,
                    "errorCode": i32::from(run_state == "fail") * 53,
                    "resultMessage": "New-PSDrive : The network path was not found",
                    "lastStateUpdateDateTime": before(3600),
                    "managedDevice@odata.bind": format!("deviceManagement/managedDevices('{}')", device_id(n)),
                });
                self.send("POST", &format!("{users}/{user}/deviceRunStates"), &state).await;
            }
        }
    }
}
