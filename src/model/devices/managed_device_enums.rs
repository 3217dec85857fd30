//! The enumeration types of a managed device's properties.

use crate::model::vocabulary::EnumType;

pub(in crate::model) static ACTION_STATE: EnumType = EnumType {
    name: "actionState",
    column_type: "",
    members: &[
        ("none", 0),
        ("pending", 1),
        ("canceled", 2),
        ("active", 3),
        ("done", 4),
        ("failed", 5),
        ("notSupported", 6),
    ],
};

pub(in crate::model) static CHASSIS_TYPE: EnumType = EnumType {
    name: "chassisType",
    column_type: "chassis_type",
    members: &[
        ("unknown", 0),
        ("desktop", 1),
        ("laptop", 2),
        ("worksWorkstation", 3),
        ("enterpriseServer", 4),
        ("phone", 100),
        ("tablet", 101),
        ("mobileOther", 102),
        ("mobileUnknown", 103),
    ],
};

pub(in crate::model) static COMPLIANCE_STATE: EnumType = EnumType {
    name: "complianceState",
    column_type: "compliance_state",
    members: &[
        ("unknown", 0),
        ("compliant", 1),
        ("noncompliant", 2),
        ("conflict", 3),
        ("error", 4),
        ("inGracePeriod", 254),
        ("configManager", 255),
    ],
};

pub(in crate::model) static CONFIGURATION_MANAGER_CLIENT_STATE: EnumType = EnumType {
    name: "configurationManagerClientState",
    column_type: "",
    members: &[
        ("unknown", 0),
        ("installed", 1),
        ("healthy", 7),
        ("installFailed", 8),
        ("updateFailed", 11),
        ("communicationError", 19),
    ],
};

pub(in crate::model) static DEVICE_ENROLLMENT_TYPE: EnumType = EnumType {
    name: "deviceEnrollmentType",
    column_type: "device_enrollment_type",
    members: &[
        ("unknown", 0),
        ("userEnrollment", 1),
        ("deviceEnrollmentManager", 2),
        ("appleBulkWithUser", 3),
        ("appleBulkWithoutUser", 4),
        ("windowsAzureADJoin", 5),
        ("windowsBulkUserless", 6),
        ("windowsAutoEnrollment", 7),
        ("windowsBulkAzureDomainJoin", 8),
        ("windowsCoManagement", 9),
        ("windowsAzureADJoinUsingDeviceAuth", 10),
        ("appleUserEnrollment", 11),
        ("appleUserEnrollmentWithServiceAccount", 12),
        ("azureAdJoinUsingAzureVmExtension", 14),
        ("androidEnterpriseDedicatedDevice", 15),
        ("androidEnterpriseFullyManaged", 16),
        ("androidEnterpriseCorporateWorkProfile", 17),
        ("unknownFutureValue", 26),
        ("androidAOSPUserOwnedDeviceEnrollment", 27),
        ("androidAOSPUserlessDeviceEnrollment", 28),
        ("appleAccountDrivenUserEnrollment", 29),
    ],
};

pub(in crate::model) static DEVICE_GUARD_LOCAL_SYSTEM_AUTHORITY_CREDENTIAL_GUARD_STATE: EnumType =
    EnumType {
        name: "deviceGuardLocalSystemAuthorityCredentialGuardState",
        column_type: "",
        members: &[
            ("running", 0),
            ("rebootRequired", 1),
            ("notLicensed", 2),
            ("notConfigured", 3),
            ("virtualizationBasedSecurityNotRunning", 4),
        ],
    };

pub(in crate::model) static DEVICE_GUARD_VIRTUALIZATION_BASED_SECURITY_HARDWARE_REQUIREMENT_STATE: EnumType =
    EnumType {
        name: "deviceGuardVirtualizationBasedSecurityHardwareRequirementState",
        column_type: "",
        members: &[
            ("meetHardwareRequirements", 0),
            ("secureBootRequired", 1),
            ("dmaProtectionRequired", 2),
            ("hyperVNotSupportedForGuestVM", 4),
            ("hyperVNotAvailable", 8),
        ],
    };

