//! The requests of the simulation: paths below the base of the API, and bodies.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::agent::Agent;
use super::catalog::{Account, Script};
use super::fleet::{Chassis, Device, Join, Person, Platform};
use super::outputs::{Output, Writer, state_id};
use super::random::Stream;
use super::timeline::Event;

pub(super) const ROOT: &str = "/beta/deviceManagement";

/// What a request is for; the report counts by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
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
        Self { kind: Kind::Read, method: "GET", path, body: None }
    }

    pub(super) fn delete(path: String) -> Self {
        Self { kind: Kind::Delete, method: "DELETE", path, body: None }
    }

    /// Creates an entity or changes it, in one call that can be repeated.
    fn upsert(kind: Kind, path: String, body: &Json) -> Self {
        Self { kind, method: "PATCH", path, body: Some(body.to_string()) }
    }

    pub(super) fn post(kind: Kind, path: String, body: &Json) -> Self {
        Self { kind, method: "POST", path, body: Some(body.to_string()) }
    }
}

/// The text that marks what a simulation made.
pub(super) fn marker(seed: u64) -> String {
    format!("[sim {seed}]")
}

/// Creates a managed device, or brings it up to date.
pub(super) fn device(agent: &Agent<'_>, device: &Device) -> Call {
    let seed = agent.fleet.seed;
    let person = device.people().first().map(|number| agent.fleet.person(*number));
    let (id, display_name, principal) = match &person {
        Some(Person { id, display_name, user_principal_name }) => {
            (Some(id), Some(display_name), Some(user_principal_name))
        }
        None => (None, None, None),
    };
    let name = device.name();
    let is_mac = device.platform == Platform::Mac;
    let (last_seen, enrolled) = agent.seen(device);
    let body = json!({
        "deviceName": name,
        "managedDeviceName": format!("{}_{}", name, device.serial),
        "manufacturer": device.model.manufacturer,
        "model": device.model.model,
        "serialNumber": device.serial,
        "operatingSystem": if is_mac { "macOS" } else { "Windows" },
        "osVersion": device.build.version,
        "chassisType": match device.model.chassis {
            Chassis::Laptop => "laptop",
            Chassis::Desktop => "desktop",
            Chassis::Tablet => "tablet",
            Chassis::Virtual => "unknown",
        },
        "deviceType": if is_mac { "mac" } else { "desktop" },
        "processorArchitecture": if is_mac { "arM64" } else { "x64" },
        "deviceCategoryDisplayName": device.site.name,
        "enrollmentProfileName": device.enrollment_profile(),
        "deviceEnrollmentType": if is_mac { "appleBulkWithUser" } else { "windowsAutoEnrollment" },
        "joinType": match device.join {
            Join::Joined => "azureADJoined",
            Join::Hybrid => "hybridAzureADJoined",
            Join::Registered => "azureADRegistered",
        },
        "azureADRegistered": true,
        "deviceRegistrationState": "registered",
        "managedDeviceOwnerType": "company",
        "managementAgent": "mdm",
        "complianceState": if device.has_full_disk() { "noncompliant" } else { "compliant" },
        "isEncrypted": device.model.chassis != Chassis::Virtual,
        "physicalMemoryInBytes": device.model.memory(),
        "totalStorageSpaceInBytes": device.model.storage(),
        "freeStorageSpaceInBytes": device.free,
        "userId": id,
        "userDisplayName": display_name,
        "userPrincipalName": principal,
        "emailAddress": principal,
        "enrolledDateTime": agent.clock.date_time(enrolled),
        "lastSyncDateTime": agent.clock.date_time(last_seen),
        "notes": marker(seed),
    });
    Call::upsert(Kind::Device, format!("{ROOT}/managedDevices/{}", device.id), &body)
}

impl Agent<'_> {
    /// When a device checked in last and when it was enrolled, in milliseconds of virtual time.
    fn seen(&self, device: &Device) -> (i64, i64) {
        const DAY: i64 = 86_400_000;
        let mut stream = Stream::new(self.fleet.seed, "seen", "", &[device.number]);
        let last = match self.last_check_in(device) {
            Some(at) => i64::from(at),
            // A device that does not report was seen before, most of them long ago.
            None => {
                let most = if stream.chance(0.67) { 30.0 } else { 0.0 };
                -((most + stream.between(1.0, 60.0)) * DAY as f64) as i64
            }
        };
        let enrolled =
            last.min(0) - i64::from(device.age) * DAY - i64::from(stream.below(30_000_000));
        (last, enrolled)
    }
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

    /// Reports a run.
    pub(super) fn report(&self, writer: &Writer<'_>, device: &Device, event: Event) -> Call {
        let output = writer.output(device, self.script, event);
        let person = self.person_id(writer, device, event);
        let user_state = person.map(|person| self.user_state_id(person));
        let below = user_state.map(|id| format!("/userRunStates/{id}")).unwrap_or_default();
        let id = self.state_id(device, person);
        let path = format!("{}{below}/deviceRunStates/{id}", self.path());
        let body = report_body(&output, device.id);
        Call { kind: Kind::Report, method: "PATCH", path, body: Some(body) }
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

/// Each report has all properties, so that a server can write many of them with one statement.
fn report_body(output: &Output, device: Uuid) -> String {
    #[derive(serde::Serialize)]
    struct Body<'a> {
        #[serde(flatten)]
        output: &'a Output,
        #[serde(rename = "managedDevice@odata.bind")]
        device: String,
    }
    let device = format!("deviceManagement/managedDevices('{device}')");
    // Texts and numbers have a form in JSON.
    serde_json::to_string(&Body { output, device }).unwrap_or_default()
}
