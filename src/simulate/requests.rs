//! The requests of the simulation: paths below the base of the API, and bodies.

mod device;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

pub(super) use device::device;

use super::catalog::{Account, Script};
use super::fleet::{Device, Person, Platform};
use super::outputs::{Output, Writer, state_id};
use super::timeline::Event;

pub(super) const ROOT: &str = "/beta/deviceManagement";

/// What a request is for; the report counts by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    Device,
    Script,
    UserState,
    Report,
    Read,
    Delete,
}

/// A request without the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) kind: Kind,
    pub(super) method: &'static str,
    pub(super) path: String,
    /// Absent in requests without a body.
    pub(super) body: Option<String>,
    /// By which the server knows a POST that is repeated, if its first reply was lost.
    pub(super) idempotency_key: Option<Uuid>,
}

/// The script of a catalog on a server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed<'a> {
    pub(super) script: &'a Script,
    pub(super) id: Uuid,
}

impl std::fmt::Debug for Script {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.name)
    }
}

impl Call {
    pub(super) fn get(path: String) -> Self {
        Self::new(Kind::Read, "GET", path, None)
    }

    pub(super) fn delete(path: String) -> Self {
        Self::new(Kind::Delete, "DELETE", path, None)
    }

    /// Creates an entity or changes it, in one call that can be repeated.
    fn upsert(kind: Kind, path: String, body: &impl Serialize) -> Self {
        Self::new(kind, "PATCH", path, Some(json_of(body)))
    }

    pub(super) fn post(kind: Kind, path: String, body: &impl Serialize) -> Self {
        let key = Some(Uuid::new_v4());
        Self { idempotency_key: key, ..Self::new(kind, "POST", path, Some(json_of(body))) }
    }

    fn new(kind: Kind, method: &'static str, path: String, body: Option<String>) -> Self {
        Self { kind, method, path, body, idempotency_key: None }
    }
}

#[expect(clippy::expect_used, reason = "bodies are texts, numbers and truth values under names")]
fn json_of(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("a body has a form in JSON")
}

/// The text that marks what a simulation made.
pub(super) fn marker(seed: u64) -> String {
    format!("[sim {seed}]")
}

/// Creates a script.
pub(super) fn script(script: &Script, seed: u64) -> Call {
    let mut body = json!({
        "displayName": script.name,
        "description": format!("{} {}", script.description, marker(seed)),
        "fileName": script.file,
        "scriptContent": STANDARD.encode(&script.body),
        "runAsAccount": match script.run_as {
            Account::System => "system",
            Account::User => "user",
        },
    });
    match (script.platform, &script.attribute) {
        (Platform::Windows, _) => {
            body["runAs32Bit"] = false.into();
            body["enforceSignatureCheck"] = false.into();
        }
        (Platform::Mac, None) => {
            body["executionFrequency"] = "PT0S".into();
            body["retryCount"] = script.retries.into();
            body["blockExecutionNotifications"] = true.into();
        }
        (Platform::Mac, Some(kind)) => {
            body["customAttributeName"] = script.name.as_str().into();
            body["customAttributeType"] = kind.as_str().into();
        }
    }
    Call::post(Kind::Script, format!("{ROOT}/{}", script.entity_set()), &body)
}

impl Placed<'_> {
    pub(super) fn path(&self) -> String {
        format!("{ROOT}/{}/{}", self.script.entity_set(), self.id)
    }

    /// Assigns the script to all devices.
    pub(super) fn assign(&self) -> Call {
        let target = json!({"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"});
        let body = json!({"deviceManagementScriptAssignments": [{"target": target}]});
        Call::post(Kind::Script, format!("{}/assign", self.path()), &body)
    }

    /// Creates the state of a person, under which the states of their devices are.
    pub(super) fn user_state(&self, person: &Person) -> Call {
        let path = format!("{}/userRunStates/{}", self.path(), self.user_state_id(person.id));
        let body = json!({"userPrincipalName": person.user_principal_name});
        Call::upsert(Kind::UserState, path, &body)
    }

    fn user_state_id(&self, person: Uuid) -> String {
        format!("{}:{person}", self.id)
    }

    /// The id of the state that an event is about.
    pub(super) fn state_id(&self, device: &Device, person: Option<Uuid>) -> String {
        state_id(self.id, device.id, person)
    }

    /// Reports a run. Each report has all properties, so that a server can write many of them with one
    /// statement.
    pub(super) fn report(&self, writer: &Writer<'_>, device: &Device, event: Event) -> Call {
        #[derive(Serialize)]
        struct Body<'a> {
            #[serde(flatten)]
            output: Output<'a>,
            #[serde(rename = "managedDevice@odata.bind")]
            device: String,
        }
        let person = self.person_id(writer, device, event);
        let id = self.state_id(device, person);
        let path = match person {
            None => format!("{}/deviceRunStates/{id}", self.path()),
            Some(person) => {
                let user_state = self.user_state_id(person);
                format!("{}/userRunStates/{user_state}/deviceRunStates/{id}", self.path())
            }
        };
        let body = Body {
            output: writer.output(device, self.script, event),
            device: format!("deviceManagement/managedDevices('{}')", device.id),
        };
        Call::upsert(Kind::Report, path, &body)
    }

    /// The id of the person for whom a script of users ran.
    pub(super) fn person_id(
        &self,
        writer: &Writer<'_>,
        device: &Device,
        event: Event,
    ) -> Option<Uuid> {
        let is_users = self.script.run_as == Account::User;
        let number = device.people().get(usize::from(event.person())).filter(|_| is_users)?;
        Some(writer.fleet.person_id(*number))
    }
}
