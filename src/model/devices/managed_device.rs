//! `managedDevice`: a device that is managed. Graph computes most of its properties from what devices
//! say; here a client may send any of them, so that there is something to bind and to expand.

use super::managed_device_enums::{
    CHASSIS_TYPE, COMPLIANCE_STATE, DEVICE_ENROLLMENT_TYPE,
    DEVICE_MANAGEMENT_EXCHANGE_ACCESS_STATE, DEVICE_MANAGEMENT_EXCHANGE_ACCESS_STATE_REASON,
    DEVICE_REGISTRATION_STATE, DEVICE_TYPE, JOIN_TYPE, LOST_MODE_STATE,
    MANAGED_DEVICE_ARCHITECTURE, MANAGED_DEVICE_MANAGEMENT_FEATURES, MANAGED_DEVICE_OWNER_TYPE,
    MANAGED_DEVICE_PARTNER_REPORTED_HEALTH_STATE, MANAGEMENT_AGENT_TYPE, MANAGEMENT_STATE,
    OWNER_TYPE,
};
use super::managed_device_types::{
    CHROME_OS_DEVICE_PROPERTY, CLOUD_PC_REMOTE_ACTION_RESULT,
    CONFIGURATION_MANAGER_CLIENT_ENABLED_FEATURES, CONFIGURATION_MANAGER_CLIENT_HEALTH_STATE,
    CONFIGURATION_MANAGER_CLIENT_INFORMATION, DEVICE_ACTION_RESULT,
    DEVICE_HEALTH_ATTESTATION_STATE, HARDWARE_INFORMATION, LOGGED_ON_USER,
};
use crate::model::vocabulary::permission::CONTAINED_PERMISSIONS;
use crate::model::vocabulary::{Edm, EntityType, Key, Property};