pub(in crate::model) static DEVICE_GUARD_VIRTUALIZATION_BASED_SECURITY_STATE: EnumType = EnumType {
    name: "deviceGuardVirtualizationBasedSecurityState",
    column_type: "",
    members: &[
        ("running", 0),
        ("rebootRequired", 1),
        ("require64BitArchitecture", 2),
        ("notLicensed", 3),
        ("notConfigured", 4),
        ("doesNotMeetHardwareRequirements", 5),
        ("other", 42),
    ],
};

pub(in crate::model) static DEVICE_LICENSING_STATUS: EnumType = EnumType {
    name: "deviceLicensingStatus",
    column_type: "",
    members: &[
        ("unknown", -1),
        ("licenseRefreshStarted", 0),
        ("licenseRefreshPending", 1),
        ("deviceIsNotAzureActiveDirectoryJoined", 2),
        ("verifyingMicrosoftDeviceIdentity", 3),
        ("deviceIdentityVerificationFailed", 4),
        ("verifyingMirosoftAccountIdentity", 5),
        ("mirosoftAccountVerificationFailed", 6),
        ("acquiringDeviceLicense", 7),
        ("refreshingDeviceLicense", 8),
        ("deviceLicenseRefreshSucceed", 9),
        ("deviceLicenseRefreshFailed", 10),
        ("removingDeviceLicense", 11),
        ("deviceLicenseRemoveSucceed", 12),
        ("deviceLicenseRemoveFailed", 13),
        ("unknownFutureValue", 14),
        ("verifyingMicrosoftAccountIdentity", 15),
        ("microsoftAccountVerificationFailed", 16),
    ],
};

pub(in crate::model) static DEVICE_MANAGEMENT_EXCHANGE_ACCESS_STATE: EnumType = EnumType {
    name: "deviceManagementExchangeAccessState",
    column_type: "device_management_exchange_access_state",
    members: &[("none", 0), ("unknown", 1), ("allowed", 2), ("blocked", 3), ("quarantined", 4)],
};

pub(in crate::model) static DEVICE_MANAGEMENT_EXCHANGE_ACCESS_STATE_REASON: EnumType = EnumType {
    name: "deviceManagementExchangeAccessStateReason",
    column_type: "device_management_exchange_access_state_reason",
    members: &[
        ("none", 0),
        ("unknown", 1),
        ("exchangeGlobalRule", 2),
        ("exchangeIndividualRule", 3),
        ("exchangeDeviceRule", 4),
        ("exchangeUpgrade", 5),
        ("exchangeMailboxPolicy", 6),
        ("other", 7),
        ("compliant", 8),
        ("notCompliant", 9),
        ("notEnrolled", 10),
        ("unknownLocation", 12),
        ("mfaRequired", 13),
        ("azureADBlockDueToAccessPolicy", 14),
        ("compromisedPassword", 15),
        ("deviceNotKnownWithManagedApp", 16),
    ],
};

pub(in crate::model) static DEVICE_REGISTRATION_STATE: EnumType = EnumType {
    name: "deviceRegistrationState",
    column_type: "device_registration_state",
    members: &[
        ("notRegistered", 0),
        ("registered", 2),
        ("revoked", 3),
        ("keyConflict", 4),
        ("approvalPending", 5),
        ("certificateReset", 6),
        ("notRegisteredPendingEnrollment", 7),
        ("unknown", 8),
    ],
};

pub(in crate::model) static DEVICE_TYPE: EnumType = EnumType {
    name: "deviceType",
    column_type: "device_type",
    members: &[
        ("desktop", 0),
        ("windowsRT", 1),
        ("winMO6", 2),
        ("nokia", 3),
        ("windowsPhone", 4),
        ("mac", 5),
        ("winCE", 6),
        ("winEmbedded", 7),
        ("iPhone", 8),
        ("iPad", 9),
        ("iPod", 10),
        ("android", 11),
        ("iSocConsumer", 12),
        ("unix", 13),
        ("macMDM", 14),
        ("holoLens", 15),
        ("surfaceHub", 16),
        ("androidForWork", 17),
        ("androidEnterprise", 18),
        ("windows10x", 19),
        ("androidnGMS", 20),
        ("chromeOS", 21),
        ("linux", 22),
        ("blackberry", 100),
        ("palm", 101),
        ("unknown", 255),
        ("cloudPC", 257),
        ("visionOS", 258),
        ("tvOS", 259),
    ],
};

