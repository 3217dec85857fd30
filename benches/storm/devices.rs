//! Managed devices as Intune reports a Windows PC: about half of the properties have a value.

use crate::Result;
use crate::connection::Connection;
use crate::request::Request;
use crate::server::Server;
use crate::setup::Setup;

/// The body of a create. `{number}` is the number of the device, `{padded}` the same with twelve digits.
const DEVICE: &str = r#"{
    "id": "device-{number}",
    "aadRegistered": true,
    "autopilotEnrolled": true,
    "azureActiveDirectoryDeviceId": "7d3c1e52-0000-4000-8000-{padded}",
    "azureADDeviceId": "7d3c1e52-0000-4000-8000-{padded}",
    "azureADRegistered": true,
    "chassisType": "laptop",
    "complianceGracePeriodExpirationDateTime": "9999-12-31T23:59:59Z",
    "complianceState": "compliant",
    "deviceEnrollmentType": "windowsAzureADJoin",
    "deviceName": "LAPTOP-{padded}",
    "deviceRegistrationState": "registered",
    "deviceType": "windowsRT",
    "easActivated": true,
    "easDeviceId": "EAS{padded}",
    "emailAddress": "user{number}@contoso.example",
    "enrolledDateTime": "2026-03-02T08:14:31.2710000Z",
    "enrollmentProfileName": "Standard PC",
    "ethernetMacAddress": "001122{padded}",
    "freeStorageSpaceInBytes": 312475648000,
    "isEncrypted": true,
    "jailBroken": "Unknown",
    "joinType": "azureADJoined",
    "lastSyncDateTime": "2026-11-26T07:31:05.8830000Z",
    "managedDeviceName": "user{number}_Windows_3/2/2026_8:14 AM",
    "managedDeviceOwnerType": "company",
    "managementAgent": "mdm",
    "managementCertificateExpirationDate": "2027-03-02T08:14:31Z",
    "manufacturer": "Contoso",
    "model": "Book 7",
    "operatingSystem": "Windows",
    "osVersion": "10.0.26100.4652",
    "ownerType": "company",
    "partnerReportedThreatState": "secured",
    "physicalMemoryInBytes": 17179869184,
    "processorArchitecture": "x64",
    "serialNumber": "SN{padded}",
    "skuFamily": "Enterprise",
    "skuNumber": 4,
    "totalStorageSpaceInBytes": 511101108224,
    "userDisplayName": "User {number}",
    "userId": "5a1b2c3d-0000-4000-8000-{padded}",
    "userPrincipalName": "user{number}@contoso.example",
    "usersLoggedOn": [{"userId": "5a1b2c3d-0000-4000-8000-{padded}", "lastLogOnDateTime": "2026-11-26T07:02:44Z"}],
    "wiFiMacAddress": "AABBCC{padded}"
}"#;

/// Creates the devices `device-0`, `device-1`, …
pub(crate) async fn create(setup: &Setup<'_>, server: &Server, number: u64) -> Result<()> {
    let mut connection = Connection::open(server.address, None).await?;
    for number in 0..number {
        let path = "/beta/deviceManagement/managedDevices";
        let body = DEVICE.replace("{padded}", &format!("{number:012}"));
        let body = body.replace("{number}", &number.to_string());
        let request = Request::post(path, &setup.token, &body);
        connection.exchange(&request.text).await?.success()?;
    }
    Ok(())
}
