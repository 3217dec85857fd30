//! The request that creates a managed device, or brings it up to date.

use serde::Serialize;
use uuid::Uuid;

use super::{Call, Kind, ROOT, marker};
use crate::simulate::agent::Agent;
use crate::simulate::fleet::{Chassis, Device, Join, Platform};
use crate::simulate::random::Stream;

/// The properties of a device that an enrollment sets, in the order of their names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(rename = "azureADRegistered")]
    is_registered: bool,
    chassis_type: &'a str,
    compliance_state: &'a str,
    device_category_display_name: &'a str,
    device_enrollment_type: &'a str,
    device_name: &'a str,
    device_registration_state: &'a str,
    device_type: &'a str,
    email_address: Option<&'a str>,
    enrolled_date_time: String,
    enrollment_profile_name: &'a str,
    free_storage_space_in_bytes: u64,
    is_encrypted: bool,
    join_type: &'a str,
    last_sync_date_time: String,
    managed_device_name: String,
    managed_device_owner_type: &'a str,
    management_agent: &'a str,
    manufacturer: &'a str,
    model: &'a str,
    notes: String,
    operating_system: &'a str,
    os_version: &'a str,
    physical_memory_in_bytes: u64,
    processor_architecture: &'a str,
    serial_number: &'a str,
    total_storage_space_in_bytes: u64,
    user_display_name: Option<&'a str>,
    user_id: Option<Uuid>,
    user_principal_name: Option<&'a str>,
}

/// Creates a managed device, or brings it up to date.
pub(in crate::simulate) fn device(agent: &Agent<'_>, device: &Device) -> Call {
    let person = device.people().first().map(|number| agent.fleet.person(*number));
    let person = person.as_ref();
    let principal = person.map(|person| person.user_principal_name.as_str());
    let name = device.name();
    let is_mac = device.platform == Platform::Mac;
    let (last_seen, enrolled) = agent.seen(device);
    let body = Body {
        is_registered: true,
        chassis_type: match device.model.chassis {
            Chassis::Laptop => "laptop",
            Chassis::Desktop => "desktop",
            Chassis::Tablet => "tablet",
            Chassis::Virtual => "unknown",
        },
        compliance_state: if device.has_full_disk() { "noncompliant" } else { "compliant" },
        device_category_display_name: &device.site.name,
        device_enrollment_type: if is_mac { "appleBulkWithUser" } else { "windowsAutoEnrollment" },
        device_name: &name,
        device_registration_state: "registered",
        device_type: if is_mac { "mac" } else { "desktop" },
        email_address: principal,
        enrolled_date_time: agent.clock.date_time(enrolled),
        enrollment_profile_name: device.enrollment_profile(),
        free_storage_space_in_bytes: device.free,
        is_encrypted: device.model.chassis != Chassis::Virtual,
        join_type: match device.join {
            Join::Joined => "azureADJoined",
            Join::Hybrid => "hybridAzureADJoined",
            Join::Registered => "azureADRegistered",
        },
        last_sync_date_time: agent.clock.date_time(last_seen),
        managed_device_name: format!("{name}_{}", device.serial),
        managed_device_owner_type: "company",
        management_agent: "mdm",
        manufacturer: &device.model.manufacturer,
        model: &device.model.model,
        notes: marker(agent.fleet.seed),
        operating_system: if is_mac { "macOS" } else { "Windows" },
        os_version: &device.build.version,
        physical_memory_in_bytes: device.model.memory(),
        processor_architecture: if is_mac { "arM64" } else { "x64" },
        serial_number: &device.serial,
        total_storage_space_in_bytes: device.model.storage(),
        user_display_name: person.map(|person| person.display_name.as_str()),
        user_id: person.map(|person| person.id),
        user_principal_name: principal,
    };
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