pub(in crate::model) static JOIN_TYPE: EnumType = EnumType {
    name: "joinType",
    column_type: "join_type",
    members: &[
        ("unknown", 0),
        ("azureADJoined", 1),
        ("azureADRegistered", 2),
        ("hybridAzureADJoined", 3),
    ],
};

pub(in crate::model) static LOST_MODE_STATE: EnumType = EnumType {
    name: "lostModeState",
    column_type: "lost_mode_state",
    members: &[("disabled", 0), ("enabled", 1)],
};

pub(in crate::model) static MANAGED_DEVICE_ARCHITECTURE: EnumType = EnumType {
    name: "managedDeviceArchitecture",
    column_type: "managed_device_architecture",
    members: &[("unknown", 0), ("x86", 1), ("x64", 2), ("arm", 3), ("arM64", 4)],
};

pub(in crate::model) static MANAGED_DEVICE_MANAGEMENT_FEATURES: EnumType = EnumType {
    name: "managedDeviceManagementFeatures",
    column_type: "managed_device_management_features",
    members: &[("none", 0), ("microsoftManagedDesktop", 1)],
};

pub(in crate::model) static MANAGED_DEVICE_OWNER_TYPE: EnumType = EnumType {
    name: "managedDeviceOwnerType",
    column_type: "managed_device_owner_type",
    members: &[("unknown", 0), ("company", 1), ("personal", 2), ("unknownFutureValue", 3)],
};

pub(in crate::model) static MANAGED_DEVICE_PARTNER_REPORTED_HEALTH_STATE: EnumType = EnumType {
    name: "managedDevicePartnerReportedHealthState",
    column_type: "managed_device_partner_reported_health_state",
    members: &[
        ("unknown", 0),
        ("activated", 1),
        ("deactivated", 2),
        ("secured", 3),
        ("lowSeverity", 4),
        ("mediumSeverity", 5),
        ("highSeverity", 6),
        ("unresponsive", 7),
        ("compromised", 8),
        ("misconfigured", 9),
    ],
};

pub(in crate::model) static MANAGEMENT_AGENT_TYPE: EnumType = EnumType {
    name: "managementAgentType",
    column_type: "management_agent_type",
    members: &[
        ("eas", 1),
        ("mdm", 2),
        ("easMdm", 3),
        ("intuneClient", 4),
        ("easIntuneClient", 5),
        ("configurationManagerClient", 8),
        ("configurationManagerClientMdm", 10),
        ("configurationManagerClientMdmEas", 11),
        ("unknown", 16),
        ("jamf", 32),
        ("googleCloudDevicePolicyController", 64),
        ("microsoft365ManagedMdm", 258),
        ("msSense", 1024),
        ("intuneAosp", 2048),
        ("google", 2049),
        ("unknownFutureValue", 2050),
    ],
};

pub(in crate::model) static MANAGEMENT_STATE: EnumType = EnumType {
    name: "managementState",
    column_type: "management_state",
    members: &[
        ("managed", 0),
        ("retirePending", 1),
        ("retireFailed", 2),
        ("wipePending", 3),
        ("wipeFailed", 4),
        ("unhealthy", 5),
        ("deletePending", 6),
        ("retireIssued", 7),
        ("wipeIssued", 8),
        ("wipeCanceled", 9),
        ("retireCanceled", 10),
        ("discovered", 11),
        ("unknownFutureValue", 12),
    ],
};

pub(in crate::model) static OWNER_TYPE: EnumType = EnumType {
    name: "ownerType",
    column_type: "owner_type",
    members: &[("unknown", 0), ("company", 1), ("personal", 2)],
};
