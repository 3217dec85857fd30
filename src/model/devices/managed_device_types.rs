//! The complex types of a managed device's properties.

use super::managed_device_enums::{
    ACTION_STATE, CONFIGURATION_MANAGER_CLIENT_STATE,
    DEVICE_GUARD_LOCAL_SYSTEM_AUTHORITY_CREDENTIAL_GUARD_STATE,
    DEVICE_GUARD_VIRTUALIZATION_BASED_SECURITY_HARDWARE_REQUIREMENT_STATE,
    DEVICE_GUARD_VIRTUALIZATION_BASED_SECURITY_STATE, DEVICE_LICENSING_STATUS,
};
use crate::model::vocabulary::{ComplexType, Edm, Property};

const fn complex(name: &'static str, properties: &'static [Property]) -> ComplexType {
    ComplexType { name, base: None, is_abstract: false, properties, derived: &[] }
}

pub(in crate::model) static CHROME_OS_DEVICE_PROPERTY: ComplexType = complex(
    "chromeOSDeviceProperty",
    &[
        Property::member("name", Edm::String),
        Property::member("updatable", Edm::Boolean).non_null(),
        Property::member("value", Edm::String),
        Property::member("valueType", Edm::String),
    ],
);

pub(in crate::model) static CLOUD_PC_REMOTE_ACTION_RESULT: ComplexType = complex(
    "cloudPcRemoteActionResult",
    &[
        Property::member("actionName", Edm::String),
        Property::member("actionState", Edm::Enum(&ACTION_STATE)).non_null(),
        Property::member("cloudPcId", Edm::String),
        Property::member("lastUpdatedDateTime", Edm::DateTimeOffset),
        Property::member("managedDeviceId", Edm::String),
        Property::member("startDateTime", Edm::DateTimeOffset),
    ],
);

pub(in crate::model) static CONFIGURATION_MANAGER_CLIENT_ENABLED_FEATURES: ComplexType = complex(
    "configurationManagerClientEnabledFeatures",
    &[
        Property::member("compliancePolicy", Edm::Boolean).non_null(),
        Property::member("deviceConfiguration", Edm::Boolean).non_null(),
        Property::member("inventory", Edm::Boolean).non_null(),
        Property::member("modernApps", Edm::Boolean).non_null(),
        Property::member("resourceAccess", Edm::Boolean).non_null(),
        Property::member("windowsUpdateForBusiness", Edm::Boolean).non_null(),
    ],
);

pub(in crate::model) static CONFIGURATION_MANAGER_CLIENT_HEALTH_STATE: ComplexType = complex(
    "configurationManagerClientHealthState",
    &[
        Property::member("errorCode", Edm::Int32).non_null(),
        Property::member("lastSyncDateTime", Edm::DateTimeOffset).non_null(),
        Property::member("state", Edm::Enum(&CONFIGURATION_MANAGER_CLIENT_STATE)).non_null(),
    ],
);

pub(in crate::model) static CONFIGURATION_MANAGER_CLIENT_INFORMATION: ComplexType = complex(
    "configurationManagerClientInformation",
    &[
        Property::member("clientIdentifier", Edm::String),
        Property::member("isBlocked", Edm::Boolean).non_null(),
    ],
);

pub(in crate::model) static DEVICE_ACTION_RESULT: ComplexType = complex(
    "deviceActionResult",
    &[
        Property::member("actionName", Edm::String),
        Property::member("actionState", Edm::Enum(&ACTION_STATE)).non_null(),
        Property::member("lastUpdatedDateTime", Edm::DateTimeOffset).non_null(),
        Property::member("startDateTime", Edm::DateTimeOffset).non_null(),
    ],
);

pub(in crate::model) static DEVICE_HEALTH_ATTESTATION_STATE: ComplexType = complex(
    "deviceHealthAttestationState",
    &[
        Property::member("attestationIdentityKey", Edm::String),
        Property::member("bitLockerStatus", Edm::String),
        Property::member("bootAppSecurityVersion", Edm::String),
        Property::member("bootDebugging", Edm::String),
        Property::member("bootManagerSecurityVersion", Edm::String),
        Property::member("bootManagerVersion", Edm::String),
        Property::member("bootRevisionListInfo", Edm::String),
        Property::member("codeIntegrity", Edm::String),
        Property::member("codeIntegrityCheckVersion", Edm::String),
        Property::member("codeIntegrityPolicy", Edm::String),
        Property::member("contentNamespaceUrl", Edm::String),
        Property::member("contentVersion", Edm::String),
        Property::member("dataExcutionPolicy", Edm::String),
        Property::member("deviceHealthAttestationStatus", Edm::String),
        Property::member("earlyLaunchAntiMalwareDriverProtection", Edm::String),
        Property::member("healthAttestationSupportedStatus", Edm::String),
        Property::member("healthStatusMismatchInfo", Edm::String),
        Property::member("issuedDateTime", Edm::DateTimeOffset).non_null(),
        Property::member("lastUpdateDateTime", Edm::String),
        Property::member("operatingSystemKernelDebugging", Edm::String),
        Property::member("operatingSystemRevListInfo", Edm::String),
        Property::member("pcr0", Edm::String),
        Property::member("pcrHashAlgorithm", Edm::String),
        Property::member("resetCount", Edm::Int64).non_null(),
        Property::member("restartCount", Edm::Int64).non_null(),
        Property::member("safeMode", Edm::String),
        Property::member("secureBoot", Edm::String),
        Property::member("secureBootConfigurationPolicyFingerPrint", Edm::String),
        Property::member("testSigning", Edm::String),
        Property::member("tpmVersion", Edm::String),
        Property::member("virtualSecureMode", Edm::String),
        Property::member("windowsPE", Edm::String),
    ],
);