pub(in crate::model) static MANAGED_DEVICE: EntityType = EntityType {
    name: "managedDevice",
    table: "managed_device",
    key: Key::Client,
    properties: &[
        Property::id(),
        Property::new("aadRegistered", "aad_registered", Edm::Boolean),
        Property::new("activationLockBypassCode", "activation_lock_bypass_code", Edm::String),
        Property::new("androidSecurityPatchLevel", "android_security_patch_level", Edm::String),
        Property::new("autopilotEnrolled", "autopilot_enrolled", Edm::Boolean).non_null(),
        Property::new(
            "azureActiveDirectoryDeviceId",
            "azure_active_directory_device_id",
            Edm::String,
        ),
        Property::new("azureADDeviceId", "azure_ad_device_id", Edm::String),
        Property::new("azureADRegistered", "azure_ad_registered", Edm::Boolean),
        Property::new("bootstrapTokenEscrowed", "bootstrap_token_escrowed", Edm::Boolean)
            .non_null(),
        Property::new("chassisType", "chassis_type", Edm::Enum(&CHASSIS_TYPE)).non_null(),
        Property::new(
            "chromeOSDeviceInfo",
            "chrome_os_device_info",
            Edm::Complexes(&CHROME_OS_DEVICE_PROPERTY),
        )
        .non_null(),
        Property::new(
            "complianceGracePeriodExpirationDateTime",
            "compliance_grace_period_expiration_date_time",
            Edm::DateTimeOffset,
        )
        .non_null(),
        Property::new("complianceState", "compliance_state", Edm::Enum(&COMPLIANCE_STATE))
            .non_null(),
        Property::new(
            "configurationManagerClientEnabledFeatures",
            "configuration_manager_client_enabled_features",
            Edm::Complex(&CONFIGURATION_MANAGER_CLIENT_ENABLED_FEATURES),
        ),
        Property::new(
            "configurationManagerClientHealthState",
            "configuration_manager_client_health_state",
            Edm::Complex(&CONFIGURATION_MANAGER_CLIENT_HEALTH_STATE),
        ),
        Property::new(
            "configurationManagerClientInformation",
            "configuration_manager_client_information",
            Edm::Complex(&CONFIGURATION_MANAGER_CLIENT_INFORMATION),
        ),
        Property::new(
            "deviceActionResults",
            "device_action_results",
            Edm::Complexes(&DEVICE_ACTION_RESULT),
        )
        .non_null(),
        Property::new("deviceCategoryDisplayName", "device_category_display_name", Edm::String),
        Property::new(
            "deviceEnrollmentType",
            "device_enrollment_type",
            Edm::Enum(&DEVICE_ENROLLMENT_TYPE),
        )
        .non_null(),
        Property::new(
            "deviceFirmwareConfigurationInterfaceManaged",
            "device_firmware_configuration_interface_managed",
            Edm::Boolean,
        )
        .non_null(),
        Property::new(
            "deviceHealthAttestationState",
            "device_health_attestation_state",
            Edm::Complex(&DEVICE_HEALTH_ATTESTATION_STATE),
        ),
        Property::new("deviceName", "device_name", Edm::String),
        Property::new(
            "deviceRegistrationState",
            "device_registration_state",
            Edm::Enum(&DEVICE_REGISTRATION_STATE),
        )
        .non_null(),
        Property::new("deviceType", "device_type", Edm::Enum(&DEVICE_TYPE)).non_null(),
        Property::new("easActivated", "eas_activated", Edm::Boolean).non_null(),
        Property::new("easActivationDateTime", "eas_activation_date_time", Edm::DateTimeOffset)
            .non_null(),
        Property::new("easDeviceId", "eas_device_id", Edm::String),
        Property::new("emailAddress", "email_address", Edm::String),
        Property::new("enrolledDateTime", "enrolled_date_time", Edm::DateTimeOffset).non_null(),
        Property::new("enrollmentProfileName", "enrollment_profile_name", Edm::String),
        Property::new("ethernetMacAddress", "ethernet_mac_address", Edm::String),
        Property::new(
            "exchangeAccessState",
            "exchange_access_state",
            Edm::Enum(&DEVICE_MANAGEMENT_EXCHANGE_ACCESS_STATE),
        )
        .non_null(),
        Property::new(
            "exchangeAccessStateReason",
            "exchange_access_state_reason",
            Edm::Enum(&DEVICE_MANAGEMENT_EXCHANGE_ACCESS_STATE_REASON),
        )
        .non_null(),
        Property::new(
            "exchangeLastSuccessfulSyncDateTime",
            "exchange_last_successful_sync_date_time",
            Edm::DateTimeOffset,
        )
        .non_null(),
        Property::new("freeStorageSpaceInBytes", "free_storage_space_in_bytes", Edm::Int64)
            .non_null(),
        Property::new(
            "hardwareInformation",
            "hardware_information",
            Edm::Complex(&HARDWARE_INFORMATION),
        ),
        Property::new("iccid", "iccid", Edm::String),
        Property::new("imei", "imei", Edm::String),
        Property::new("isEncrypted", "is_encrypted", Edm::Boolean).non_null(),
        Property::new("isSupervised", "is_supervised", Edm::Boolean).non_null(),
        Property::new("jailBroken", "jail_broken", Edm::String),
        Property::new("joinType", "join_type", Edm::Enum(&JOIN_TYPE)).non_null(),
        Property::new("lastSyncDateTime", "last_sync_date_time", Edm::DateTimeOffset).non_null(),
        Property::new("lostModeState", "lost_mode_state", Edm::Enum(&LOST_MODE_STATE)).non_null(),
        Property::new("managedDeviceName", "managed_device_name", Edm::String),
        Property::new(
            "managedDeviceOwnerType",
            "managed_device_owner_type",
            Edm::Enum(&MANAGED_DEVICE_OWNER_TYPE),
        )
        .non_null(),
        Property::new("managementAgent", "management_agent", Edm::Enum(&MANAGEMENT_AGENT_TYPE))
            .non_null(),
        Property::new(
            "managementCertificateExpirationDate",
            "management_certificate_expiration_date",
            Edm::DateTimeOffset,
        )
        .non_null(),
        Property::new(
            "managementFeatures",
            "management_features",
            Edm::Enum(&MANAGED_DEVICE_MANAGEMENT_FEATURES),
        )
        .non_null(),
        Property::new("managementState", "management_state", Edm::Enum(&MANAGEMENT_STATE))
            .non_null(),
        Property::new("manufacturer", "manufacturer", Edm::String),
        Property::new("meid", "meid", Edm::String),
        Property::new("model", "model", Edm::String),
        Property::new("notes", "notes", Edm::String),
        Property::new("operatingSystem", "operating_system", Edm::String),
        Property::new("osVersion", "os_version", Edm::String),
        Property::new("ownerType", "owner_type", Edm::Enum(&OWNER_TYPE)).non_null(),
        Property::new(
            "partnerReportedThreatState",
            "partner_reported_threat_state",
            Edm::Enum(&MANAGED_DEVICE_PARTNER_REPORTED_HEALTH_STATE),
        )
        .non_null(),
        Property::new("phoneNumber", "phone_number", Edm::String),
        Property::new("physicalMemoryInBytes", "physical_memory_in_bytes", Edm::Int64).non_null(),
        Property::new(
            "preferMdmOverGroupPolicyAppliedDateTime",
            "prefer_mdm_over_group_policy_applied_date_time",
            Edm::DateTimeOffset,
        )
        .non_null(),
        Property::new(
            "processorArchitecture",
            "processor_architecture",
            Edm::Enum(&MANAGED_DEVICE_ARCHITECTURE),
        )
        .non_null(),
        Property::new(
            "remoteAssistanceSessionErrorDetails",
            "remote_assistance_session_error_details",
            Edm::String,
        ),
        Property::new("remoteAssistanceSessionUrl", "remote_assistance_session_url", Edm::String),
        Property::new(
            "requireUserEnrollmentApproval",
            "require_user_enrollment_approval",
            Edm::Boolean,
        ),
        Property::new("retireAfterDateTime", "retire_after_date_time", Edm::DateTimeOffset)
            .non_null(),
        Property::new("roleScopeTagIds", "role_scope_tag_ids", Edm::Strings).non_null(),
        Property::new("serialNumber", "serial_number", Edm::String),
        Property::new("skuFamily", "sku_family", Edm::String),
        Property::new("skuNumber", "sku_number", Edm::Int32).non_null(),
        Property::new("specificationVersion", "specification_version", Edm::String),
        Property::new("subscriberCarrier", "subscriber_carrier", Edm::String),
        Property::new("totalStorageSpaceInBytes", "total_storage_space_in_bytes", Edm::Int64)
            .non_null(),
        Property::new("udid", "udid", Edm::String),
        Property::new("userDisplayName", "user_display_name", Edm::String),
        Property::new("userId", "user_id", Edm::String),
        Property::new("userPrincipalName", "user_principal_name", Edm::String),
        Property::new("usersLoggedOn", "users_logged_on", Edm::Complexes(&LOGGED_ON_USER))
            .non_null(),
        Property::new("wiFiMacAddress", "wi_fi_mac_address", Edm::String),
        Property::new("windowsActiveMalwareCount", "windows_active_malware_count", Edm::Int32)
            .non_null(),
        Property::new(
            "windowsRemediatedMalwareCount",
            "windows_remediated_malware_count",
            Edm::Int32,
        )
        .non_null(),
        Property::new(
            "enrolledByUserPrincipalName",
            "enrolled_by_user_principal_name",
            Edm::String,
        ),
        Property::new("securityPatchLevel", "security_patch_level", Edm::String),
        Property::new(
            "cloudPcRemoteActionResults",
            "cloud_pc_remote_action_results",
            Edm::Complexes(&CLOUD_PC_REMOTE_ACTION_RESULT),
        )
        .non_null(),
    ],
    permissions: &CONTAINED_PERMISSIONS,
    ..EntityType::BASE
};