pub(in crate::model) static HARDWARE_INFORMATION: ComplexType = complex(
    "hardwareInformation",
    &[
        Property::member("batteryChargeCycles", Edm::Int32).non_null(),
        Property::member("batteryHealthPercentage", Edm::Int32).non_null(),
        Property::member("batteryLevelPercentage", Edm::Double),
        Property::member("batterySerialNumber", Edm::String),
        Property::member("cellularTechnology", Edm::String),
        Property::member("deviceFullQualifiedDomainName", Edm::String),
        Property::member(
            "deviceGuardLocalSystemAuthorityCredentialGuardState",
            Edm::Enum(&DEVICE_GUARD_LOCAL_SYSTEM_AUTHORITY_CREDENTIAL_GUARD_STATE),
        )
        .non_null(),
        Property::member(
            "deviceGuardVirtualizationBasedSecurityHardwareRequirementState",
            Edm::Enum(&DEVICE_GUARD_VIRTUALIZATION_BASED_SECURITY_HARDWARE_REQUIREMENT_STATE),
        )
        .non_null(),
        Property::member(
            "deviceGuardVirtualizationBasedSecurityState",
            Edm::Enum(&DEVICE_GUARD_VIRTUALIZATION_BASED_SECURITY_STATE),
        )
        .non_null(),
        Property::member("deviceLicensingLastErrorCode", Edm::Int32).non_null(),
        Property::member("deviceLicensingLastErrorDescription", Edm::String),
        Property::member("deviceLicensingStatus", Edm::Enum(&DEVICE_LICENSING_STATUS)).non_null(),
        Property::member("esimIdentifier", Edm::String),
        Property::member("freeStorageSpace", Edm::Int64).non_null(),
        Property::member("imei", Edm::String),
        Property::member("ipAddressV4", Edm::String),
        Property::member("isEncrypted", Edm::Boolean).non_null(),
        Property::member("isSharedDevice", Edm::Boolean).non_null(),
        Property::member("isSupervised", Edm::Boolean).non_null(),
        Property::member("manufacturer", Edm::String),
        Property::member("meid", Edm::String),
        Property::member("model", Edm::String),
        Property::member("operatingSystemEdition", Edm::String),
        Property::member("operatingSystemLanguage", Edm::String),
        Property::member("operatingSystemProductType", Edm::Int32).non_null(),
        Property::member("osBuildNumber", Edm::String),
        Property::member("phoneNumber", Edm::String),
        Property::member("productName", Edm::String),
        Property::member("residentUsersCount", Edm::Int32),
        Property::member("serialNumber", Edm::String),
        Property::member("sharedDeviceCachedUsers", Edm::Complexes(&SHARED_APPLE_DEVICE_USER))
            .non_null(),
        Property::member("subnetAddress", Edm::String),
        Property::member("subscriberCarrier", Edm::String),
        Property::member("systemManagementBIOSVersion", Edm::String),
        Property::member("totalStorageSpace", Edm::Int64).non_null(),
        Property::member("tpmManufacturer", Edm::String),
        Property::member("tpmSpecificationVersion", Edm::String),
        Property::member("tpmVersion", Edm::String),
        Property::member("wifiMac", Edm::String),
        Property::member("wiredIPv4Addresses", Edm::Strings).non_null(),
    ],
);

pub(in crate::model) static LOGGED_ON_USER: ComplexType = complex(
    "loggedOnUser",
    &[
        Property::member("lastLogOnDateTime", Edm::DateTimeOffset).non_null(),
        Property::member("userId", Edm::String),
    ],
);

pub(in crate::model) static SHARED_APPLE_DEVICE_USER: ComplexType = complex(
    "sharedAppleDeviceUser",
    &[
        Property::member("dataQuota", Edm::Int64),
        Property::member("dataToSync", Edm::Boolean).non_null(),
        Property::member("dataUsed", Edm::Int64).non_null(),
        Property::member("userPrincipalName", Edm::String),
    ],
);
